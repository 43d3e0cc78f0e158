import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InfiniteQueryObserver, MutationObserver, QueryClient } from '@tanstack/query-core';
import { tasks } from '../built/graphql/src/tanstack-db';
import { complete, follow, list } from '../built/graphql/src/tanstack-query';
import { add, held, rename, uniqueTitle, until } from './server';

test('TanStack DB: all tasks, changes, optimistic writes', async (t) => {
  t.after(() => tasks.cleanup());
  const id = await add();
  await tasks.preload();
  assert.equal(tasks.get(id)?.completed, false);
  const renamed = uniqueTitle('By another client');
  await rename(id, renamed);
  await until(() => tasks.get(id)?.title === renamed);

  const written = uniqueTitle('By this one');
  const { version } = tasks.get(id)!;
  const writing = tasks.update(id, (task) => void (task.title = written));
  assert.equal(tasks.get(id)?.title, written, 'it is shown before the answer');
  await writing.isPersisted.promise;
  assert.equal(tasks.get(id)?.title, written);
  assert.ok(tasks.get(id)!.version > version, 'the answer takes its place');

  const request = held('updateTask');
  const failing = tasks.update(id, (task) => void (task.completed = true));
  assert.equal(tasks.get(id)?.completed, true);
  void request.fail();
  await assert.rejects(failing.isPersisted.promise);
  assert.equal(tasks.get(id)?.completed, false, 'a write that failed is taken back');
});

test('TanStack Query: pages, changes, optimistic writes', async (t) => {
  for (let i = 0; i < 21; i++) await add();
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, gcTime: Infinity }, mutations: { gcTime: Infinity } } }); // timers of minutes would keep Node.js from ending
  const observer = new InfiniteQueryObserver(client, list);
  observer.subscribe(() => {});
  const edges = () => observer.getCurrentResult().data?.pages.flatMap(({ tasks }) => tasks.edges) ?? [];
  const stop = new AbortController();
  const following = follow(client, stop.signal);
  t.after(async () => {
    stop.abort();
    await following;
    client.clear();
  });
  await until(() => edges().length === 20);
  await until(async () => { await observer.fetchNextPage(); return edges().length > 20; });
  const id = await add();
  await until(() => edges().some(({ node }) => node.id === id));

  const mutation = new MutationObserver(client, complete(client));
  const done = () => edges().find(({ node }) => node.id === id)?.node.completed;
  const request = held('completeTask');
  const failing = mutation.mutate(id);
  await until(() => done() === true);
  void request.fail();
  await assert.rejects(failing);
  await until(() => done() === false); // a write that failed is taken back
  await mutation.mutate(id);
  await until(() => done() === true);
});
