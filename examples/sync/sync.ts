// A copy of the user's tasks that stays in step with taskql, also through cuts and time without a network.
import { createClient } from 'graphql-sse';

export interface Task {
  id: string;
  title: string;
  completed: boolean;
  version: number;
  deletedAt: string | null;
}

/** A write that taskql has not confirmed yet. `task` is an id, or the key of the write that makes the task. */
export interface Write {
  key: string;
  task: string;
  input: { title?: string; completed?: boolean };
  /** The version that the user saw. None for a new task. */
  expectedVersion?: number;
}

/** Everything to keep between two starts: in IndexedDB, a file … */
export interface State {
  /** The bookmark behind the last change in the copy. */
  token?: string;
  tasks: Record<string, Task>;
  /** Writes to send, the oldest first. */
  outbox: Write[];
}

export interface Options {
  /** taskql's /graphql. */
  url: string;
  /** Returns an access token; a new one when the last was refused. */
  accessToken(renew: boolean): Promise<string>;
  save(state: State): void;
  /** Decides what becomes of a write whose task was changed meanwhile: another input, or undefined to drop it. */
  resolve(write: Write, current: Task): Write['input'] | undefined;
  /** Hears of writes that taskql does not accept; they are dropped. */
  refused(write: Write, message: string): void;
}

const TASK = 'id title completed version deletedAt';
const CHANGE = `kind taskId token task { ${TASK} }`;
const RESULT = `{ task { ${TASK} } userErrors { code message ... on VersionConflict { current { ${TASK} } } } }`;
const PULL = `query Pull($since: SyncToken) {
  taskChanges(since: $since, first: 500) { changes { ${CHANGE} } nextToken hasMore reset }
}`;
const FOLLOW = `subscription Follow($since: SyncToken) { taskChanged(since: $since) { ${CHANGE} } }`;
const CREATE = `mutation Create($key: String!, $input: CreateTaskInput!) {
  result: createTask(input: $input, idempotencyKey: $key) ${RESULT}
}`;
const UPDATE = `mutation Update($key: String!, $id: ID!, $input: UpdateTaskInput!, $expectedVersion: Int) {
  result: updateTask(id: $id, input: $input, expectedVersion: $expectedVersion, idempotencyKey: $key) ${RESULT}
}`;

interface Change {
  kind: 'SAVED' | 'TRASHED' | 'PURGED';
  taskId: string;
  token: string;
  task: Task | null;
}

/** An answer of taskql's that sending again does not change. */
class Refusal extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

export class Sync {
  #sending?: Promise<void>;
  #renew = false;

  constructor(private readonly options: Options, readonly state: State = { tasks: {}, outbox: [] }) {}

  /** What the user sees: the copy, with the writes that are still to be sent on top. */
  tasks(): { id: string; title: string; completed: boolean }[] {
    const seen = new Map(Object.values(this.state.tasks).filter((t) => !t.deletedAt).map((t) => [t.id, t]));
    for (const { task, input } of this.state.outbox) {
      seen.set(task, { title: '', completed: false, ...seen.get(task), ...input, id: task } as Task);
    }
    return [...seen.values()].map(({ id, title, completed }) => ({ id, title, completed }));
  }

  /** Makes a task and returns its id until taskql has given it one. It may be called without a network. */
  create(title: string): string {
    const key = crypto.randomUUID();
    this.#write({ key, task: key, input: { title } });
    return key;
  }

  /** Changes a task. It may be called without a network. */
  update(task: string, input: Write['input']) {
    this.#write({ key: crypto.randomUUID(), task, input, expectedVersion: this.state.tasks[task]?.version });
  }

