// The command line of the official inspector.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const { TASKQL_URL, TASKQL_TOKEN, TASKQL_PROGRAM, TASKQL_FOLDER } = process.env;
const launcher = fileURLToPath(new URL('node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js', import.meta.url));
const remote = [`${TASKQL_URL}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${TASKQL_TOKEN}`];
const local = [TASKQL_PROGRAM, 'mcp', '--cwd', TASKQL_FOLDER];

/** Runs the inspector, and returns its exit code, its result and its remarks. Its own files are in the folder of the test. */
const inspect = (...args) =>
  new Promise((resolve) => {
    const env = { ...process.env, HOME: TASKQL_FOLDER };
    execFile(process.execPath, [launcher, '--cli', ...args], { env }, (error, stdout, stderr) => {
      resolve({ exit: error?.code ?? 0, result: stdout && JSON.parse(stdout), remarks: stderr });
    });
  });

for (const [name, server] of Object.entries({ remote, local })) {
  test(name, async () => {
    const listed = await inspect(...server, '--method', 'tools/list', '--strict');
    assert.deepEqual([listed.exit, listed.result.tools.length], [0, 9]);
    assert.doesNotMatch(listed.remarks, /tool "/); // on schemas that some clients do not understand

    const call = (tool, ...args) => inspect(...server, '--method', 'tools/call', '--tool-name', tool, ...args.flatMap((arg) => ['--tool-arg', arg]));
    const added = await call('add_task', `title=From ${name}`, 'tags=["home"]', 'due=2026-03-01');
    assert.equal(added.exit, 0, added.remarks);
    const { task } = added.result.structuredContent;
    assert.deepEqual([task.title, task.tags, task.due], [`From ${name}`, ['home'], '2026-03-01']);
    assert.equal((await call('complete_task', `task_id=${task.id}`)).result.structuredContent.task.completed, true);
    const missing = await call('get_task', 'task_id=999999');
    assert.equal(missing.result.isError, true);
    assert.match(missing.result.content[0].text, /NOT_FOUND/);
  });
}
