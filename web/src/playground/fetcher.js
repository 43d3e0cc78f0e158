import { createGraphiQLFetcher, isAsyncIterable } from '@graphiql/toolkit';
import { getOperationAST } from 'graphql';

/**
 * A GraphiQL fetcher for `endpoint`, by HTTP and for subscriptions by WebSocket, whose results it adds to `events`. Operations
 * carry exactly the headers in GraphiQL's editor.
 * Requests for the schema fall back to `headers`, the JSON text that the editor opens with or
 * null, because GraphiQL sends the first of them before the editor exists.
 */
export function createFetcher(endpoint, headers, events) {
  const initial = JSON.parse(headers);
  const schemaFetcher = createGraphiQLFetcher({ url: endpoint });
  const fetcher = createGraphiQLFetcher({
    url: endpoint,
    subscriptionUrl: location.origin.replace(/^http/, 'ws') + endpoint,
    schemaFetcher: (params, options) =>
      schemaFetcher(params, { ...options, headers: options?.headers ?? initial }),
  });
  return async (params, options) => {
    const result = await fetcher(params, options);
    const operation = options?.documentAST && getOperationAST(options.documentAST, params.operationName);
    return operation?.operation === 'subscription' && isAsyncIterable(result) ? recorded(result, events) : result;
  };
}

/** The same results, each of which is added to `events`. */
function recorded(results, events) {
  const iterator = results[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const step = await iterator.next();
      if (!step.done) {
        events.add(step.value);
      }
      return step;
    },
    // At once, although a result may be awaited: an async generator would wait for it.
    return: (value) => iterator.return(value),
  };
}
