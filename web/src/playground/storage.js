import { createLocalStorage } from '@graphiql/toolkit';

const keysWithHeaders = ['graphiql:tabState', 'graphiql:queries', 'graphiql:favorites'];

/**
 * What GraphiQL remembers between visits: localStorage, under a prefix of its own because
 * projects take turns on addresses such as localhost:8080.
 *
 * Headers are not remembered, as they hold access tokens, which are secret and grow stale.
 * They are dropped on the way in, and `headers`, the JSON text for the headers editor or null,
 * takes their place in every tab and history item on the way out.
 */
export function createStorage(headers) {
  const storage = createLocalStorage({ namespace: 'taskql' });
  return Object.assign(Object.create(storage), {
    getItem(key) {
      if (key === 'graphiql:headers') {
        return headers;
      }
      const value = storage.getItem(key);
      return keysWithHeaders.includes(key) ? withHeaders(value, headers) : value;
    },
    setItem(key, value) {
      if (key !== 'graphiql:headers') {
        storage.setItem(key, keysWithHeaders.includes(key) ? withHeaders(value, null) : value);
      }
    },
  });
}

function withHeaders(json, headers) {
  return JSON.stringify(JSON.parse(json), (key, value) => (key === 'headers' ? headers : value));
}