  /** Keeps the copy in step until the signal. Every way in which it can be cut off leads around this loop. */
  async run(signal: AbortSignal) {
    for (let pause = 100; !signal.aborted; pause = Math.min(2 * pause, 10_000)) {
      try {
        await this.#pull();
        pause = 100;
        await this.#send();
        await this.#follow(signal); // until the token expires, the server stops or the network fails
      } catch (error) {
        if (error instanceof Refusal && error.code === 'BAD_SYNC_TOKEN') {
          this.state.token = undefined; // another database, or a bookmark of long ago: begin anew
        }
      }
      // With some chance in it, so that not every client comes back at the same moment.
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    }
  }

  /** Takes what has changed since the bookmark. */
  async #pull() {
    for (let more = true; more; ) {
      const { taskChanges: page } = await this.#ask(PULL, { since: this.state.token });
      if (page.reset || !this.state.token) this.state.tasks = {};
      for (const change of page.changes) this.#apply(change);
      this.state.token = page.nextToken;
      this.options.save(this.state);
      more = page.hasMore;
    }
  }

  /** Takes changes as they happen. A live query would do no better: the bookmark makes sure that nothing is missed. */
  async #follow(signal: AbortSignal) {
    const client = createClient({ url: this.options.url, headers: () => this.#headers(), retryAttempts: 0 });
    const stop = () => client.dispose();
    signal.addEventListener('abort', stop);
    try {
      const results = client.iterate<{ taskChanged: Change }>({ query: FOLLOW, variables: { since: this.state.token } });
      for await (const { data, errors } of results) {
        if (!data) throw refusal(errors);
        this.#apply(data.taskChanged);
        this.state.token = data.taskChanged.token;
        this.options.save(this.state);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  /** A change may come twice and so may an older answer of a write: the version tells which is newer. */
  #apply({ kind, taskId, task }: Pick<Change, 'kind' | 'taskId' | 'task'>) {
    if (kind === 'PURGED') delete this.state.tasks[taskId];
    else if (task && task.version >= (this.state.tasks[taskId]?.version ?? 0)) this.state.tasks[taskId] = task;
  }

  #write(write: Write) {
    this.state.outbox.push(write);
    this.options.save(this.state);
    this.#send().catch(() => {}); // the loop tries again
  }

  /** Sends what is in the outbox, one after the other, whoever asks for it. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  async #sendAll() {
    for (let write; (write = this.state.outbox[0]); this.options.save(this.state)) {
      const { key, task: id, input, expectedVersion } = write;
      const isNew = id === key;
      // When the answer is lost, this throws, and the same write is sent again with the same key: it is done once.
      const { result } = await this.#ask(isNew ? CREATE : UPDATE, { key, id: isNew ? undefined : id, input, expectedVersion });
      const [problem] = result.userErrors;
      this.state.outbox.shift();
      if (problem?.code === 'VERSION_CONFLICT') {
        this.#apply({ kind: 'SAVED', taskId: id, task: problem.current });
        const merged = this.options.resolve(write, problem.current);
        // Another write, so another key.
        if (merged) this.state.outbox.unshift({ ...write, key: crypto.randomUUID(), input: merged, expectedVersion: problem.current.version });
      } else if (problem) {
        this.options.refused(write, problem.message);
      } else {
        // The answer updates the copy, but not the bookmark: others may have written before.
        this.#apply({ kind: 'SAVED', taskId: result.task.id, task: result.task });
        for (const later of this.state.outbox) {
          if (later.task !== id) continue;
          later.task = result.task.id;
          later.expectedVersion = result.task.version; // of our own write, which is no conflict
        }
      }
    }
  }

  async #headers() {
    const token = await this.options.accessToken(this.#renew);
    this.#renew = false;
    return { Authorization: `Bearer ${token}` };
  }

  async #ask(query: string, variables: object): Promise<any> {
    const response = await fetch(this.options.url, {
      method: 'POST',
      headers: { ...(await this.#headers()), 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    this.#renew = response.status === 401;
    const { data, errors } = await response.json();
    if (errors) throw refusal(errors);
    return data;
  }
}

function refusal(errors: any): Refusal {
  return new Refusal(errors?.[0]?.extensions?.code, errors?.[0]?.message);
}
