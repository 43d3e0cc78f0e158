// The server under test, and what the checks do there beside the recipes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Create, Update } from '../built/graphql/src/operations';
import { request } from '../built/graphql/src/request';

export const user = process.env.TASKQL_USER!;
export const uniqueTitle = (text: string) => `${text} ${randomUUID()}`;

/** Creates a task as another client would, and returns its id. */
export async function add(title = uniqueTitle('Added')): Promise<string> {
  const { createTask } = await request(Create, { input: { title } });
  return createTask!.taskEdge!.node.id;
}

export async function rename(id: string, title: string) {
  const { updateTask } = await request(Update, { id, input: { title } });
  assert.deepEqual(updateTask!.userErrors, []);
}

/** Waits until a condition holds, at most for a minute. */
export async function until(condition: () => boolean | Promise<boolean>) {
  for (const end = Date.now() + 60_000; !(await condition()); await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (Date.now() > end) assert.fail(`it did not become true: ${condition}`);
  }
}

/** Holds the next request that contains a text. fail waits for the request, and ends it as a lost connection does. */
export function held(text: string): { fail(): Promise<void> } {
  const { fetch } = globalThis;
  let lose!: () => void, arrive!: () => void;
  const lost = new Promise<never>((_, reject) => (lose = () => reject(new TypeError('fetch failed'))));
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  globalThis.fetch = (input, init) => {
    if (!String(init?.body).includes(text)) return fetch(input, init);
    globalThis.fetch = fetch;
    arrive();
    return lost;
  };
  return { fail: () => arrived.then(lose) };
}
