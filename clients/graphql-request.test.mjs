// Every operation through graphql-request, which changes no documents and has no cache.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientError, GraphQLClient, gql } from 'graphql-request';
import { graphqlURL, mine, others, uniqueTitle, user } from './server.mjs';

const client = new GraphQLClient(graphqlURL, { headers: mine });
const stranger = new GraphQLClient(graphqlURL, { headers: others });

const TASK = gql`
  fragment Task on Task {
    id userId title description priority tags completed completedAt dueDate dueAt version deletedAt
  }
`;
const ERRORS = gql`
  fragment Errors on Payload {
    userErrors {
      code message field
      ... on InvalidInput { limit }
      ... on TaskNotFound { taskId }
      ... on VersionConflict { current { id title version } }
    }
  }
`;
const CREATE = gql`
  mutation Create($input: CreateTaskInput!) {
    createTask(input: $input) { task { ...Task } ...Errors }
  }
  ${TASK} ${ERRORS}
`;
const UPDATE = gql`
  mutation Update($id: ID!, $input: UpdateTaskInput!, $expectedVersion: Int) {
    updateTask(id: $id, input: $input, expectedVersion: $expectedVersion) { task { ...Task } ...Errors }
  }
  ${TASK} ${ERRORS}
`;
const READ = gql`
  query Read($id: ID!) {
    task(id: $id) { ...Task }
    node(id: $id) { __typename id }
  }
  ${TASK}
`;
const LIST = gql`
  query List($first: Int, $after: String, $last: Int, $before: String, $orderBy: [TaskOrder!], $trash: TrashScope! = EXCLUDE) {
    tasks(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, trash: $trash) {
      edges { cursor node { id title } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }
`;

/** The mutations with an id and an optional version. */
const change = (field, variables, by = client) =>
  by
    .request(`mutation Change($id: ID!) { change: ${field}(id: $id) { task { ...Task } ...Errors } } ${TASK} ${ERRORS}`, variables)
    .then(({ change }) => change);
const create = async (input, by = client) => {
  const { createTask } = await by.request(CREATE, { input });
  assert.deepEqual(createTask.userErrors, []);
  return createTask.task;
};
const update = (variables, by = client) => by.request(UPDATE, variables).then(({ updateTask }) => updateTask);
const read = (id, by = client) => by.request(READ, { id });

/** Returns the errors of a request that must fail as a whole. */
async function failure(promise) {
  const error = await promise.then(
    (data) => assert.fail(`got data: ${JSON.stringify(data)}`),
    (error) => error,
  );
  assert.ok(error instanceof ClientError, error);
  return { status: error.response.status, codes: error.response.errors.map(({ extensions }) => extensions.code) };
}

test('viewer', async () => {
  const { viewer } = await client.request('{ viewer { id } }');
  assert.deepEqual(viewer, { id: user });
});

test('a task is returned as it was created', async () => {
  const title = uniqueTitle();
  const input = { title, description: 'Notes', priority: 'HIGH', tags: ['a', 'b'], due: { date: '2030-02-01' } };
  const task = await create(input);
  assert.deepEqual(
    { ...task, id: typeof task.id, version: typeof task.version },
    {
      id: 'string', userId: user, title, description: 'Notes', priority: 'HIGH', tags: ['a', 'b'], completed: false,
      completedAt: null, dueDate: '2030-02-01', dueAt: null, version: 'number', deletedAt: null,
    },
  );
  assert.deepEqual(await read(task.id), { task, node: { __typename: 'Task', id: task.id } });
});

test('invalid input is reported in the data, with every problem', async () => {
  const { createTask } = await client.request(CREATE, { input: { title: 'x'.repeat(201), tags: ['a', ' '] } });
  assert.equal(createTask.task, null);
  assert.deepEqual(
    createTask.userErrors.map(({ code, field, limit }) => [code, field.join('.'), limit]),
    [['TOO_LONG', 'input.title', 200], ['BLANK', 'input.tags.1', null]],
  );
});

