import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRxDatabase } from 'rxdb';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { replicate, schema } from '../built/graphql/src/rxdb';
import { Delete } from '../built/graphql/src/operations';
import { request } from '../built/graphql/src/request';
import { add, rename, uniqueTitle, until } from './server';

test('RxDB replicates in both directions, with conflicts', async (t) => {
  const [id, gone] = [await add(), await add()];
  const database = await createRxDatabase({ name: 'tasks', storage: getRxStorageMemory() });
  t.after(() => database.close());
  const { tasks } = await database.addCollections({ tasks: { schema } });
  const replication = replicate(tasks);
  replication.error$.subscribe((error) => assert.fail(error));
  await replication.awaitInitialReplication();
  const local = async (id: string) => (await tasks.findOne(id).exec())?.toJSON();
  assert.equal((await local(id))?.completed, false);

  const renamed = uniqueTitle('By another client');
  await until(async () => { await rename(id, renamed); return (await local(id))?.title === renamed; });
  await request(Delete, { id: gone });
  await until(async () => (await local(gone)) === undefined);

  const written = uniqueTitle('By this one');
  await (await tasks.findOne(id).exec())!.patch({ title: written });
  await replication.awaitInSync();
  await until(async () => (await local(id))!.version > 1 && (await local(id))!.title === written);
  await (await tasks.findOne(id).exec())!.remove();
  await replication.awaitInSync();
  assert.equal((await request(Delete, { id })).deleteTask!.userErrors.length, 0);

  const contested = await add();
  await until(async () => (await local(contested)) !== undefined);
  await replication.pause();
  const theirs = uniqueTitle('Theirs');
  await rename(contested, theirs);
  await (await tasks.findOne(contested).exec())!.patch({ title: 'Mine' });
  await replication.start();
  await until(async () => (await local(contested))?.title === theirs);
});
