// apollo.ts
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { fetchWithToken } from './token';

export const client = new ApolloClient({
  link: new HttpLink({ uri: 'http://localhost:8000/graphql', fetch: fetchWithToken }),
  cache: new InMemoryCache(),
});
