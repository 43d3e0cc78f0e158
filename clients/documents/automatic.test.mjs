// Automatic persisted queries on a server without a manifest, with the links of Apollo and urql.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gql } from '@apollo/client';
import { gql as urqlGQL } from '@urql/core';
import { uniqueTitle } from '../server.mjs';
import { apollo, follows, recorded, sha256, urql } from './front-ends.mjs';

const url = process.env.TASKQL_OPEN_URL;
let operations = 0;
const newName = (client) => `${client}${process.pid}Number${operations++}`; // so that the server does not know the document

for (const useGETForHashedQueries of [false, true]) {
  const method = useGETForHashedQueries ? 'GET' : 'POST';
  test(`Apollo by ${method}`, async () => {
    const { sent, fetch } = recorded();
    const query = gql`query ${newName('Apollo')} { viewer { id } }`;
    for (const _ of [1, 2]) {
      const { data } = await apollo(url, { sha256, useGETForHashedQueries }, { fetch }).query({ query });
      assert.ok(data.viewer.id);
    }
    assert.deepEqual(sent, [`${method} hash`, 'POST hash and query', `${method} hash`]);
  });
}

test('Apollo with a mutation', async () => {
  const { sent, fetch } = recorded();
  const mutation = gql`mutation ${newName('Apollo')}($input: CreateTaskInput!) { createTask(input: $input) { task { title } } }`;
  for (const _ of [1, 2]) {
    const title = uniqueTitle();
    const { data } = await apollo(url, { sha256 }, { fetch }).mutate({ mutation, variables: { input: { title } } });
    assert.equal(data.createTask.task.title, title);
  }
  assert.deepEqual(sent, ['POST hash', 'POST hash and query', 'POST hash']);
});

for (const preferGetForPersistedQueries of [false, 'force']) {
  const method = preferGetForPersistedQueries ? 'GET' : 'POST';
  test(`urql by ${method}`, async () => {
    const { sent, fetch } = recorded();
    const query = urqlGQL(`query ${newName('Urql')} { viewer { id } }`);
    for (const _ of [1, 2]) {
      const { data, error } = await urql(url, { preferGetForPersistedQueries }, { fetch }).query(query, {});
      assert.equal(error, undefined);
      assert.ok(data.viewer.id);
    }
    assert.deepEqual(sent, [`${method} hash`, `${method} hash and query`, `${method} hash`]);
  });
}

test('urql over a WebSocket', async () => {
  const query = urqlGQL(`subscription ${newName('Urql')} { taskChanged { task { title } } }`);
  const client = urql(url, { enableForSubscriptions: true });
  const create = urqlGQL('mutation Create($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }');
  await follows(
    (seen, failed) => client.subscription(query, {}).subscribe(({ data, error }) => (error ? failed(error) : seen(data.taskChanged.task))).unsubscribe,
    (title) => client.mutation(create, { input: { title } }).toPromise(),
  );
});
