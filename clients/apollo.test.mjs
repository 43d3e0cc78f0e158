// Apollo Client's normalized cache: Relay pages are merged, and the response to a mutation updates tasks by id.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { filter, firstValueFrom } from 'rxjs';
import { graphqlURL, mine, others, uniqueTitle } from './server.mjs';

const newClient = (headers = mine) =>
  new ApolloClient({
    link: new HttpLink({ uri: graphqlURL, headers }),
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { tasks: relayStylePagination(['orderBy', 'trash']) } } },
    }),
  });

const CREATE = gql`
  mutation Create($input: CreateTaskInput!) {
    createTask(input: $input) { task { id title completed } userErrors { code } }
  }
`;
const COMPLETE = gql`
  mutation Complete($id: ID!) {
    completeTask(id: $id) { task { id completed completedAt version } userErrors { code } }
  }
`;
const READ = gql`query Read($id: ID!) { task(id: $id) { id title completed } }`;
const LIST = gql`
  query List($first: Int, $after: String, $orderBy: [TaskOrder!]) {
    tasks(first: $first, after: $after, orderBy: $orderBy) {
      edges { cursor node { id title completed } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;

async function create(client, title = uniqueTitle()) {
  const { data } = await client.mutate({ mutation: CREATE, variables: { input: { title } } });
  assert.deepEqual(data.createTask.userErrors, []);
  return data.createTask.task;
}

test('relayStylePagination merges the pages into one list', async () => {
  const client = newClient();
  const ids = [];
  for (let i = 0; i < 5; i++) {
    ids.unshift((await create(client)).id); // newest first
  }
  const list = client.watchQuery({ query: LIST, variables: { first: 2 } });
  const subscription = list.subscribe(() => {}); // as a component would
  const loaded = () => firstValueFrom(list.pipe(filter(({ loading }) => !loading)));
  let { data } = await loaded();
  assert.equal(data.tasks.edges.length, 2);
  while (data.tasks.pageInfo.hasNextPage) {
    const before = data.tasks.edges.length;
    await list.fetchMore({ variables: { after: data.tasks.pageInfo.endCursor } });
    ({ data } = await loaded());
    assert.ok(data.tasks.edges.length > before, 'a page was not added');
  }
  subscription.unsubscribe();
  // Tasks of other tests may be between them.
  assert.deepEqual(data.tasks.edges.map(({ node }) => node.id).filter((id) => ids.includes(id)), ids);
  assert.equal(data.tasks.pageInfo.hasPreviousPage, false);
});

test('completeTask updates the task in every query of the cache', async () => {
  const client = newClient();
  const { id, title } = await create(client);
  await client.query({ query: LIST, variables: { first: 100 } });
  await client.query({ query: READ, variables: { id } });
  const { data } = await client.mutate({ mutation: COMPLETE, variables: { id } });
  assert.deepEqual(data.completeTask.userErrors, []);
  const cached = client.cache.readQuery({ query: READ, variables: { id } });
  assert.deepEqual(cached.task, { __typename: 'Task', id, title, completed: true });
  const { tasks } = client.cache.readQuery({ query: LIST, variables: { first: 100 } });
  assert.equal(tasks.edges.find(({ node }) => node.id === id).node.completed, true);
  const fromServer = await client.query({ query: READ, variables: { id }, fetchPolicy: 'network-only' });
  assert.deepEqual(fromServer.data.task, cached.task);
});

test('a deleted task is removed from the cache by the id in the response', async () => {
  const client = newClient();
  const { id } = await create(client);
  await client.query({ query: LIST, variables: { first: 100 } });
  await client.mutate({
    mutation: gql`mutation Delete($id: ID!) { deleteTask(id: $id) { deletedTaskId userErrors { code } } }`,
    variables: { id },
    update(cache, { data }) {
      cache.evict({ id: cache.identify({ __typename: 'Task', id: data.deleteTask.deletedTaskId }) });
    },
  });
  const { tasks } = client.cache.readQuery({ query: LIST, variables: { first: 100 } });
  assert.ok(!tasks.edges.some(({ node }) => node.id === id));
});

// One field fails, and the other one has its data.
const PARTIAL = gql`query Partial($days: Int!) { viewer { id } taskStats { completedPerDay(days: $days) { count } } }`;
const partial = { query: PARTIAL, variables: { days: 91 }, fetchPolicy: 'no-cache' };
const codes = (error) => {
  assert.ok(CombinedGraphQLErrors.is(error), error);
  return error.errors.map(({ extensions, path }) => [extensions.code, path?.join('.')]);
};

test('error policy "all" returns the data and the errors', async () => {
  const { data, error } = await newClient().query({ ...partial, errorPolicy: 'all' });
  assert.ok(data.viewer.id);
  assert.equal(data.taskStats, null);
  assert.deepEqual(codes(error), [['BAD_USER_INPUT', 'taskStats.completedPerDay.days']]);
});

test('error policy "ignore" returns only the data', async () => {
  const { data, error } = await newClient().query({ ...partial, errorPolicy: 'ignore' });
  assert.deepEqual([data.taskStats, error], [null, undefined]);
  assert.ok(data.viewer.id);
});

test('error policy "none" rejects', async () => {
  const rejected = async (promise) => codes(await promise.then(() => assert.fail('it resolved'), (error) => error));
  assert.deepEqual(await rejected(newClient().query(partial)), [['BAD_USER_INPUT', 'taskStats.completedPerDay.days']]);
  const tooMany = { query: LIST, variables: { first: 101 } };
  assert.deepEqual(await rejected(newClient().query(tooMany)), [['BAD_PAGE_SIZE', 'tasks']]);
  const signedOut = newClient({}).query({ query: gql`{ viewer { id } }` });
  assert.deepEqual(await rejected(signedOut), [['UNAUTHENTICATED', undefined]]);
});

test("another user's task is null", async () => {
  const { id } = await create(newClient());
  const { data } = await newClient(others).query({ query: READ, variables: { id } });
  assert.deepEqual(data, { task: null });
});