test('paging by cursor shows each task once, forwards and backwards', async () => {
  const ids = [];
  for (let i = 0; i < 7; i++) {
    ids.unshift((await create({ title: uniqueTitle(`Page ${i}`) })).id); // newest first
  }
  const forward = [];
  for (let after; ;) {
    const { tasks } = await client.request(LIST, { first: 3, after });
    checkPage(tasks);
    // Other tests add and delete tasks, but these always have one before and one after them.
    if (forward.some((id) => ids.includes(id))) {
      assert.equal(tasks.pageInfo.hasPreviousPage, true);
    }
    forward.push(...tasks.edges.map(({ node }) => node.id));
    if (!tasks.pageInfo.hasNextPage) {
      break;
    }
    after = tasks.pageInfo.endCursor;
  }
  assert.deepEqual(forward.filter((id) => ids.includes(id)), ids);

  const backward = [];
  for (let before; ;) {
    const { tasks } = await client.request(LIST, { last: 3, before });
    checkPage(tasks);
    if (backward.some((id) => ids.includes(id))) {
      assert.equal(tasks.pageInfo.hasNextPage, true);
    }
    backward.unshift(...tasks.edges.map(({ node }) => node.id));
    if (!tasks.pageInfo.hasPreviousPage) {
      break;
    }
    before = tasks.pageInfo.startCursor;
  }
  assert.deepEqual(backward.filter((id) => ids.includes(id)), ids);
});

function checkPage({ edges, pageInfo, totalCount }) {
  assert.ok(edges.length <= 3 && totalCount >= edges.length, `${edges.length} of ${totalCount}`);
  assert.equal(pageInfo.startCursor, edges.at(0)?.cursor ?? null);
  assert.equal(pageInfo.endCursor, edges.at(-1)?.cursor ?? null);
}

test('a cursor is invalid for a list in another order', async () => {
  await create({ title: uniqueTitle() });
  const orderBy = [{ field: 'CREATED_AT', direction: 'ASC' }];
  const { tasks } = await client.request(LIST, { first: 1 });
  const after = tasks.pageInfo.endCursor;
  assert.deepEqual((await failure(client.request(LIST, { after, orderBy }))).codes, ['BAD_CURSOR']);
  assert.deepEqual((await failure(stranger.request(LIST, { after }))).codes, ['BAD_CURSOR']);
});

test('update: absent fields stay, null clears', async () => {
  const before = await create({ title: uniqueTitle(), description: 'Notes', tags: ['a'], due: { date: '2030-02-01' } });
  const title = uniqueTitle('Renamed');
  const renamed = await update({ id: before.id, input: { title } });
  assert.deepEqual(renamed.task, { ...before, title, version: renamed.task.version });
  assert.ok(renamed.task.version > before.version);
  const cleared = await update({ id: before.id, input: { description: null, due: null } });
  assert.deepEqual(cleared.task, { ...renamed.task, description: null, dueDate: null, version: cleared.task.version });
  const { task, userErrors } = await update({ id: before.id, input: { title: null } });
  assert.equal(task, null);
  assert.deepEqual(userErrors.map(({ code, field }) => [code, field]), [['NULL_NOT_ALLOWED', ['input', 'title']]]);
});

test('a write to an older version fails with the current task', async () => {
  const { id, version } = await create({ title: uniqueTitle() });
  const title = uniqueTitle('Newer');
  const { task: newer } = await update({ id, input: { title }, expectedVersion: version });
  const { task, userErrors } = await update({ id, input: { title: 'Older' }, expectedVersion: version });
  assert.equal(task, null);
  assert.deepEqual(userErrors, [{
    code: 'VERSION_CONFLICT', message: userErrors[0].message, field: ['expectedVersion'],
    current: { id, title, version: newer.version },
  }]);
});

