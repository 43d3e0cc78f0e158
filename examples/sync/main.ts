// Prints the user's tasks at the start and after each change. A line of input creates a task, online or offline.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { accessTokens } from './auth.js';
import { Sync, type State } from './sync.js';

const { TASKQL_URL = 'http://localhost:8000/graphql', AUTH_URL = 'http://localhost:3000', COOKIE } = process.env;
const FILE = 'tasks.json';

function load(): State | undefined {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'));
  } catch {
    return undefined; // the first start
  }
}

const sync = new Sync({
  url: TASKQL_URL,
  accessToken: accessTokens(AUTH_URL, COOKIE),
  save(state) {
    writeFileSync(FILE, JSON.stringify(state));
    console.log(sync.tasks().map(({ title, completed }) => `${completed ? '[x]' : '[ ]'} ${title}`).join('\n') + '\n');
  },
  resolve: ({ input }) => input, // the user's change wins, in the fields that it has
  refused: ({ input }, message) => console.error(`${input.title}: ${message}`),
}, load());

createInterface({ input: process.stdin }).on('line', (title) => sync.create(title));
await sync.run(new AbortController().signal);
