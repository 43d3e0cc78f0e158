import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gql } from '@apollo/client';
import { client, complete, create, remove } from '../built/graphql/src/apollo';
import type { ListQuery } from '../built/graphql/src/gql/graphql';
import { List, Stats } from '../built/graphql/src/operations';
import { add, held, until, uniqueTitle } from './server';

test("Apollo's cache: pages, keys, counts, optimistic writes", async () => {
  for (let i = 0; i < 4; i++) await add();
  const list = client.watchQuery({ query: List, variables: { first: 2 } });
  list.subscribe(() => {});
  const shown = () => list.getCurrentResult().data?.tasks?.edges?.map((edge) => edge!.node!.id!) ?? [];
  const done = (id: string) => list.getCurrentResult().data?.tasks?.edges?.find((edge) => edge!.node!.id === id)?.node?.completed;
  await until(() => shown().length === 2);
  await list.fetchMore({ variables: { after: list.getCurrentResult().data!.tasks!.pageInfo!.endCursor } });
  await until(() => new Set(shown()).size === 4); // the second page is behind the first

  const completed = gql`query Done { tasks(filter: { completed: true }) { edges { cursor node { id completed } } pageInfo { hasNextPage endCursor } } }`;
  const { data } = await client.query<ListQuery>({ query: completed });
  assert.ok(data!.tasks.edges.every(({ node }) => node.completed), 'a list with another filter is another list');
  assert.equal(shown().length, 4);

  let sent = 0;
  const counts = await client.query({ query: Stats });
  const totals = gql`query Totals { taskStats { total } }`;
  await client.query({ query: totals });
  const title = uniqueTitle('Created');
  const created = await create(title);
  const id = created.data!.createTask!.taskEdge!.node.id;
  assert.equal(shown()[0], id, 'the new task is on top');
  const cached = client.readQuery({ query: Stats });
  assert.deepEqual(cached!.taskStats, { __typename: 'TaskStats', ...created.data!.createTask!.query.taskStats });
  assert.ok(counts.data!.taskStats);
  assert.ok(client.readQuery({ query: totals }), 'the other counts are still there');

  const { fetch } = globalThis;
  globalThis.fetch = (...args) => (sent++, fetch(...args));
  const single = await client.query({ query: gql`query One($id: ID!) { task(id: $id) { id title } }`, variables: { id } });
  assert.deepEqual([(single.data as { task: { title: string } }).task.title, sent], [title, 0], 'the task is read from the list');
  globalThis.fetch = fetch;

  const completing = complete(id);
  assert.equal(done(id), true, 'it is shown as completed before the answer');
  await completing;
  assert.equal(done(id), true);
  const other = shown().find((task) => task !== id)!;
  const request = held('Complete');
  const failing = complete(other);
  assert.equal(done(other), true);
  void request.fail();
  await assert.rejects(failing);
  assert.equal(done(other), false, 'a write that failed is taken back');

  await remove(id);
  assert.ok(!shown().includes(id), 'a deleted task is gone');
  client.stop();
});
