import assert from 'node:assert/strict';
import { test } from 'node:test';
import { today } from '../built/gql.tada/src/today';
import { Create } from '../built/graphql/src/operations';
import { request } from '../built/graphql/src/request';
import { uniqueTitle } from './server';

test('gql.tada has the types of the schema', async () => {
  const title = uniqueTitle('Due');
  await request(Create, { input: { title, due: { date: new Date().toISOString().slice(0, 10) }, priority: 'HIGH' } });
  const found = (await today('UTC')).find((task) => task.title === title)!;
  const priority: 'HIGH' | 'MEDIUM' | 'LOW' = found.priority;
  assert.deepEqual([priority, found.dueDate], ['HIGH', new Date().toISOString().slice(0, 10)]);
  // @ts-expect-error It was not selected.
  assert.equal(found.description, undefined);
});
