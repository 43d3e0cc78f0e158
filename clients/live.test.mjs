// Subscriptions through the libraries that front ends use: each receives past changes, then new ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { WebSocketLink } from '@apollo/client/link/ws';
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createEventsClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { SubscriptionClient } from 'subscriptions-transport-ws';
import WebSocket from 'ws';
import { graphqlURL, mine, uniqueTitle } from './server.mjs';

const socketURL = graphqlURL.replace('http', 'ws');
const connectionParams = { Authorization: mine.authorization };
const LIVE = `subscription Live($since: SyncToken) { taskChanged(since: $since) { kind task { id title } token } }`;

async function ask(query, variables) {
  const response = await fetch(graphqlURL, {
    method: 'POST',
    headers: { ...mine, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return data;
}

const CREATE = `mutation Create($title: String!) { createTask(input: { title: $title }) { task { id } syncToken } }`;
const create = async (title) => (await ask(CREATE, { title })).createTask;

/**
 * Subscribes, and expects one task from before and one created later. The test files run at the same time as the same
 * user, so tasks of other files are skipped.
 */
async function follows(subscribe) {
  const { syncToken: since } = await create(uniqueTitle('Before'));
  const [missed, live] = [uniqueTitle('Missed'), uniqueTitle('Live')];
  await create(missed);
  let unsubscribe;
  await new Promise((resolve, reject) => {
    unsubscribe = subscribe({ query: LIVE, variables: { since } }, {
      async next({ data, errors }) {
        if (errors) return reject(new Error(JSON.stringify(errors)));
        const { title } = data.taskChanged.task ?? {};
        if (title === missed) await create(live);
        if (title === live) resolve();
      },
      error: reject,
      complete: () => reject(new Error('the subscription is complete')),
    });
  });
  unsubscribe();
}

test('graphql-ws', async () => {
  const client = createSocketClient({ url: socketURL, webSocketImpl: WebSocket, connectionParams });
  await follows((request, sink) => client.subscribe(request, sink));
  await client.dispose();
});

test('graphql-ws reconnects with the last sync token', async () => {
  let socket, last, connections = 0;
  const client = createSocketClient({
    url: socketURL, webSocketImpl: WebSocket, connectionParams, retryAttempts: 5, retryWait: async () => {}, shouldRetry: () => true,
    on: { connected: (s) => { socket = s; connections++; } },
  });
  const titles = [1, 2, 3, 4].map((n) => uniqueTitle(`Cut ${n}`));
  ({ syncToken: last } = await create(titles[0]));
  const heard = new Promise((resolve, reject) => {
    // The variables are read again for each connection.
    const variables = { get since() { return last; } };
    client.subscribe({ query: LIVE, variables }, {
      async next({ data }) {
        last = data.taskChanged.token;
        const n = titles.indexOf(data.taskChanged.task?.title);
        if (n > 0 && n < 3) {
          socket.terminate();
          await create(titles[n + 1]); // while nobody listens
        } else if (n === 3) resolve();
      },
      error: reject,
      complete() {},
    });
  });
  await create(titles[1]);
  await heard;
  assert.equal(connections, 3);
  await client.dispose();
});

test('graphql-ws without a token gives up with 4401', async () => {
  const client = createSocketClient({ url: socketURL, webSocketImpl: WebSocket, retryAttempts: 5 });
  const failure = await new Promise((resolve) => client.subscribe({ query: LIVE }, { next() {}, error: resolve, complete: resolve }));
  assert.equal(failure?.code, 4401);
});

test('graphql-sse', async () => {
  const client = createEventsClient({ url: graphqlURL, headers: mine });
  await follows((request, sink) => client.subscribe(request, sink));
  client.dispose();
});

test('graphql-sse: queries and mutations', async () => {
  const client = createEventsClient({ url: graphqlURL, headers: mine });
  const title = uniqueTitle();
  const results = [];
  for await (const result of client.iterate({ query: CREATE, variables: { title } })) results.push(result);
  assert.equal(results.length, 1);
  assert.ok(results[0].data.createTask.task.id);
});

test('Apollo Client over graphql-ws', async () => {
  const socket = createSocketClient({ url: socketURL, webSocketImpl: WebSocket, connectionParams });
  const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
  await follows(({ query, variables }, sink) => {
    const subscription = client.subscribe({ query: gql(query), variables }).subscribe(sink);
    return () => subscription.unsubscribe();
  });
  client.stop();
  await socket.dispose();
});

test('Apollo Client over the older protocol', async () => {
  const socket = new SubscriptionClient(socketURL, { connectionParams, reconnect: true }, WebSocket);
  const client = new ApolloClient({ link: new WebSocketLink(socket), cache: new InMemoryCache() });
  await follows(({ query, variables }, sink) => {
    const subscription = client.subscribe({ query: gql(query), variables }).subscribe(sink);
    return () => subscription.unsubscribe();
  });
  client.stop();
  socket.close();
});

test('Apollo Client over HTTP gets an error that names the transports', async () => {
  const client = new ApolloClient({ link: new HttpLink({ uri: graphqlURL, headers: mine }), cache: new InMemoryCache() });
  const outcome = await new Promise((resolve) => {
    client.subscribe({ query: gql(LIVE) }).subscribe({ next: ({ error }) => resolve(error), error: resolve, complete: resolve });
  });
  assert.match(String(outcome?.message), /status code 406|server-sent events/);
  client.stop();
});

test('urql over graphql-ws', async () => {
  const socket = createSocketClient({ url: socketURL, webSocketImpl: WebSocket, connectionParams });
  const client = new Client({
    url: graphqlURL,
    exchanges: [cacheExchange, fetchExchange, subscriptionExchange({
      forwardSubscription: (request) => ({ subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }) }),
    })],
  });
  await follows(({ query, variables }, sink) => client.subscription(query, variables).subscribe(({ data, error }) =>
    error ? sink.error(error) : sink.next({ data })).unsubscribe);
  await socket.dispose();
});

test('urql over server-sent events, without another library', async () => {
  const client = new Client({
    url: graphqlURL,
    exchanges: [cacheExchange, fetchExchange],
    fetchSubscriptions: true,
    fetchOptions: { headers: mine },
  });
  await follows(({ query, variables }, sink) => client.subscription(query, variables).subscribe(({ data, error }) =>
    error ? sink.error(error) : sink.next({ data })).unsubscribe);
});
