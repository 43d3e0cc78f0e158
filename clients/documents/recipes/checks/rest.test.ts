import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, create } from '../built/openapi-typescript/src/rest';
import { uniqueTitle, user } from './server';

test('openapi-fetch has the types of the OpenAPI document', async () => {
  const title = uniqueTitle('By REST');
  const task = await create(user, title);
  assert.equal(task.title, title);
  const { data } = await api.GET('/api/{user_id}/tasks', { params: { path: { user_id: user }, query: { limit: 100 } } });
  assert.ok(data!.some(({ id }) => id === task.id));
  await assert.rejects(create(user, ''), /at least 1 character/);
  // @ts-expect-error The path is not in the document.
  assert.equal((await api.GET('/api/nothing', {})).response.status, 404);
});
