import { useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';
import { announcement } from '@/ui/toast';
import { move } from './actions';
import { useSession } from './Session';
import type { Task } from './task';

/** Puts tasks in order: by dragging a handle with mouse or finger, or with the arrow keys while a handle has the focus. */
export function useDragging(tasks: readonly Task[]) {
  const { outbox } = useSession();
  /** The task that is dragged, and the index before which it would be dropped. */
  const [drag, setDrag] = useState<{ id: string; gap: number } | null>(null);

  const indexOf = (id: string) => tasks.findIndex((task) => task.id === id);

  function drop(task: Task, gap: number) {
    const from = indexOf(task.id);
    if (gap === from || gap === from + 1) return;
    move(outbox, task, tasks[gap - 1]);
    announcement.set(`${task.title}: position ${gap > from ? gap : gap + 1} of ${tasks.length}`);
  }

  function step(task: Task, { key }: KeyboardEvent): boolean {
    const from = indexOf(task.id);
    if (key === 'ArrowUp' && from > 0) drop(task, from - 1);
    else if (key === 'ArrowDown' && from < tasks.length - 1) drop(task, from + 2);
    else return key === 'ArrowUp' || key === 'ArrowDown';
    return true;
  }

  return {
    row: (task: Task) => ({
      'data-dragged': drag?.id === task.id || undefined,
      'data-gap': !drag ? undefined : drag.gap === indexOf(task.id) ? 'before' : drag.gap === indexOf(task.id) + 1 ? 'after' : undefined,
    }),
    handle: (task: Task) => ({
      onKeyDown: (event: KeyboardEvent) => step(task, event) && event.preventDefault(),
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ id: task.id, gap: indexOf(task.id) });
      },
      onPointerMove: ({ clientY, currentTarget }: PointerEvent<HTMLElement>) => {
        if (drag?.id === task.id) setDrag({ id: task.id, gap: gapAt(clientY, currentTarget) });
      },
      onPointerUp: () => {
        if (drag) drop(task, drag.gap);
        setDrag(null);
      },
      onPointerCancel: () => setDrag(null),
    }),
  };
}

/** The number of rows whose middle is above the pointer. */
function gapAt(y: number, handle: HTMLElement): number {
  const rows = [...handle.closest('ul')!.children].map((row) => row.getBoundingClientRect());
  return rows.filter(({ top, height }) => top + height / 2 < y).length;
}

export type Dragging = ReturnType<typeof useDragging>;
