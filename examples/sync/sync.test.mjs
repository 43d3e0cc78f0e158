// Two devices of one user, each behind a network that can fail, and a real taskql.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, test } from 'node:test';
import { accessTokens } from './dist/auth.js';
import { Sync } from './dist/sync.js';

const { TASKQL_URL, AUTH_URL, COOKIE } = process.env;
const accessToken = accessTokens(AUTH_URL, COOKIE);
const devices = [];

/** A network between a device and taskql. */
class Network {
  #pairs = new Set();
  #up = true;
  #deaf = false;
  #loseOne = false;

  async open() {
    const { hostname, port } = new URL(TASKQL_URL);
    const server = createServer((near) => {
      if (!this.#up) return near.destroy();
      const pair = { near, far: connect(Number(port), hostname) };
      this.#pairs.add(pair);
      near.on('error', () => {}).on('close', () => { pair.far.destroy(); this.#pairs.delete(pair); }).on('data', (data) => {
        if (this.#loseOne) pair.deaf = true;
        this.#loseOne = false;
        pair.far.write(data);
      });
      pair.far.on('error', () => {}).on('close', () => near.destroy()).on('data', (data) => {
        if (this.#deaf || pair.deaf) near.destroy(); // the request has arrived
        else near.write(data);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.url = `http://127.0.0.1:${server.address().port}/graphql`;
    this.close = () => { this.cut(); server.close(); };
  }

  cut() { for (const { near } of this.#pairs) near.destroy(); }
  down() { this.#up = false; this.cut(); }
  up() { this.#up = true; this.#deaf = false; }
  /** From now on requests arrive and responses are lost. */
  loseAnswers() { this.#deaf = true; }
  /** The response to the next request is lost. Other connections work. */
  loseOneAnswer() { this.#loseOne = true; }
}

async function device(resolve = ({ input }) => input) {
  const network = new Network();
  await network.open();
  const d = { network, conflicts: [], refusals: [], stop: new AbortController() };
  d.sync = new Sync({
    url: network.url,
    accessToken,
    save: (state) => { d.saved = JSON.stringify(state); },
    resolve: (write, current) => { d.conflicts.push([write, current]); return resolve(write, current); },
    refused: (write, message) => d.refusals.push(message),
  });
  d.done = d.sync.run(d.stop.signal);
  devices.push(d);
  return d;
}

after(async () => {
  for (const { network, stop, done } of devices) {
    stop.abort();
    network.up();
    await done;
    network.close();
  }
});

async function stored() {
  const query = '{ tasks(first: 100) { nodes { id title completed } } }';
  const response = await fetch(TASKQL_URL, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await accessToken(false)}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return sorted((await response.json()).data.tasks.nodes);
}

const sorted = (tasks) => tasks.toSorted((a, b) => a.id - b.id || (a.id < b.id ? -1 : 1));

/** Waits until every device shows the stored tasks and has nothing left to send. Returns the tasks. */
async function inStep() {
  for (const deadline = Date.now() + 120_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const want = await stored();
    try {
      for (const { sync } of devices) {
        assert.deepEqual(sorted(sync.tasks()), want);
        assert.equal(sync.state.outbox.length, 0);
      }
      return want;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

test('what one device writes, the other shows', async () => {
  const [a, b] = [await device(), await device()];
  a.sync.create('Water the plants');
  b.sync.create('Feed the cat');
  const tasks = await inStep();
  assert.deepEqual(tasks.map(({ title }) => title).sort(), ['Feed the cat', 'Water the plants']);
  a.sync.update(tasks[0].id, { completed: true });
  assert.equal((await inStep())[0].completed, true);
});

test('writes without a network', async () => {
  const [a] = devices;
  a.network.down();
  const id = a.sync.create('Offline');
  a.sync.update(id, { title: 'Offline, and changed' });
  assert.ok(a.sync.tasks().some(({ title }) => title === 'Offline, and changed'), 'it is shown at once');
  a.network.up();
  const tasks = await inStep();
  assert.equal(tasks.filter(({ title }) => title === 'Offline, and changed').length, 1);
  assert.deepEqual(a.conflicts, [], "the device's own writes are no conflict");
});

test('a write whose response is lost is not applied twice', async () => {
  const [a] = devices;
  a.network.loseAnswers();
  a.sync.create('Once');
  for (let found = false; !found; ) found = (await stored()).some(({ title }) => title === 'Once');
  assert.equal(a.sync.state.outbox.length, 1, 'the device has no response');
  a.network.up();
  assert.equal((await inStep()).filter(({ title }) => title === 'Once').length, 1);
});

test('a response is lost while the stream stays open', async () => {
  const [a, b] = devices;
  b.sync.create('Through the stream');
  await inStep();
  a.network.loseOneAnswer();
  a.sync.create('Lost alone');
  assert.equal((await inStep()).filter(({ title }) => title === 'Lost alone').length, 1);
});

test('a conflict is merged', async () => {
  const [a, b] = devices;
  const [{ id }] = await inStep();
  a.network.down();
  a.sync.update(id, { completed: false });
  b.sync.update(id, { title: 'Renamed meanwhile' });
  while (!(await stored()).some(({ title }) => title === 'Renamed meanwhile'));
  a.network.up();
  const task = (await inStep()).find((t) => t.id === id);
  assert.deepEqual(task, { id, title: 'Renamed meanwhile', completed: false });
  assert.equal(a.conflicts.length, 1);
});

test('a rejected write is dropped and reported', async () => {
  const [a] = devices;
  a.sync.create('x'.repeat(201));
  await inStep();
  assert.equal(a.refusals.length, 1);
});

test('many lost connections while both write', async () => {
  const [a, b] = devices;
  for (let i = 0; i < 30; i++) {
    const device = i % 2 ? a : b;
    device.sync.create(`Task ${i}`);
    const { id } = device.sync.tasks().at(-i % 5) ?? {};
    if (id) device.sync.update(id, { completed: i % 3 === 0 });
    if (i % 4 === 0) device.network.cut();
    if (i % 7 === 0) { device.network.loseAnswers(); setTimeout(() => device.network.up(), 30); }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const tasks = await inStep();
  for (let i = 0; i < 30; i++) assert.equal(tasks.filter(({ title }) => title === `Task ${i}`).length, 1, `Task ${i}`);
});

test('a start with the saved state', async () => {
  const [a] = devices;
  const again = new Sync({ url: a.network.url, accessToken }, JSON.parse(a.saved));
  assert.deepEqual(sorted(again.tasks()), await stored());
});
