// Errors of the REST routes, with the messages of FastAPI and pydantic.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base, call, create, ok, refused, routes, tasksOf } from './rest.mjs';
import { otherUser, others } from './server.mjs';

const somebodyElses = tasksOf(otherUser);

test('401 without a valid token, before any other error', async () => {
  const { id } = await create();
  const requests = [...routes(id), ...routes(id, somebodyElses), ['POST', base, '{'], ['GET', `${base}/x`]];
  for (const [method, path, body] of requests) {
    for (const headers of [{}, { authorization: 'Bearer nonsense' }]) {
      const answer = await refused(401, 'Invalid or missing token', method, path, body, headers);
      assert.match(answer.headers.get('www-authenticate'), /^Bearer\b/);
    }
  }
});

test("403 on another user's path", async () => {
  const task = await create();
  for (const request of routes(task.id, somebodyElses)) {
    await refused(403, 'Not authorized to access this task', ...request);
  }
  for (const [method, path, body] of routes(task.id)) {
    await refused(403, 'Not authorized to access this task', method, path, body, others);
  }
  assert.deepEqual(await ok('GET', `${base}/${task.id}`), task);
});

test("404 for another user's task", async () => {
  const task = await create();
  const theirs = await create({}, somebodyElses, others);
  const list = await ok('GET', somebodyElses, undefined, others);
  assert.deepEqual(list.filter(({ id }) => id === task.id || id === theirs.id), [theirs]);
  for (const [method, path, body] of routes(task.id, somebodyElses).slice(2)) {
    await refused(404, 'Task not found', method, path, body, others);
  }
  assert.deepEqual(await ok('GET', `${base}/${task.id}`), task);
});

test('404 for tasks that do not exist', async () => {
  for (const id of [0, -1, '99999999999999999999']) {
    for (const request of routes(id).slice(2)) {
      await refused(404, 'Task not found', ...request);
    }
  }
  await refused(404, 'Not Found', 'GET', '/api/nothing/here/at/all');
});

test('405 lists the allowed methods', async () => {
  const { id } = await create();
  const cases = [
    ['PUT', base, 'GET, POST'],
    ['POST', `${base}/${id}`, 'DELETE, GET, PATCH, PUT'],
    ['GET', `${base}/${id}/complete`, 'PATCH'],
  ];
  for (const [method, path, allow] of cases) {
    const { headers } = await refused(405, 'Method Not Allowed', method, path);
    assert.deepEqual(headers.get('allow').split(/, */).sort().join(', '), allow);
  }
});

const long = 'x'.repeat(201);
const badDue = 'input is too short';
const priorities = "'HIGH', 'MEDIUM' or 'LOW'";
const faults = [
  [{ priority: 'LOW' }, { type: 'missing', loc: ['body', 'title'], msg: 'Field required', input: { priority: 'LOW' } }],
  ['', { type: 'missing', loc: ['body'], msg: 'Field required', input: null }],
  [[1], {
    type: 'model_attributes_type', loc: ['body'], input: [1],
    msg: 'Input should be a valid dictionary or object to extract fields from',
  }],
  [{ title: 5 }, { type: 'string_type', loc: ['body', 'title'], msg: 'Input should be a valid string', input: 5 }],
  [{ title: '' }, {
    type: 'string_too_short', loc: ['body', 'title'], input: '',
    msg: 'String should have at least 1 character', ctx: { min_length: 1 },
  }],
  [{ title: long }, {
    type: 'string_too_long', loc: ['body', 'title'], input: long,
    msg: 'String should have at most 200 characters', ctx: { max_length: 200 },
  }],
  [{ title: 'x', priority: 'x' }, {
    type: 'enum', loc: ['body', 'priority'], input: 'x',
    msg: `Input should be ${priorities}`, ctx: { expected: priorities },
  }],
  [{ title: 'x', due_date: 'tomorrow' }, {
    type: 'datetime_from_date_parsing', loc: ['body', 'due_date'], input: 'tomorrow',
    msg: `Input should be a valid datetime or date, ${badDue}`, ctx: { error: badDue },
  }],
  [{ title: 'x', completed: 'maybe' }, {
    type: 'bool_parsing', loc: ['body', 'completed'], input: 'maybe',
    msg: 'Input should be a valid boolean, unable to interpret input',
  }],
];

for (const [body, item] of faults) {
  test(`422 ${item.type} at ${item.loc.join('.')}`, async () => {
    await refused(422, [item], 'POST', base, body);
    // Validation errors come before 404.
    await refused(422, [item], 'POST', somebodyElses, body);
  });
}

test('422 json_invalid has the position', async () => {
  const { status, json } = await call('POST', base, '{"title": }');
  assert.equal(status, 422);
  const [{ ctx, ...item }, ...more] = json.detail;
  assert.deepEqual([item, more], [{ type: 'json_invalid', loc: ['body', 10], msg: 'JSON decode error', input: {} }, []]);
  assert.equal(typeof ctx.error, 'string');
});

test('422 int_parsing at path.id', async () => {
  const item = {
    type: 'int_parsing', loc: ['path', 'id'], input: 'abc',
    msg: 'Input should be a valid integer, unable to parse string as an integer',
  };
  for (const request of routes('abc').slice(2)) {
    await refused(422, [item], ...request);
  }
});

test('422 names every fault', async () => {
  const { json } = await call('POST', base, { title: '', priority: 'x', completed: 'maybe' });
  assert.deepEqual(json.detail.map(({ loc }) => loc.join('.')), ['body.title', 'body.priority', 'body.completed']);
});
