// The front ends on a server that runs the documents of their manifests only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CombinedGraphQLErrors, gql } from '@apollo/client';
import { generatePersistedQueryIdsAtRuntime, generatePersistedQueryIdsFromManifest } from '@apollo/persisted-query-lists';
import { createJiti } from 'jiti';
import relay from 'relay-runtime';
import { uniqueTitle, url } from '../server.mjs';
import { CREATE, LIST } from './apollo/operations.mjs';
import ChangedSubscription from './built/relay/operationsChangedSubscription.graphql.js';
import CreateMutation from './built/relay/operationsCreateMutation.graphql.js';
import ListQuery from './built/relay/operationsListQuery.graphql.js';
import { apollo, follows, manifest, recorded, relayEnvironment, sha256, urql } from './front-ends.mjs';

const codegen = await createJiti(import.meta.url).import('./codegen/operations.ts');

const apolloIDs = {
  'from the manifest': () => generatePersistedQueryIdsFromManifest({ loadManifest: async () => manifest('apollo.json') }),
  'at run time': () => generatePersistedQueryIdsAtRuntime({ sha256 }),
};
for (const [name, ids] of Object.entries(apolloIDs)) {
  for (const useGETForHashedQueries of [false, true]) {
    test(`Apollo's manifest, with ids ${name} by ${useGETForHashedQueries ? 'GET' : 'POST'}`, async () => {
      const { sent, fetch } = recorded();
      const client = apollo(url, { ...ids(), useGETForHashedQueries }, { fetch });
      const title = uniqueTitle();
      const created = await client.mutate({ mutation: CREATE, variables: { input: { title } } });
      assert.equal(created.data.createTask.task.title, title);
      const { data } = await client.query({ query: LIST, variables: { first: 100 } });
      assert.ok(data.tasks.nodes.some((task) => task.title === title));
      assert.deepEqual(sent, ['POST hash', `${useGETForHashedQueries ? 'GET' : 'POST'} hash`]);
    });
  }
}

const codegenIDs = { generateHash: async (_, document) => document.__meta__.hash, enforcePersistedQueries: true, enableForMutation: true, enableForSubscriptions: true };
for (const preferGetForPersistedQueries of [false, 'force']) {
  test(`GraphQL Code Generator's manifest, with urql by ${preferGetForPersistedQueries ? 'GET' : 'POST'}`, async () => {
    const { sent, fetch } = recorded();
    const client = urql(url, { ...codegenIDs, preferGetForPersistedQueries }, { fetch });
    const title = uniqueTitle();
    const created = await client.mutation(codegen.Create, { input: { title } });
    assert.equal(created.error, undefined);
    const { data, error } = await client.query(codegen.List, { first: 100 });
    assert.equal(error, undefined);
    assert.ok(data.tasks.nodes.some((task) => task.title === title));
    assert.deepEqual(sent, ['POST hash', `${preferGetForPersistedQueries ? 'GET' : 'POST'} hash`]);
  });
}

test("GraphQL Code Generator's manifest, with urql over a WebSocket", async () => {
  const client = urql(url, codegenIDs);
  await follows(
    (seen, failed) => client.subscription(codegen.Changed, {}).subscribe(({ data, error }) => (error ? failed(error) : seen(data.taskChanged.task))).unsubscribe,
    (title) => client.mutation(codegen.Create, { input: { title } }).toPromise(),
  );
});

const relayCreate = (environment, title) =>
  new Promise((onCompleted, onError) => {
    relay.commitMutation(environment, { mutation: CreateMutation, variables: { input: { title } }, onCompleted, onError });
  });
for (const [name, live] of [['doc_id', 'sockets'], ['id', 'events'], ['documentId', 'sockets']]) {
  test(`Relay's manifest, with ids under ${name}`, async () => {
    const environment = relayEnvironment(url, name, live);
    const title = uniqueTitle();
    const { createTask } = await relayCreate(environment, title);
    assert.equal(createTask.task.title, title);
    await relay.fetchQuery(environment, ListQuery, { first: 100 }).toPromise();
    const records = environment.getStore().getSource();
    assert.ok(records.getRecordIDs().some((id) => records.get(id)?.title === title));
  });
  test(`Relay's manifest, with ids under ${name}: ${live}`, async () => {
    const environment = relayEnvironment(url, name, live);
    const subscription = { subscription: ChangedSubscription, variables: {} };
    await follows(
      (seen, failed) => relay.requestSubscription(environment, { ...subscription, onNext: ({ taskChanged }) => seen(taskChanged.task), onError: failed }).dispose,
      (title) => relayCreate(environment, title),
    );
  });
}

test('other documents are refused', async () => {
  const other = { query: gql`query Other { viewer { id } }` };
  const code = async (client) => {
    const error = await client.query(other).then(() => assert.fail('it was answered'), (error) => error);
    assert.ok(CombinedGraphQLErrors.is(error), error);
    return error.errors.map(({ extensions }) => extensions.code);
  };
  assert.deepEqual(await code(apollo(url)), ['PERSISTED_QUERY_ONLY']);
  const { sent, fetch } = recorded();
  assert.deepEqual(await code(apollo(url, { sha256 }, { fetch })), ['PERSISTED_QUERY_ONLY']);
  assert.deepEqual(sent, ['POST hash', 'POST hash and query']);
});
