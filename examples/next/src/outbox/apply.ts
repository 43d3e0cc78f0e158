// What the user sees: the server's tasks with the unsent writes applied. A write that fails is dropped, and with it its effect.
import type { UpdateTaskInput } from '@/gql/graphql';
import { dayOf } from '@/tasks/days';
import type { Task } from '@/tasks/task';
import type { Write } from './write';

export function applyAll(tasks: readonly Task[], writes: readonly Write[]): Task[] {
  const seen = new Map(tasks.map((task) => [task.id, task]));
  for (const write of writes) apply(seen, write);
  return [...seen.values()];
}

function apply(tasks: Map<string, Task>, write: Write) {
  const change = (id: string, fields: (task: Task) => Partial<Task>) => {
    const task = tasks.get(id);
    if (task) tasks.set(id, { ...task, ...fields(task), updatedAt: write.at, pending: true });
  };
  switch (write.kind) {
    case 'create':
      tasks.set(write.key, { ...blank(write.key, write.at), ...patch(blank(write.key, write.at), write.input, write.at) });
      break;
    case 'update':
      for (const id of write.ids) change(id, (task) => patch(task, write.input, write.at));
      break;
    case 'move':
      change(write.id, () => ({ position: write.position }));
      break;
    case 'trash':
      for (const id of write.ids) change(id, () => ({ deletedAt: write.at }));
      break;
    case 'restore':
      for (const id of write.ids) change(id, () => ({ deletedAt: null }));
      break;
    case 'purge':
      tasks.delete(write.id);
      break;
    case 'empty':
      for (const { id, deletedAt } of tasks.values()) if (deletedAt) tasks.delete(id);
  }
}

/** A new task, which stands on top. */
function blank(id: string, at: string): Task {
  return {
    id,
    title: '',
    description: null,
    priority: 'MEDIUM',
    tags: [],
    completed: false,
    completedAt: null,
    dueDate: null,
    dueAt: null,
    position: '',
    version: 0,
    createdAt: at,
    updatedAt: at,
    deletedAt: null,
    pending: true,
  };
}

function patch(task: Task, input: UpdateTaskInput, at: string): Partial<Task> {
  const { title, description, priority, tags, addTags, removeTags, due, completed } = input;
  return {
    ...(title != null && { title: title.trim() }),
    ...(description !== undefined && { description: description?.trim() || null }),
    ...(priority && { priority }),
    ...(tags && { tags }),
    ...((addTags || removeTags) && { tags: changeTags(task.tags, addTags ?? [], removeTags ?? []) }),
    ...(due !== undefined && { dueDate: due?.date ?? (due?.at ? dayOf(new Date(due.at)) : null), dueAt: due?.at ?? null }),
    ...(completed != null && completed !== task.completed && { completed, completedAt: completed ? at : null }),
  };
}

function changeTags(tags: string[], add: readonly string[], remove: readonly string[]): string[] {
  const is = (list: readonly string[], tag: string) => list.some((one) => one.toLowerCase() === tag.toLowerCase());
  return [...tags, ...add.filter((tag) => !is(tags, tag))].filter((tag) => !is(remove, tag));
}
