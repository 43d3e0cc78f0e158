// A value outside of React that components can follow with useSignal.
import { useEffect, useState } from 'react';

export interface Signal<T> {
  get(): T;
  set(value: T): void;
  /** Calls the listener after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

export function signal<T>(value: T): Signal<T> {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/**
 * Returns the value and renders again when it changes. The server renders with `initial`. Unlike useSyncExternalStore, it lets
 * React render the change together with others of the same moment, such as the response to a write.
 */
export function useSignal<T>(source: Signal<T>, initial?: T): T {
  const [value, setValue] = useState(() => (initial === undefined ? source.get() : initial));
  useEffect(() => {
    const read = () => setValue(() => source.get());
    read(); // it may have changed since the rendering
    return source.subscribe(read);
  }, [source]);
  return value;
}