test('complete, reopen and toggle', async () => {
  const { id } = await create({ title: uniqueTitle() });
  const { task: done } = await change('completeTask', { id });
  assert.equal(done.completed, true);
  assert.match(done.completedAt, /Z$/);
  assert.deepEqual((await change('completeTask', { id })).task, done);
  const { task: open } = await change('reopenTask', { id });
  assert.deepEqual([open.completed, open.completedAt], [false, null]);
  assert.equal((await change('toggleTask', { id })).task.completed, true);
  assert.equal((await change('toggleTask', { id })).task.completed, false);
});

test('delete and restore', async () => {
  const { id, title } = await create({ title: uniqueTitle() });
  const listed = async (trash) => {
    const { tasks } = await client.request(LIST, { first: 100, trash });
    return tasks.edges.some(({ node }) => node.id === id);
  };
  const { deleteTask } = await client.request(
    gql`mutation Delete($id: ID!) { deleteTask(id: $id) { deletedTaskId task { title deletedAt } ...Errors } } ${ERRORS}`,
    { id },
  );
  assert.deepEqual([deleteTask.deletedTaskId, deleteTask.task.title, deleteTask.userErrors], [id, title, []]);
  assert.match(deleteTask.task.deletedAt, /Z$/);
  assert.deepEqual([await listed('EXCLUDE'), await listed('ONLY'), await listed('INCLUDE')], [false, true, true]);
  const { userErrors } = await update({ id, input: { title: 'In the trash' } });
  assert.deepEqual(userErrors.map(({ code }) => code), ['IN_TRASH']);
  const { task } = await change('restoreTask', { id });
  assert.deepEqual([task.title, task.deletedAt], [title, null]);
  assert.deepEqual([await listed('EXCLUDE'), await listed('ONLY')], [true, false]);
});

test("another user's task does not exist", async () => {
  await create({ title: uniqueTitle() }, stranger); // who is no stranger to the database
  const task = await create({ title: uniqueTitle() });
  assert.deepEqual(await read(task.id, stranger), { task: null, node: null });
  const { tasks } = await stranger.request(LIST, { first: 100, trash: 'INCLUDE' });
  assert.ok(!tasks.edges.some(({ node }) => node.id === task.id));
  const attempts = [update({ id: task.id, input: { title: 'Mine now' } }, stranger)];
  for (const field of ['completeTask', 'reopenTask', 'toggleTask', 'deleteTask', 'restoreTask']) {
    attempts.push(change(field, { id: task.id }, stranger));
  }
  for (const { task: got, userErrors } of await Promise.all(attempts)) {
    assert.equal(got, null);
    assert.deepEqual(userErrors.map(({ code, taskId }) => [code, taskId]), [['NOT_FOUND', task.id]]);
  }
  assert.deepEqual((await read(task.id)).task, task);
});

test('invalid requests are errors with a code', async () => {
  const bad = [
    ['{ tasks(first: 0) { totalCount } }', 200, 'BAD_PAGE_SIZE'],
    ['{ tasks(after: "x") { totalCount } }', 200, 'BAD_CURSOR'],
    ['{ nothing }', 400, 'GRAPHQL_VALIDATION_FAILED'],
  ];
  for (const [query, status, code] of bad) {
    assert.deepEqual(await failure(client.request(query)), { status, codes: [code] }, query);
  }
  const twoDues = { title: uniqueTitle(), due: { date: '2030-02-01', at: '2030-02-01T09:00:00Z' } };
  assert.deepEqual(await failure(client.request(CREATE, { input: twoDues })), { status: 400, codes: ['BAD_USER_INPUT'] });
});

test('without a token, or with an invalid one, the status is 401', async () => {
  for (const headers of [{}, { authorization: 'Bearer nonsense' }, { authorization: `${mine.authorization}x` }]) {
    const error = await failure(new GraphQLClient(graphqlURL, { headers }).request('{ viewer { id } }'));
    assert.deepEqual(error, { status: 401, codes: ['UNAUTHENTICATED'] });
  }
});
