// A local copy of the user's tasks that is kept in sync with taskql. It survives lost connections and time offline.
import { createClient } from 'graphql-sse';

export interface Task {
  id: string;
  title: string;
  completed: boolean;
  version: number;
  deletedAt: string | null;
}

/** A write that taskql has not confirmed yet. `task` is an id, or the key of the write that creates the task. */
export interface Write {
  key: string;
  task: string;
  input: { title?: string; completed?: boolean };
  /** The version that the user has seen; undefined for a new task. */
  expectedVersion?: number;
}

/** Everything to store between two starts, in IndexedDB or a file. */
export interface State {
  /** The sync token of the last change in the copy. */
  token?: string;
  tasks: Record<string, Task>;
  /** Writes to send, oldest first. */
  outbox: Write[];
}

export interface Options {
  /** The address of taskql's /graphql. */
  url: string;
  /** Returns an access token: a new one if `renew` is true, because the last was refused. */
  accessToken(renew: boolean): Promise<string>;
  save(state: State): void;
  /** Resolves a conflict with another change of the task. Returns the input to send instead, or undefined to drop the write. */
  resolve(write: Write, current: Task): Write['input'] | undefined;
  /** Is called for each write that taskql rejects. The write is dropped. */
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

/** An error in taskql's response. Sending the request again gives the same error. */
class Refusal extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

export class Sync {
  #sending?: Promise<void>;
  #renew = false;
  /** Closes the stream of changes, if there is one. */
  #cut = () => {};

  constructor(private readonly options: Options, readonly state: State = { tasks: {}, outbox: [] }) {}

  /** Returns what the user sees: the copy with the unsent writes applied. */
  tasks(): { id: string; title: string; completed: boolean }[] {
    const seen = new Map(Object.values(this.state.tasks).filter((t) => !t.deletedAt).map((t) => [t.id, t]));
    for (const { task, input } of this.state.outbox) {
      seen.set(task, { title: '', completed: false, ...seen.get(task), ...input, id: task } as Task);
    }
    return [...seen.values()].map(({ id, title, completed }) => ({ id, title, completed }));
  }

  /** Creates a task and returns its id, which is temporary until taskql has confirmed the task. Works offline. */
  create(title: string): string {
    const key = crypto.randomUUID();
    this.#write({ key, task: key, input: { title } });
    return key;
  }

  /** Changes a task. Works offline. */
  update(task: string, input: Write['input']) {
    this.#write({ key: crypto.randomUUID(), task, input, expectedVersion: this.state.tasks[task]?.version });
  }

  /** Keeps the copy in sync until the signal. After every kind of failure, this loop starts again. */
  async run(signal: AbortSignal) {
    for (let pause = 100; !signal.aborted; pause = Math.min(2 * pause, 10_000)) {
      try {
        await this.#pull();
        pause = 100;
        await this.#send();
        await this.#follow(signal); // until the token expires, the server stops or the network fails
      } catch (error) {
        if (error instanceof Refusal && error.code === 'BAD_SYNC_TOKEN') {
          this.state.token = undefined; // of another database: begin with a new snapshot
        }
      }
      // The random part keeps clients from connecting again all at the same moment.
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    }
  }

  /** Reads the changes since the sync token. */
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

  /** Receives changes as they happen. Because it starts at the sync token, it misses none. */
  async #follow(signal: AbortSignal) {
    const client = createClient({ url: this.options.url, headers: () => this.#headers(), retryAttempts: 0 });
    const stop = (this.#cut = () => client.dispose());
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

  /** Applies a change unless the copy has a newer version: a change may arrive twice, and the response to a write late. */
  #apply({ kind, taskId, task }: Pick<Change, 'kind' | 'taskId' | 'task'>) {
    if (kind === 'PURGED') delete this.state.tasks[taskId];
    else if (task && task.version >= (this.state.tasks[taskId]?.version ?? 0)) this.state.tasks[taskId] = task;
  }

  #write(write: Write) {
    this.state.outbox.push(write);
    this.options.save(this.state);
    this.#send().catch(() => this.#cut()); // which starts the loop again, and the loop sends again
  }

  /** Sends the writes of the outbox one after another. Calls at the same time share one run. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  async #sendAll() {
    for (let write; (write = this.state.outbox[0]); this.options.save(this.state)) {
      const { key, task: id, input, expectedVersion } = write;
      const isNew = id === key;
      // If the response is lost, this throws. The write is then sent again with the same key, and taskql applies it once.
      const { result } = await this.#ask(isNew ? CREATE : UPDATE, { key, id: isNew ? undefined : id, input, expectedVersion });
      const [problem] = result.userErrors;
      this.state.outbox.shift();
      if (problem?.code === 'VERSION_CONFLICT') {
        this.#apply({ kind: 'SAVED', taskId: id, task: problem.current });
        const merged = this.options.resolve(write, problem.current);
        // This is another write, so it needs another key.
        if (merged) this.state.outbox.unshift({ ...write, key: crypto.randomUUID(), input: merged, expectedVersion: problem.current.version });
      } else if (problem) {
        this.options.refused(write, problem.message);
      } else {
        // The response updates the copy but not the sync token, because others may have written before.
        this.#apply({ kind: 'SAVED', taskId: result.task.id, task: result.task });
        for (const later of this.state.outbox) {
          if (later.task !== id) continue;
          later.task = result.task.id;
          later.expectedVersion = result.task.version; // our own write is no conflict
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
