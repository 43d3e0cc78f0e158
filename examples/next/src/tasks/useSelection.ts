import { useState } from 'react';
import type { Task } from './task';

/** Which tasks are selected. Tasks that leave the list are not selected any more. */
export function useSelection(tasks: readonly Task[]) {
  const [active, setActive] = useState(false);
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [last, setLast] = useState<string>();
  const selected = tasks.filter(({ id }) => ids.has(id));

  return {
    active,
    selected,
    all: selected.length === tasks.length,
    has: (task: Task) => ids.has(task.id),
    toggleMode() {
      setActive(!active);
      setIds(new Set());
    },
    /** Selects a task or takes it out; with `range` all tasks from the last one to this one. */
    toggle(task: Task, range: boolean) {
      const next = new Set(ids);
      const [from, to] = [tasks.findIndex(({ id }) => id === last), tasks.findIndex(({ id }) => id === task.id)];
      if (range && from >= 0) {
        for (const { id } of tasks.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(id);
      } else if (!next.delete(task.id)) {
        next.add(task.id);
      }
      setLast(task.id);
      setIds(next);
    },
    toggleAll: () => setIds(new Set(selected.length === tasks.length ? [] : tasks.map(({ id }) => id))),
    clear() {
      setActive(false);
      setIds(new Set());
    },
  };
}

export type Selection = ReturnType<typeof useSelection>;
