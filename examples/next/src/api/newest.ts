// Responses and changes can overtake each other. A task's version only grows, so an older state of it never replaces a newer one.
import type { Exchange } from '@urql/core';
import { map, pipe } from 'wonka';
import type { Task } from '@/tasks/task';

type Typed = Task & { __typename: 'Task' };

/** `known` gets the newest state of each task. */
export const newestExchange = (known: Map<string, Task>): Exchange => ({ forward }) => {
  function keepNewest(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(keepNewest);
    if (value === null || typeof value !== 'object') return value;
    if (!isTask(value)) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, keepNewest(part)]));
    const newest = known.get(value.id);
    if (newest && newest.version > value.version) return newest;
    known.set(value.id, value);
    return value;
  }

  return (operations) =>
    pipe(
      operations,
      forward,
      map((result) => ({ ...result, data: keepNewest(result.data) })),
    );
};

function isTask(value: object): value is Typed {
  return '__typename' in value && value.__typename === 'Task' && 'version' in value;
}
