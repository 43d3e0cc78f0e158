import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feed } from '../built/graphql/src/feed';
import { List, Update } from '../built/graphql/src/operations';
import { request } from '../built/graphql/src/request';
import { add, rename, uniqueTitle } from './server';

test('request executes typed operations', async () => {
  const id = await add();
  const { tasks } = await request(List, { first: 100 });
  const version: number | undefined = tasks.edges.find(({ node }) => node.id === id)?.node.version;
  assert.equal(version! > 0, true);
  // @ts-expect-error The type comes from the schema.
  await assert.rejects(request(List, { first: 'x' }), { code: 'BAD_USER_INPUT' });
  const { updateTask } = await request(Update, { id, input: { title: 'x' }, version: 1_000_000 });
  const [error] = updateTask!.userErrors;
  assert.equal('current' in error && error.current.id, id);
});

test('feed brings all tasks, then each change', async (t) => {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const [id, title] = [await add(), uniqueTitle('Renamed')];
  let snapshot = false;
  for await (const { changes, hasMore } of feed(stop.signal)) {
    snapshot ||= changes.some(({ taskId }) => taskId === id);
    if (changes.some(({ task }) => task?.title === title)) stop.abort();
    else if (!hasMore && snapshot) void rename(id, title);
  }
  assert.ok(snapshot);
});
