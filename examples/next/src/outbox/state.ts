// What the outbox keeps, and what the user's decisions about rejected writes make of it.
import type { UserError } from './send';
import { named, withId, without } from './write';
import type { Change, Write } from './write';

/** A write that taskql has rejected. It is kept until the user has decided what becomes of it. */
export interface Problem {
  write: Write;
  errors: readonly UserError[];
}

export interface State {
  writes: Write[];
  problems: Problem[];
  /**
   * The ids of tasks that were created lately, with the keys of the writes that created them. After a correction, the
   * new key is the id for the old one.
   */
  created: Created[];
}

type Created = [id: string, key: string];

export const EMPTY: State = { writes: [], problems: [], created: [] };

/** How many created tasks are remembered. */
const LATELY = 100;

export function remember(created: Created[], id: string, key: string): Created[] {
  return [...created.slice(1 - LATELY), [id, key]];
}

/**
 * Returns the first write that can be sent. A write to a task that is not created yet waits: if the creation is a problem, until the
 * user has decided. Later writes to the tasks of a waiting one wait, too, because the order of writes to a task counts.
 */
export function nextToSend({ writes, problems }: State): Write | undefined {
  const all = [...problems.map(({ write }) => write), ...writes];
  const waiting = new Set(all.filter(({ kind }) => kind === 'create').map(({ key }) => key));
  for (const write of writes) {
    const tasks = named(write);
    if (!tasks.some((task) => waiting.has(task))) return write;
    for (const task of tasks) waiting.add(task);
  }
  return undefined;
}

/**
 * Forgets a problem. If a task was to be created, what the user did with it later goes with it: for the user it never existed. Of
 * a write to several tasks, the others stay.
 */
export function discarded({ writes, problems }: State, key: string): Partial<State> {
  return { writes: writes.flatMap((write) => without(write, key)), problems: problems.filter(({ write }) => write.key !== key) };
}

/** Puts a rejected write back as it was. Its key is the same, because taskql may have done it before a fault. */
export function sentAgain(state: State, key: string): Partial<State> {
  const problem = state.problems.find(({ write }) => write.key === key);
  return problem ? putBack(state, key, { ...problem.write, faults: 0 }) : {};
}

/** Puts another write in the place of a rejected one. It has a key of its own, which later writes to a task that it creates get to know. */
export function corrected(state: State, key: string, change: Change): Partial<State> {
  const problem = state.problems.find(({ write }) => write.key === key);
  if (!problem) return {};
  const write = { ...change, key: crypto.randomUUID(), at: problem.write.at, faults: 0 };
  const writes = state.writes.map((later) => withId(later, key, write.key));
  return {
    ...putBack({ ...state, writes }, key, write),
    ...(write.kind === 'create' && { created: remember(state.created, write.key, key) }),
  };
}

/** Takes a write from the problems to the head of the queue: before everything that the user did later. */
function putBack({ writes, problems }: State, key: string, write: Write): Partial<State> {
  const later = writes.findIndex(({ at }) => at > write.at);
  return {
    writes: writes.toSpliced(later < 0 ? writes.length : later, 0, write),
    problems: problems.filter((problem) => problem.write.key !== key),
  };
}
