// Writes go into the outbox first and are sent from there, one after another. It is kept in the browser's storage, so what the
// user did while offline survives a reload.
import type { Client } from '@urql/core';
import { signal } from '@/ui/signal';
import { Refused, send, Undelivered } from './send';
import type { UserError } from './send';
import { corrected, discarded, EMPTY, nextToSend, remember, sentAgain } from './state';
import type { State } from './state';
import { withId } from './write';
import type { Change, Write } from './write';

/** After how long a write that could not be delivered is sent again, unless the connection comes back earlier. */
const RETRY = 3_000;

/** How often a write is sent that taskql answers with INTERNAL. Then it is a problem, because it must not block the later writes for ever. */
const ATTEMPTS = 5;

/** After how long it is sent again the first time. The time doubles, up to RETRY. */
const FIRST_PAUSE = 500;

export class Outbox {
  readonly state = signal(EMPTY);
  /** Writes that can still be taken back: they show, and are not sent before release. */
  readonly held = signal<Write[]>([]);
  #client?: Client;
  #again?: ReturnType<typeof setTimeout>;
  /** Whether taskql gets some time after a fault, which a new write or a new connection does not shorten. */
  #isPaused = false;
  readonly #name: string;

  constructor(userId: string) {
    this.#name = `outbox:${userId}`;
    this.state.set(this.#saved());
  }

  /** Follows the other tabs, and keeps held writes when the page is left. It returns a function that ends this. */
  open() {
    const read = ({ key }: StorageEvent) => key === this.#name && this.state.set(this.#saved());
    const leave = () => this.release(this.held.get().map(({ key }) => key));
    window.addEventListener('storage', read);
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('storage', read);
      window.removeEventListener('pagehide', leave);
      leave();
      clearTimeout(this.#again);
    };
  }

  /** Adds writes, which show at once, and sends them. It returns their keys. */
  add(changes: Change[]): string[] {
    const writes = this.#stamp(changes);
    this.#update((state) => ({ writes: [...state.writes, ...writes] }));
    void this.flush();
    return writes.map(({ key }) => key);
  }

  /** Adds writes that wait for release or cancel. It returns their keys. */
  hold(changes: Change[]): string[] {
    const writes = this.#stamp(changes);
    this.held.set([...this.held.get(), ...writes]);
    return writes.map(({ key }) => key);
  }

  cancel(keys: string[]) {
    this.held.set(this.held.get().filter(({ key }) => !keys.includes(key)));
  }

  release(keys: string[]) {
    const released = this.held.get().filter(({ key }) => keys.includes(key));
    if (!released.length) return;
    this.#update(({ writes }) => ({ writes: [...writes, ...released] }));
    this.cancel(keys);
    void this.flush();
  }

  /** Forgets a problem, because the user has given up, and what depends on it. */
  discard(key: string) {
    this.#update((state) => discarded(state, key));
  }

  /** Sends a rejected write once more, before all others. */
  sendAgain(key: string) {
    this.#update((state) => sentAgain(state, key));
    void this.flush();
  }

  /** Sends a change in the place of a rejected write. */
  correct(key: string, change: Change) {
    this.#update((state) => corrected(state, key, change));
    void this.flush();
  }

  /** Sets how writes are sent, and sends what is there. */
  connect(client: Client) {
    this.#client = client;
    void this.flush();
  }

  /** Sends the writes until none is left that can be sent, or until one could not be delivered. Only one tab sends at a time. */
  async flush() {
    await navigator.locks.request(this.#name, async () => {
      if (this.#isPaused) return;
      clearTimeout(this.#again);
      try {
        for (let write; (write = nextToSend(this.state.get())); ) await this.#send(write);
      } catch (error) {
        if (!(error instanceof Undelivered)) throw error;
        this.#isPaused = error.pause !== undefined;
        this.#again = setTimeout(() => {
          this.#isPaused = false;
          void this.flush();
        }, error.pause ?? RETRY);
      }
    });
  }

  async #send(write: Write) {
    if (!this.#client) throw new Undelivered();
    let id: string | undefined;
    let errors: readonly UserError[];
    try {
      ({ id, errors } = await send(this.#client, write));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === 'INTERNAL') this.#countFault(write);
      errors = [{ __typename: 'Failure', code: error.code, message: error.message, field: null }];
    }
    this.#update(({ writes, problems, created }) => ({
      writes: writes.filter(({ key }) => key !== write.key).map((later) => (id ? withId(later, write.key, id) : later)),
      problems: errors.length ? [...problems, { write, errors }] : problems,
      created: id ? remember(created, id, write.key) : created,
    }));
  }

  /** Throws Undelivered, unless it was the last attempt. */
  #countFault({ key, faults = 0 }: Write) {
    if (faults + 1 >= ATTEMPTS) return;
    this.#update(({ writes }) => ({ writes: writes.map((write) => (write.key === key ? { ...write, faults: faults + 1 } : write)) }));
    throw new Undelivered('taskql has a fault.', Math.min(FIRST_PAUSE * 2 ** faults, RETRY));
  }

  #saved(): State {
    return { ...EMPTY, ...JSON.parse(localStorage.getItem(this.#name) ?? '{}') };
  }

  #update(change: (state: State) => Partial<State>) {
    const saved = this.#saved(); // other tabs write here, too
    const state = { ...saved, ...change(saved) };
    localStorage.setItem(this.#name, JSON.stringify(state));
    this.state.set(state);
  }

  #stamp(changes: Change[]): Write[] {
    const at = new Date().toISOString();
    return changes.map((change) => {
      // The screen may still show a task by the key under which it was created.
      for (const [id, key] of this.state.get().created) change = withId(change, key, id);
      return { ...change, key: crypto.randomUUID(), at };
    });
  }
}
