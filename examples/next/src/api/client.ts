import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSocket } from 'graphql-ws';
import type { Client as Socket } from 'graphql-ws';
import { accessToken, fetchWithToken } from '@/auth/token';
import { zone } from '@/tasks/days';
import type { Outbox } from '@/outbox/outbox';
import type { Task } from '@/tasks/task';
import { taskCache } from './cache';
import { createFirstExchange } from './createFirst';
import { newestExchange } from './newest';

export interface Connection {
  client: Client;
  socket: Socket;
  /** The newest state of each task that was seen. */
  known: Map<string, Task>;
}

/** Connects to taskql as the signed-in user, with an empty cache. */
export function connect(taskqlURL: string, outbox: Outbox): Connection {
  const url = `${taskqlURL}/graphql`;
  const socket = createSocket({
    url: url.replace(/^http/, 'ws'),
    connectionParams: async () => ({ Authorization: `Bearer ${await accessToken()}` }),
    retryAttempts: 0, // live.ts connects again, because it must continue after the last change
    keepAlive: 15_000,
  });
  const known = new Map<string, Task>();
  const client = new Client({
    url,
    preferGetMethod: false,
    fetch: fetchWithToken,
    fetchOptions: { headers: { 'X-Time-Zone': zone() } },
    exchanges: [
      taskCache(),
      newestExchange(known),
      createFirstExchange(outbox),
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query!, variables }, sink as never) }),
        }),
      }),
      fetchExchange,
    ],
  });
  return { client, socket, known };
}
