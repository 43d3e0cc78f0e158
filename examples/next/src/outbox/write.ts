import type { CreateTaskInput, PlacementInput, UpdateTaskInput } from '@/gql/graphql';

/** A write that taskql has not confirmed yet. `ids` and `id` are ids of tasks, or keys of the writes that create them. */
export type Write = {
  /** Identifies the write, also to taskql, which applies a write with the same key once. */
  key: string;
  /** When the user did it. */
  at: string;
  /** How often taskql answered it with INTERNAL. */
  faults?: number;
} & Change;

export type Change =
  | { kind: 'create'; input: CreateTaskInput }
  | { kind: 'update'; ids: string[]; input: UpdateTaskInput; expectedVersion?: number }
  | { kind: 'move'; id: string; placement: PlacementInput; position: string }
  | { kind: 'trash'; ids: string[] }
  | { kind: 'restore'; ids: string[] }
  | { kind: 'purge'; id: string }
  | { kind: 'empty' };

/** Replaces the key of a created task by the id that taskql gave it. */
export function withId<T extends Change>(write: T, key: string, id: string): T {
  const replace = (one: string) => (one === key ? id : one);
  if ('ids' in write) return { ...write, ids: write.ids.map(replace) };
  if ('id' in write) {
    if (write.kind !== 'move') return { ...write, id: replace(write.id) };
    const { after, before } = write.placement;
    const placement = after ? { after: replace(after) } : before ? { before: replace(before) } : write.placement;
    return { ...write, id: replace(write.id), placement: placement as PlacementInput };
  }
  return write;
}

/** The ids of the tasks that a write names, also of one that it only puts another beside. */
export function named(write: Change): string[] {
  if ('ids' in write) return write.ids;
  if (write.kind !== 'move') return 'id' in write ? [write.id] : [];
  const { after, before } = write.placement;
  return [write.id, after ?? before].filter((id) => id != null);
}

/** What is left of a write without a task that does not exist: the write for the other tasks, or nothing. */
export function without(write: Write, id: string): Write[] {
  if (!named(write).includes(id)) return [write];
  if (!('ids' in write) || write.ids.length === 1) return [];
  return [{ ...write, ids: write.ids.filter((one) => one !== id) }];
}

/** Whether a write is about a task. */
export function concerns(write: Change, id: string): boolean {
  if ('ids' in write) return write.ids.includes(id);
  return 'id' in write && write.id === id;
}
