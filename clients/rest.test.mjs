// The REST routes, with the JSON of the FastAPI backend.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base, call, create, ok, refused } from './rest.mjs';
import { mine, uniqueTitle, user } from './server.mjs';

/** A task without the field that every write changes. */
const lasting = ({ updated_at, ...rest }) => rest;

test('create returns 201 with the task and its address', async () => {
  const title = uniqueTitle();
  const body = { title: `  ${title} `, description: '', priority: 'high', tags: ['a', 'b'], due_date: '2030-02-01', user_id: 'ignored' };
  const { status, headers, json: task } = await call('POST', base, body);
  assert.equal(status, 201);
  assert.deepEqual(task, {
    id: task.id, user_id: user, title, description: '', priority: 'HIGH', tags: '["a","b"]',
    due_date: '2030-02-01T00:00:00', completed: false, created_at: task.created_at, updated_at: task.created_at,
  });
  assert.equal(typeof task.id, 'number');
  assert.match(task.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
  // A user id that is an e-mail address may be escaped in two ways.
  assert.equal(decodeURIComponent(headers.get('location')), decodeURIComponent(`${base}/${task.id}`));
  assert.deepEqual(await ok('GET', headers.get('location')), task);
});

test('a title alone gets the defaults', async () => {
  const { description, priority, tags, due_date, completed } = await create();
  assert.deepEqual(
    { description, priority, tags, due_date, completed },
    { description: null, priority: 'MEDIUM', tags: '[]', due_date: null, completed: false },
  );
});

test('due dates keep their kind', async () => {
  const cases = {
    '2030-02-01': '2030-02-01T00:00:00',
    '2030-02-01T09:30': '2030-02-01T09:30:00',
    '2030-02-01T09:30:00+01:00': '2030-02-01T08:30:00Z',
    '2030-02-01T09:30:00.000Z': '2030-02-01T09:30:00Z',
  };
  for (const [sent, written] of Object.entries(cases)) {
    assert.equal((await create({ due_date: sent })).due_date, written, sent);
  }
});

test('the list is a bare array, newest first', async () => {
  const made = [await create(), await create(), await create()];
  const ids = made.map(({ id }) => id);
  const list = await ok('GET', base);
  assert.ok(Array.isArray(list));
  assert.deepEqual(list.filter(({ id }) => ids.includes(id)), made.reverse());
});

for (const method of ['PUT', 'PATCH']) {
  test(`${method} changes the given fields`, async () => {
    const task = await create({ description: 'Notes', tags: ['a'], due_date: '2030-02-01', priority: 'HIGH' });
    const path = `${base}/${task.id}`;
    const title = uniqueTitle('Renamed');
    const renamed = await ok(method, path, { title });
    assert.deepEqual(lasting(renamed), lasting({ ...task, title }));
    assert.notEqual(renamed.updated_at, task.updated_at);
    const done = await ok(method, path, { completed: true });
    assert.deepEqual(lasting(done), lasting({ ...renamed, completed: true }));
    const cleared = await ok(method, path, { description: null, tags: null, due_date: null, title: null, priority: null, completed: null });
    assert.deepEqual(lasting(cleared), lasting({ ...done, description: null, tags: '[]', due_date: null }));
    assert.deepEqual(await ok('GET', path), cleared);
  });
}

test('complete toggles without a body, with an empty one and with {}', async () => {
  const { id } = await create();
  const path = `${base}/${id}/complete`;
  const json = { ...mine, 'content-type': 'application/json' };
  assert.equal((await ok('PATCH', path)).completed, true);
  assert.equal((await ok('PATCH', path, undefined, json)).completed, false);
  assert.equal((await ok('PATCH', path, '', json)).completed, true);
  assert.equal((await ok('PATCH', path, {})).completed, false);
});

test('complete sets the value in the body or the query', async () => {
  const { id } = await create();
  const path = `${base}/${id}/complete`;
  // Each value twice, because a toggle would pass once.
  for (const completed of [true, true, false, false]) {
    assert.equal((await ok('PATCH', path, { completed })).completed, completed);
  }
  for (const completed of [true, true, false, false]) {
    assert.equal((await ok('PATCH', `${path}?completed=${completed}`)).completed, completed);
  }
});

test('delete confirms once', async () => {
  const { id } = await create();
  assert.deepEqual(await ok('DELETE', `${base}/${id}`), { message: 'Task deleted successfully', success: true, id });
  await refused(404, 'Task not found', 'DELETE', `${base}/${id}`);
  await refused(404, 'Task not found', 'GET', `${base}/${id}`);
  assert.ok(!(await ok('GET', base)).some((task) => task.id === id));
});

test('a trailing slash makes no difference', async () => {
  const title = uniqueTitle();
  const { status, json: task } = await call('POST', `${base}/`, { title });
  assert.equal(status, 201);
  assert.ok((await ok('GET', `${base}/`)).some(({ id }) => id === task.id));
  assert.deepEqual(await ok('GET', `${base}/${task.id}/`), task);
  assert.equal((await ok('PUT', `${base}/${task.id}/`, { priority: 'LOW' })).priority, 'LOW');
  assert.equal((await ok('PATCH', `${base}/${task.id}/`, { priority: 'HIGH' })).priority, 'HIGH');
  assert.equal((await ok('PATCH', `${base}/${task.id}/complete/`)).completed, true);
  assert.equal((await ok('DELETE', `${base}/${task.id}/`)).id, task.id);
});
