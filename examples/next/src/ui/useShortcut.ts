import { useEffect, useEffectEvent } from 'react';

/** Calls `run` when the key is pressed outside of text fields and dialogs. */
export function useShortcut(key: string, run: () => void) {
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest?.('input:not([type=checkbox]), textarea, select, dialog')) return;
    event.preventDefault();
    run();
  });
  useEffect(() => {
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}
