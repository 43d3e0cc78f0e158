'use client';

import { createContext, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Provider } from 'urql';
import { connect } from '@/api/client';
import type { Connection } from '@/api/client';
import { begin, follow } from '@/api/live';
import { sessionEnded, setOwner } from '@/auth/token';
import { Outbox } from '@/outbox/outbox';
import { signal } from '@/ui/signal';
import type { Signal } from '@/ui/signal';

export interface User {
  id: string;
  name: string;
  email: string;
}

interface Working extends Connection {
  user: User;
  outbox: Outbox;
  /** Counts the changes of the user's tasks, anywhere. */
  changes: Signal<number>;
}

const Context = createContext<Working | null>(null);

/** Returns the connection to taskql and the outbox. Only components inside of Ready may call it. */
export function useSession(): Working {
  return useContext(Context)!;
}

/** Connects the signed-in user with taskql. */
export function Session({ user, taskqlURL, children }: { user: User; taskqlURL: string; children: ReactNode }) {
  const [working, setWorking] = useState<Working | null>(null);
  // When changes may have been missed, a new connection with an empty cache takes over.
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const end = new AbortController();
    setOwner(user.id);
    const outbox = new Outbox(user.id);
    const connection = connect(taskqlURL, outbox);
    const changes = signal(0);
    const close = outbox.open();
    outbox.connect(connection.client);
    const changed = () => changes.set(changes.get() + 1);
    const events = { changed, connected: () => void outbox.flush(), missed: () => setAttempt((n) => n + 1) };
    // The place in the feed comes first, so that no change between it and the first list is missed.
    void begin(connection).then((since) => {
      if (end.signal.aborted) return;
      setWorking({ ...connection, user, outbox, changes });
      void follow(connection, since, events, end.signal);
    });
    const stop = sessionEnded.subscribe(() => !sessionEnded.get() && void outbox.flush());
    return () => {
      end.abort();
      stop();
      close();
      void connection.socket.dispose();
    };
  }, [user.id, taskqlURL, attempt]);

  return (
    <Context value={working}>
      {working ? <Provider value={working.client}>{children}</Provider> : children}
    </Context>
  );
}

/** Renders its children when the browser is connected; before, and on the server, the fallback of the same size. */
export function Ready({ fallback = null, children }: { fallback?: ReactNode; children: ReactNode }) {
  return useContext(Context) ? children : fallback;
}
