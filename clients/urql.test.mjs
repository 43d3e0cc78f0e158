// urql's document cache: a mutation invalidates the queries that contain the same types.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, cacheExchange, fetchExchange, gql } from '@urql/core';
import { graphqlURL, mine, others, uniqueTitle } from './server.mjs';

const newClient = (headers, more) =>
  new Client({ url: graphqlURL, exchanges: [cacheExchange, fetchExchange], fetchOptions: { headers }, ...more });

const CREATE = gql`
  mutation Create($input: CreateTaskInput!) {
    createTask(input: $input) { task { id title completed } userErrors { code } }
  }
`;
const COMPLETE = gql`
  mutation Complete($id: ID!) {
    completeTask(id: $id) { task { id completed version } userErrors { code } }
  }
`;
const READ = gql`query Read($id: ID!) { task(id: $id) { id title completed } }`;
const LIST = gql`query List { tasks(first: 100) { nodes { id title } } }`;

async function create(client, title = uniqueTitle()) {
  const { data, error } = await client.mutation(CREATE, { input: { title } });
  assert.equal(error, undefined);
  return data.createTask.task;
}

for (const preferGetMethod of [false, 'force']) {
  test(`a mutation, then queries by ${preferGetMethod ? 'GET' : 'POST'}`, async () => {
    const methods = [];
    const client = newClient(mine, {
      preferGetMethod,
      fetch(address, init) {
        methods.push(init.method);
        return fetch(address, init);
      },
    });
    const { id, title } = await create(client);
    const { data, error } = await client.query(READ, { id });
    assert.equal(error, undefined);
    assert.deepEqual(data.task, { __typename: 'Task', id, title, completed: false });
    const list = await client.query(LIST, {});
    assert.ok(list.data.tasks.nodes.some((task) => task.id === id));
    assert.deepEqual(methods, ['POST', ...Array(2).fill(preferGetMethod ? 'GET' : 'POST')]);
  });
}

test('a query is read from the cache until a mutation, then fetched again', async () => {
  const client = newClient(mine);
  const { id } = await create(client);
  const outcome = async () => {
    const { data, operation } = await client.query(READ, { id });
    return [data.task.completed, operation.context.meta.cacheOutcome];
  };
  assert.deepEqual(await outcome(), [false, 'miss']);
  assert.deepEqual(await outcome(), [false, 'hit']);
  await client.mutation(COMPLETE, { id });
  assert.deepEqual(await outcome(), [true, 'miss']);
});

test('an active query is updated after a mutation', async () => {
  const client = newClient(mine);
  const { id } = await create(client);
  const seen = [];
  const done = new Promise((resolve) => {
    const { unsubscribe } = client.query(READ, { id }).subscribe(({ data, error, stale }) => {
      seen.push({ completed: data?.task.completed, error: error?.message, stale });
      if (data?.task.completed) {
        resolve(unsubscribe);
      } else if (seen.length === 1) {
        client.mutation(COMPLETE, { id }).toPromise();
      }
    });
  });
  (await done)();
  assert.deepEqual(seen.at(0), { completed: false, error: undefined, stale: false });
  assert.deepEqual(seen.at(-1), { completed: true, error: undefined, stale: false });
});

test('errors have codes', async () => {
  const failure = async (client, query) => {
    const { data, error } = await client.query(query, {});
    return [data ?? null, error.response.status, ...error.graphQLErrors.map(({ extensions }) => extensions.code)];
  };
  const client = newClient(mine);
  assert.deepEqual(await failure(client, '{ tasks(first: 101) { totalCount } }'), [null, 200, 'BAD_PAGE_SIZE']);
  assert.deepEqual(await failure(client, '{ nothing }'), [null, 400, 'GRAPHQL_VALIDATION_FAILED']);
  assert.deepEqual(await failure(newClient({}), '{ viewer { id } }'), [null, 401, 'UNAUTHENTICATED']);
});

test("another user's task is null", async () => {
  const { id } = await create(newClient(mine));
  const { data, error } = await newClient(others).query(READ, { id });
  assert.deepEqual([data, error], [{ task: null }, undefined]);
});
