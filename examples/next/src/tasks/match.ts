// What the server does with `filter`, `trash`, `search` and `orderBy`, for the parts of them that the views use. With it, a
// change shows in the right lists at once, before (or without) another request.
import type { TaskFilter, TaskOrder, TasksQueryVariables } from '@/gql/graphql';
import { today } from './days';
import type { Task } from './task';

export function isOverdue(task: Task, now = new Date()): boolean {
  if (task.completed) return false;
  if (task.dueAt) return new Date(task.dueAt) < now;
  return task.dueDate !== null && task.dueDate < today();
}

/** Whether a task belongs to the list with these variables. */
export function matches(task: Task, { filter, search, trash }: Partial<TasksQueryVariables>): boolean {
  if (trash === 'EXCLUDE' && task.deletedAt) return false;
  if (trash === 'ONLY' && !task.deletedAt) return false;
  return (!filter || matchesFilter(task, filter)) && (!search || matchesSearch(task, search));
}

function matchesFilter(task: Task, { completed, due, dueDate, priority, tags }: TaskFilter): boolean {
  if (completed != null && task.completed !== completed) return false;
  if (dueDate?.gt && !(task.dueDate && task.dueDate > dueDate.gt)) return false;
  if (priority?.eq && task.priority !== priority.eq) return false;
  if (tags?.all && !tags.all.every((tag) => hasTag(task, tag))) return false;
  if (!due) return true;
  return (due.includes('OVERDUE') && isOverdue(task)) || (due.includes('TODAY') && task.dueDate === today());
}

function hasTag(task: Task, tag: string): boolean {
  return task.tags.some((own) => own.toLowerCase() === tag.toLowerCase());
}

function matchesSearch(task: Task, search: string): boolean {
  const text = [task.title, task.description ?? '', ...task.tags].join('\n').toLowerCase();
  return search.toLowerCase().replaceAll('"', ' ').split(/\s+/).every((word) => text.includes(word));
}

const PRIORITIES = ['LOW', 'MEDIUM', 'HIGH'];

/** The sort key of a task, or null if it has none. */
function keyOf(task: Task, field: TaskOrder['field']): string | number | null {
  switch (field) {
    case 'POSITION':
      return task.position;
    case 'DUE':
      return task.dueAt ? Date.parse(task.dueAt) : task.dueDate ? Date.parse(`${task.dueDate}T23:59:59.999Z`) : null;
    case 'PRIORITY':
      return PRIORITIES.indexOf(task.priority);
    case 'COMPLETED_AT':
      return task.completedAt && Date.parse(task.completedAt);
    case 'UPDATED_AT':
      return Date.parse(task.updatedAt);
    default:
      return Date.parse(task.createdAt);
  }
}

/** Compares two tasks in the order of a list. */
export function compare(a: Task, b: Task, orderBy: readonly TaskOrder[]): number {
  for (const { field, direction } of orderBy) {
    const [x, y] = [keyOf(a, field), keyOf(b, field)];
    if (x === y) continue;
    if (x === null) return 1;
    if (y === null) return -1;
    return x < y === (direction !== 'DESC') ? -1 : 1;
  }
  return orderBy.at(-1)?.direction === 'DESC' ? Number(b.id) - Number(a.id) || 0 : Number(a.id) - Number(b.id) || 0;
}
