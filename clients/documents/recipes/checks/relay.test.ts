import assert from 'node:assert/strict';
import { test } from 'node:test';
import relay from 'relay-runtime';
import { environment } from '../built/relay/src/environment';
import { Complete, Create, Delete, List } from '../built/relay/src/tasks';
import type { tasksListQuery } from '../built/relay/src/__generated__/tasksListQuery.graphql';
import { add, uniqueTitle } from './server';

const mutate = (mutation: typeof Create, variables: object, optimisticResponse?: object) =>
  new Promise<any>((onCompleted, onError) => {
    relay.commitMutation(environment, { mutation, variables, optimisticResponse, onCompleted, onError } as never);
  });

test('Relay: a connection with pages, @prependEdge, @deleteEdge', async () => {
  for (let i = 0; i < 4; i++) await add();
  const query = relay.createOperationDescriptor(relay.getRequest(List), { first: 2 });
  environment.retain(query);
  const read = () => (environment.lookup(query.fragment).data as tasksListQuery['response']).tasks;
  const shown = () => read().edges.map(({ node }) => node.id);
  await relay.fetchQuery<tasksListQuery>(environment, List, { first: 2 }).toPromise();
  const { endCursor } = environment.getStore().getSource().get(`${read().__id}:pageInfo`) as unknown as { endCursor: string };
  await relay.fetchQuery<tasksListQuery>(environment, List, { first: 2, after: endCursor }).toPromise();
  assert.equal(new Set(shown()).size, 4, 'the second page is behind the first');

  const connections = [relay.ConnectionHandler.getConnectionID('client:root', 'List_tasks')];
  assert.deepEqual(connections, [read().__id]);
  const { createTask } = await mutate(Create, { input: { title: uniqueTitle('Created') }, connections });
  const { id } = createTask.taskEdge.node;
  assert.equal(shown()[0], id, 'the new task is on top');
  const completing = mutate(Complete, { id }, { completeTask: { task: { id, completed: true }, userErrors: [] } });
  assert.equal(read().edges[0].node.completed, true, 'it is shown before the answer');
  await completing;
  assert.equal(read().edges[0].node.completed, true);
  await mutate(Delete, { id, connections });
  assert.ok(!shown().includes(id), 'a deleted task is gone');
});
