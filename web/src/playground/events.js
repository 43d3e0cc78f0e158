/** How many events are kept. The oldest are dropped. */
const MAX_EVENTS = 200;

/** The events of subscriptions since the page was loaded, the newest first, as a store for React. */
export function createEvents() {
  let list = [];
  let count = 0;
  const listeners = new Set();
  const change = (next) => {
    list = next;
    listeners.forEach((listener) => listener());
  };
  return {
    read: () => list,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (result) => change([{ number: ++count, time: new Date(), result }, ...list].slice(0, MAX_EVENTS)),
    clear: () => change([]),
  };
}
