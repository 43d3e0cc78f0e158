// urql.ts
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { fetchWithToken } from './token';

export const client = new Client({
  url: 'http://localhost:8000/graphql',
  exchanges: [cacheExchange, fetchExchange],
  fetch: fetchWithToken,
});
