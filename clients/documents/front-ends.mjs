// Clients of the front ends whose operations are in apollo/, codegen/ and relay/.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createClient as createEventsClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import relay from 'relay-runtime';
import WebSocket from 'ws';
import { mine, uniqueTitle } from '../server.mjs';

export const manifest = (name) => JSON.parse(readFileSync(new URL(`built/${name}`, import.meta.url), 'utf8'));
export const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** fetch that keeps what it has sent: "POST query", "POST hash", "POST hash and query", and the same with GET. */
export function recorded() {
  const sent = [];
  return {
    sent,
    fetch(address, init) {
      const body = init.method === 'POST' ? JSON.parse(init.body) : Object.fromEntries(new URL(address).searchParams);
      const what = [body.extensions && 'hash', body.query && 'query'].filter(Boolean);
      sent.push(`${init.method} ${what.join(' and ')}`);
      return fetch(address, init);
    },
  };
}

export function apollo(url, persisted, more) {
  const http = new HttpLink({ uri: `${url}/graphql`, headers: mine, ...more });
  return new ApolloClient({
    link: persisted ? new PersistedQueryLink(persisted).concat(http) : http,
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'no-cache' }, mutate: { fetchPolicy: 'no-cache' } },
  });
}

const sockets = (url) =>
  createSocketClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: { Authorization: mine.authorization } });
const events = (url) => createEventsClient({ url: `${url}/graphql`, headers: mine });

export const urql = (url, persisted, more) =>
  new Client({
    url: `${url}/graphql`,
    fetchOptions: { headers: mine },
    exchanges: [
      ...(persisted ? [persistedExchange(persisted)] : []),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: sockets(url).subscribe({ ...request, query: request.query ?? '' }, sink) }),
        }),
      }),
    ],
    ...more,
  });

/** Relay sends ids under a name that its user chooses, and subscribes over WebSockets or event streams. */
export const relayEnvironment = (url, name, live) =>
  new relay.Environment({
    store: new relay.Store(new relay.RecordSource()),
    network: relay.Network.create(
      async ({ id }, variables) => {
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { ...mine, 'content-type': 'application/json' },
          body: JSON.stringify({ [name]: id, variables }),
        });
        return response.json();
      },
      ({ id }, variables) =>
        relay.Observable.create((sink) => (live === 'events' ? events : sockets)(url).subscribe({ [name]: id, query: '', variables }, sink)),
    ),
  });

/** Creates tasks, one after the other, until a subscription has sent one of them: nothing tells a client when it has begun. */
export async function follows(subscribe, create) {
  const titles = new Set();
  let unsubscribe;
  let ended = false;
  const seen = new Promise((resolve, reject) => {
    unsubscribe = subscribe((task) => titles.has(task?.title) && resolve(), reject);
  }).finally(() => { ended = true; });
  const late = Date.now() + 120_000;
  try {
    while (!ended) {
      assert.ok(Date.now() < late, 'the subscription sends no task');
      const title = uniqueTitle('Live');
      titles.add(title);
      await create(title);
    }
    await seen;
  } finally {
    unsubscribe(); // or Node.js does not end
  }
}
