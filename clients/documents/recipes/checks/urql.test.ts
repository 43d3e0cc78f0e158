import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gql } from '@urql/core';
import { Complete, Create, Delete, List } from '../built/graphql/src/operations';
import { client } from '../built/graphql/src/urql';
import { add, held, until, uniqueTitle } from './server';

test("urql's cache: pages, keys, optimistic writes", async () => {
  const warnings: unknown[] = [];
  console.warn = (...args) => void warnings.push(args);
  for (let i = 0; i < 4; i++) await add();
  type Edge = { node: { id: string; completed: boolean } };
  let edges: Edge[] = [];
  const watch = (after?: string) => client.query(List, { first: 2, after }).subscribe(({ data }) => (edges = data?.tasks.edges ?? edges));
  const shown = () => edges.map(({ node }) => node.id);
  const done = (id: string) => edges.find(({ node }) => node.id === id)?.node.completed;
  const { data } = await client.query(List, { first: 2 });
  watch(data!.tasks.pageInfo.endCursor!);
  await until(() => edges.length >= 4);
  assert.equal(new Set(shown()).size, shown().length, 'the second page is behind the first');

  const created = await client.mutation(Create, { input: { title: uniqueTitle('Created') } });
  const id = created.data!.createTask!.taskEdge!.node.id;
  watch();
  await until(() => shown().includes(id));
  const one = gql`query One($id: ID!) { task(id: $id) { id title } }`;
  const single = await client.query(one, { id }, { requestPolicy: 'cache-only' });
  assert.equal(single.data?.task.id, id, 'the task is read from the list');

  const completing = client.mutation(Complete, { id }).toPromise();
  await until(() => done(id) === true);
  assert.equal((await completing).error, undefined);

  const other = shown().find((task) => task !== id)!;
  const request = held('Complete');
  const failing = client.mutation(Complete, { id: other }).toPromise();
  await until(() => done(other) === true);
  void request.fail();
  assert.ok((await failing).error);
  await until(() => done(other) === false);

  await client.mutation(Delete, { id });
  await until(() => !shown().includes(id));
  assert.deepEqual(warnings, []);
});
