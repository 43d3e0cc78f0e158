import { signal } from './signal';

export interface Toast {
  id: string;
  text: string;
  undo?: () => void;
  gone?: () => void;
}

/** What screen readers say and nobody sees. */
export const announcement = signal('');

export const toasts = signal<Toast[]>([]);

/** Shows a message for some seconds. `gone` is called if it ends without undo. */
export function toast(text: string, { undo, gone }: { undo?: () => void; gone?: () => void } = {}) {
  // The last three are enough; whatever waited for the others happens now.
  const before = toasts.get();
  for (const old of before.slice(0, -2)) old.gone?.();
  toasts.set([...before.slice(-2), { id: crypto.randomUUID(), text, undo, gone }]);
}

export function dismiss({ id, gone }: Toast) {
  if (!remove(id)) return;
  gone?.();
}

export function undo({ id, undo }: Toast) {
  if (remove(id)) undo?.();
}

function remove(id: string): boolean {
  const rest = toasts.get().filter((toast) => toast.id !== id);
  const removed = rest.length < toasts.get().length;
  toasts.set(rest);
  return removed;
}
