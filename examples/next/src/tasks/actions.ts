// What the user can do with tasks. Whatever takes tasks off the screen offers to undo it.
import type { Outbox } from '@/outbox/outbox';
import type { Change } from '@/outbox/write';
import { toast } from '@/ui/toast';
import type { Task } from './task';

/** The most tasks that one write may have. */
const MOST = 100;

function inParts<T extends Change>(tasks: readonly Task[], change: (ids: string[]) => T): T[] {
  const ids = tasks.map(({ id }) => id);
  return Array.from({ length: Math.ceil(ids.length / MOST) }, (_, i) => change(ids.slice(i * MOST, (i + 1) * MOST)));
}

const named = (tasks: readonly Task[]) => (tasks.length === 1 ? `“${tasks[0]!.title}”` : `${tasks.length} tasks`);

export function complete(outbox: Outbox, tasks: readonly Task[], completed = true) {
  const write = (value: boolean) => inParts(tasks, (ids) => ({ kind: 'update', ids, input: { completed: value } }));
  outbox.add(write(completed));
  toast(`${completed ? 'Completed' : 'Reopened'} ${named(tasks)}`, { undo: () => outbox.add(write(!completed)) });
}

export function update(outbox: Outbox, tasks: readonly Task[], input: (Change & { kind: 'update' })['input']) {
  outbox.add(inParts(tasks, (ids) => ({ kind: 'update', ids, input })));
}

export function moveToTrash(outbox: Outbox, tasks: readonly Task[]) {
  outbox.add(inParts(tasks, (ids) => ({ kind: 'trash', ids })));
  toast(`Moved ${named(tasks)} to the trash`, { undo: () => outbox.add(inParts(tasks, (ids) => ({ kind: 'restore', ids }))) });
}

export function restore(outbox: Outbox, tasks: readonly Task[]) {
  outbox.add(inParts(tasks, (ids) => ({ kind: 'restore', ids })));
  toast(`Restored ${named(tasks)}`, { undo: () => outbox.add(inParts(tasks, (ids) => ({ kind: 'trash', ids }))) });
}

/** Deletes for good. taskql cannot take that back, so it is sent only when the time to undo is over. */
export function purge(outbox: Outbox, tasks: readonly Task[]) {
  later(outbox, tasks.map(({ id }) => ({ kind: 'purge', id })), `Deleted ${named(tasks)} for good`);
}

export function emptyTrash(outbox: Outbox) {
  later(outbox, [{ kind: 'empty' }], 'Emptied the trash');
}

function later(outbox: Outbox, changes: Change[], text: string) {
  const keys = outbox.hold(changes);
  toast(text, { undo: () => outbox.cancel(keys), gone: () => outbox.release(keys) });
}

/** Moves a task directly behind another, or to the top. */
export function move(outbox: Outbox, task: Task, behind: Task | undefined) {
  outbox.add([
    {
      kind: 'move',
      id: task.id,
      placement: behind ? { after: behind.id } : { end: 'FIRST' },
      position: behind ? `${behind.position}!` : '', // until taskql says which it is
    },
  ]);
}
