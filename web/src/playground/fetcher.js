import { createGraphiQLFetcher } from '@graphiql/toolkit';

/**
 * A GraphiQL fetcher for `endpoint`, by HTTP and for subscriptions by WebSocket. Operations carry exactly the headers in GraphiQL's editor.
 * Requests for the schema fall back to `headers`, the JSON text that the editor opens with or
 * null, because GraphiQL sends the first of them before the editor exists.
 */
export function createFetcher(endpoint, headers) {
  const initial = JSON.parse(headers);
  const fetcher = createGraphiQLFetcher({ url: endpoint });
  return createGraphiQLFetcher({
    url: endpoint,
    subscriptionUrl: location.origin.replace(/^http/, 'ws') + endpoint,
    schemaFetcher: (params, options) =>
      fetcher(params, { ...options, headers: options?.headers ?? initial }),
  });
}
