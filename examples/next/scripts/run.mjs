// Starts taskql and Next.js side by side: `npm run dev`, or `npm run build` and `npm start`. It makes the secret and the folder
// of the databases when they are missing.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const mode = process.argv[2] ?? 'dev';
const folder = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const repository = resolve(folder, '../..');
process.chdir(folder);

if (!existsSync('.env.local')) {
  writeFileSync('.env.local', `BETTER_AUTH_SECRET=${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
}
mkdirSync('data', { recursive: true }); // both databases

const port = process.env.PORT ?? '3000';
const page = process.env.BETTER_AUTH_URL ?? `http://localhost:${port}`;
const taskql = process.env.TASKQL_URL ?? 'http://localhost:8000';
const shared = { ...process.env, BETTER_AUTH_URL: page, TASKQL_URL: taskql, NEXT_TELEMETRY_DISABLED: '1' };

const listen = ['--hostname', '127.0.0.1', '--port', port]; // by itself, Next.js would listen to other machines, too
const children = [start('npx', mode === 'build' ? ['next', 'build'] : ['next', mode, ...listen], shared)];
// With TASKQL_URL, taskql is already running somewhere.
if (mode !== 'build' && !process.env.TASKQL_URL) {
  const [command, ...args] = taskqlCommand();
  children.push(
    start(command, args, {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: new URL(taskql).port,
      DATABASE_URL: process.env.DATABASE_URL ?? `sqlite:${resolve('data/taskql.db')}`,
      BETTER_AUTH_URL: page,
      CORS_ORIGINS: process.env.CORS_ORIGINS ?? page,
    }),
  );
}

/** A program named by TASKQL, else the source around this folder, else the taskql on the PATH. */
function taskqlCommand() {
  if (process.env.TASKQL) return [process.env.TASKQL];
  return existsSync(resolve(repository, 'server.go')) ? ['go', 'run', '-C', repository, '.'] : ['taskql'];
}

/** Both programs end together, however one of them ends. */
function start(command, args, env) {
  const child = spawn(command, args, { env, stdio: 'inherit', detached: true });
  child.on('error', (error) => stop(`${command}: ${error.message}`));
  child.on('exit', (code) => stop(code === 0 && mode === 'build' ? '' : `${command} has ended with code ${code}`));
  return child;
}

let stopping = false;
function stop(reason) {
  if (stopping) return;
  stopping = true;
  if (reason) {
    console.error(reason);
    process.exitCode = 1;
  }
  for (const { pid } of children) {
    try {
      process.kill(-pid, 'SIGTERM'); // the group: `go run` and `npx` have children
    } catch {
      // It has ended already.
    }
  }
}
process.on('SIGINT', () => stop());
process.on('SIGTERM', () => stop());
process.on('SIGHUP', () => stop()); // the terminal was closed
