// taskql and the front end of examples/next as processes, and browsers that use it. The Go test builds both and passes where they are.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const { TASKQL_PROGRAM, STARTER, CHROMIUM, DATABASE_URL } = process.env;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** A process that ends with this one. */
class Program {
  output = '';
  #child;

  constructor(command, args, env, cwd) {
    this.#child = spawn(command, args, { cwd, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', (part) => (this.output += part));
  }

  /** Ends it at once, as a crash does. */
  async kill() {
    const ended = this.#child.exitCode === null && this.#child.signalCode === null && once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

export async function eventually(what, condition, limit = 60_000) {
  for (const end = Date.now() + limit; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`after ${limit / 1000} s it is not true that ${what}`);
  }
}

const answers = (url) => fetch(url).then((response) => response.ok, () => false);

export class World {
  #folder = mkdtempSync(join(tmpdir(), 'starter-'));
  #programs = [];

  /** Starts everything. */
  static async start() {
    const world = new World();
    [world.taskqlPort, world.port, world.briefPort] = [await freePort(), await freePort(), await freePort()];
    world.url = `http://localhost:${world.port}`;
    await Promise.all([world.startTaskql(), world.startFrontEnd()]);
    world.browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    return world;
  }

  async startTaskql() {
    this.taskql = this.#run(TASKQL_PROGRAM, [], {
      HOST: '127.0.0.1', PORT: this.taskqlPort, BETTER_AUTH_URL: this.url, CORS_ORIGINS: `${this.url},http://localhost:${this.briefPort}`,
      DATABASE_URL: DATABASE_URL || `sqlite:${join(this.#folder, 'taskql.db')}`,
    });
    // It is alive before it has the keys, which the front end may not serve yet.
    await this.#up(this.taskql, `http://127.0.0.1:${this.taskqlPort}/health`);
  }

  async startFrontEnd() {
    this.frontEnd = await this.#frontEnd(this.port, {});
  }

  /** Starts the front end once more, at another port, with access tokens of some seconds. Cookies are valid for all ports. */
  async startBriefly() {
    const program = await this.#frontEnd(this.briefPort, { ACCESS_TOKEN_TTL: '8s' });
    return Object.assign(program, { url: `http://localhost:${this.briefPort}` });
  }

  async #frontEnd(port, more) {
    const program = this.#run(process.execPath, ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', port], {
      BETTER_AUTH_TRUSTED_ORIGINS: `http://localhost:${this.briefPort}`, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', TASKQL_URL: `http://127.0.0.1:${this.taskqlPort}`,
      AUTH_DATABASE: join(this.#folder, 'auth.db'), BETTER_AUTH_URL: this.url, BETTER_AUTH_SECRET: 'a secret for the tests of this front end', ...more,
    }, STARTER);
    await this.#up(program, `http://localhost:${port}/sign-in`);
    return program;
  }

  #run(command, args, env, cwd = this.#folder) {
    const program = new Program(command, args.map(String), env, cwd);
    this.#programs.push(program);
    return program;
  }

  async #up(program, url) {
    await eventually(`${url} answers`, () => answers(url)).catch((error) => {
      throw new Error(`${error.message}\n${program.output}`);
    });
  }

  async stop() {
    await this.browser?.close();
    await Promise.all(this.#programs.map((program) => program.kill()));
  }
}
