import { useEffect, useState } from 'react';
import type { CreateTaskInput, DueInput, Priority, UpdateTaskInput } from '@/gql/graphql';
import { timeOf } from './days';
import type { Task } from './task';

/** A task as the form has it: everything is text. */
export interface Draft {
  title: string;
  description: string;
  day: string;
  time: string;
  priority: Priority;
  tags: string;
}

export const emptyDraft: Draft = { title: '', description: '', day: '', time: '', priority: 'MEDIUM', tags: '' };

export function draftOf(task: Pick<Task, 'title' | 'description' | 'dueDate' | 'dueAt' | 'priority' | 'tags'>): Draft {
  return {
    title: task.title,
    description: task.description ?? '',
    day: task.dueDate ?? '',
    time: task.dueAt ? timeOf(task.dueAt) : '',
    priority: task.priority,
    tags: task.tags.join(', '),
  };
}

const DRAFTED = ['title', 'description', 'priority', 'tags', 'due'];

/** Whether the form can show all that a write wanted to store. */
export const fitsDraft = (input: UpdateTaskInput) => Object.keys(input).every((name) => DRAFTED.includes(name));

/** The form with what a rejected write wanted to store. */
export function draftWith(base: Draft, input: UpdateTaskInput | CreateTaskInput): Draft {
  const { title, description, priority, tags, due } = input;
  return {
    title: title ?? base.title,
    description: description === undefined ? base.description : (description ?? ''),
    priority: priority ?? base.priority,
    tags: tags ? tags.join(', ') : base.tags,
    ...(due === undefined ? { day: base.day, time: base.time } : dueOf(due)),
  };
}

function dueOf(due: DueInput | null): Pick<Draft, 'day' | 'time'> {
  if (due?.at) return { day: new Date(due.at).toLocaleDateString('sv'), time: timeOf(due.at) };
  return { day: due?.date ?? '', time: '' };
}

function toDue({ day, time }: Draft): DueInput | null {
  if (!day) return null;
  return time ? { at: new Date(`${day}T${time}`).toISOString() } : { date: day };
}

export const splitTags = (tags: string) => tags.split(',').map((tag) => tag.trim()).filter(Boolean);

export function toCreate(draft: Draft): CreateTaskInput {
  return {
    title: draft.title,
    description: draft.description || null,
    priority: draft.priority,
    tags: splitTags(draft.tags),
    due: toDue(draft),
    completed: false,
  };
}

/** The fields that the user has changed, or undefined if there are none. */
export function toUpdate(before: Draft, draft: Draft): UpdateTaskInput | undefined {
  const changed = (...names: (keyof Draft)[]) => names.some((name) => before[name] !== draft[name]);
  const input: UpdateTaskInput = {
    ...(changed('title') && { title: draft.title }),
    ...(changed('description') && { description: draft.description || null }),
    ...(changed('day', 'time') && { due: toDue(draft) }),
    ...(changed('priority') && { priority: draft.priority }),
    ...(changed('tags') && { tags: splitTags(draft.tags) }),
  };
  return Object.keys(input).length ? input : undefined;
}

/** A draft that survives a reload, until it is dropped or as it was at first. */
export function useDraft(name: string, initial: Draft) {
  const key = `draft:${name}`;
  const [draft, setDraft] = useState<Draft>(() => {
    const saved = localStorage.getItem(key);
    return saved ? { ...initial, ...(JSON.parse(saved) as Partial<Draft>) } : initial;
  });
  const same = JSON.stringify(draft) === JSON.stringify(initial);
  useEffect(() => {
    if (same) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(draft));
  }, [key, draft, same]);
  return [draft, setDraft, () => localStorage.removeItem(key)] as const;
}
