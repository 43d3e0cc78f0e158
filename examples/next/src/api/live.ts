// Live updates. The cache takes each change from the subscription; this loop keeps the subscription going. It continues after
// the last change that it has seen, so a lost connection, an expired token or a new start of the server loses nothing.
import { onEnd, pipe, subscribe } from 'wonka';
import { sessionEnded } from '@/auth/token';
import { signal } from '@/ui/signal';
import type { Connection } from './client';
import { SyncToken, TaskChanged } from './documents';

/** 'connecting' until the first attempt has succeeded or failed. */
export type Status = 'connecting' | 'online' | 'offline';

export const status = signal<Status>('connecting');

interface Events {
  /** Is called after each connection. */
  connected(): void;
  /** Is called after each change. */
  changed(): void;
  /** Is called if changes may have been missed: everything must be read again. */
  missed(): void;
}

/** Returns the place in the feed of changes to follow from, or undefined if taskql does not answer soon. What is read afterwards is newer. */
export function begin({ client }: Connection): Promise<string | undefined> {
  const answer = client.query(SyncToken, {}, { requestPolicy: 'network-only' }).toPromise();
  return Promise.race([answer.then(({ data }) => data?.syncToken), new Promise<undefined>((resolve) => setTimeout(resolve, 3_000))]);
}

/** Follows the user's changes, since a place in the feed if there is one, until the signal. */
export async function follow(connection: Connection, since: string | undefined, events: Events, end: AbortSignal) {
  status.set('connecting'); // also after a connection that has missed something
  let before = false; // whether there was an attempt to connect, so that something may have been read without a connection

  const stop = connection.socket.on('connected', () => {
    status.set('online');
    if (before && !since) return events.missed(); // there is no place to continue from
    events.connected();
  });
  const lost = () => connection.socket.terminate();
  window.addEventListener('offline', lost);

  for (let pause = 250; !end.aborted; pause = Math.min(2 * pause, 8_000)) {
    const result = await one(connection, since, end, (token) => {
      since = token;
      pause = 250;
      events.changed();
    });
    if (end.aborted) break;
    before = true;
    if (result === 'BAD_SYNC_TOKEN') events.missed();
    if (status.get() === 'online') pause = 250; // the connection had been good
    status.set('offline');
    await wait(pause * (0.5 + Math.random() / 2), end);
  }
  window.removeEventListener('offline', lost);
  stop();
}

/** Runs one subscription until it ends, and returns the code of the error that ended it. */
function one({ client }: Connection, since: string | undefined, end: AbortSignal, seen: (token: string) => void) {
  return new Promise<string | undefined>((resolve) => {
    let code: string | undefined;
    const subscription = pipe(
      client.subscription(TaskChanged, { since }),
      onEnd(() => resolve(code)),
      subscribe(({ data, error }) => {
        if (data?.taskChanged) seen(data.taskChanged.token);
        if (!error) return;
        code = String(error.graphQLErrors[0]?.extensions?.code);
        resolve(code);
        queueMicrotask(() => subscription.unsubscribe());
      }),
    );
    end.addEventListener('abort', () => subscription.unsubscribe(), { once: true });
  });
}

/** Waits for the time, or until the network or the user is back, whichever is first. */
function wait(milliseconds: number, end: AbortSignal) {
  return new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    const stop = sessionEnded.subscribe(done);
    function done() {
      clearTimeout(timer);
      stop();
      window.removeEventListener('online', done);
      document.removeEventListener('visibilitychange', done);
      end.removeEventListener('abort', done);
      resolve();
    }
    window.addEventListener('online', done);
    document.addEventListener('visibilitychange', done);
    end.addEventListener('abort', done);
  });
}
