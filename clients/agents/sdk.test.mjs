// The client of the official TypeScript SDK, over HTTP and with `taskql mcp` as its child. It checks each result with the output schema of its tool.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';

const { TASKQL_URL, TASKQL_TOKEN, TASKQL_OTHER_TOKEN, TASKQL_USER, TASKQL_PROGRAM, TASKQL_FOLDER } = process.env;

const overHTTP = (token) =>
  new StreamableHTTPClientTransport(new URL(`${TASKQL_URL}/mcp`), { requestInit: { headers: token ? { authorization: `Bearer ${token}` } : {} } });

/** Returns a client that is connected until the test ends. */
async function connected(t, transport) {
  const client = new Client({ name: 'test', version: '1' });
  t.after(() => client.close());
  await client.connect(transport);
  return client;
}

const errorsOf = (result) => JSON.parse(result.content[0].text).errors;

async function works(client) {
  assert.equal(client.getServerVersion().name, 'taskql');
  assert.match(client.getInstructions(), /list_tasks/);
  const { tools } = await client.listTools(); // from now on, results are checked with the schemas
  assert.equal(tools.length, 9);

  const call = async (name, args) => {
    const result = await client.callTool({ name, arguments: args });
    assert.deepEqual([result.isError ?? false, JSON.parse(result.content[0].text)], [false, result.structuredContent], name);
    return result.structuredContent;
  };
  const added = await call('add_task', { title: 'Buy milk', tags: ['sdk'], due: '2026-03-01', priority: 'HIGH', description: 'Two litres' });
  const { id } = added.task;
  assert.deepEqual(await call('get_task', { task_id: id }), added);
  assert.deepEqual(await call('get_task', { task_id: String(id) }), added);
  assert.equal((await call('update_task', { task_id: id, due: null, description: null })).task.due, null);
  assert.equal((await call('complete_task', { task_id: id })).task.completed, true);
  assert.equal((await call('reopen_task', { task_id: id })).task.completed, false);
  assert.notEqual((await call('delete_task', { task_id: id })).task.deleted_at, null);
  assert.deepEqual((await call('list_tasks', { tags: ['sdk'] })).tasks, []);
  assert.equal((await call('restore_task', { task_id: id })).task.deleted_at, null);
  assert.deepEqual((await call('list_tasks', { search: 'milk', tags: ['sdk'], limit: 1 })).tasks.map((task) => task.title), ['Buy milk']);
  assert((await call('task_stats', {})).total > 0);

  const fails = async (name, args, ...expected) => {
    const result = await client.callTool({ name, arguments: args });
    const [{ code, path }] = errorsOf(result);
    assert.deepEqual([result.isError, code, ...path], [true, ...expected]);
  };
  await fails('add_task', { title: ' ' }, 'BLANK', 'title');
  await fails('get_task', { task_id: '999999' }, 'NOT_FOUND', 'task_id');
  await fails('list_tasks', { user_id: 'somebody' }, 'FORBIDDEN', 'user_id');
  await assert.rejects(client.callTool({ name: 'drop_table', arguments: {} }), (error) => {
    assert(error instanceof McpError);
    assert.deepEqual([error.code, error.data], [-32602, { code: 'BAD_USER_INPUT' }]);
    return true;
  });
  return id;
}

test('over HTTP', async (t) => {
  const client = await connected(t, overHTTP(TASKQL_TOKEN));
  const id = await works(client);
  assert.equal(client.transport.sessionId, undefined);
  const other = await connected(t, overHTTP(TASKQL_OTHER_TOKEN));
  assert.equal(errorsOf(await other.callTool({ name: 'get_task', arguments: { task_id: id } }))[0].code, 'NOT_FOUND');
});

test('over HTTP without a token, and with a bad one', async (t) => {
  for (const token of [undefined, 'nonsense']) {
    await assert.rejects(connected(t, overHTTP(token)), { code: 401 });
  }
});

test('as a child of the agent', async (t) => {
  const client = await connected(t, new StdioClientTransport({ command: TASKQL_PROGRAM, args: ['mcp'], cwd: TASKQL_FOLDER }));
  await works(client);
  assert.equal((await client.callTool({ name: 'list_tasks', arguments: { user_id: TASKQL_USER } })).isError, true);
});
