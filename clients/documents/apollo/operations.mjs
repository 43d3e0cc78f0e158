// The operations of a front end with Apollo Client.
import { gql } from '@apollo/client';

const ROW = gql`
  fragment ApolloRow on Task { id title }
`;

export const LIST = gql`
  query ApolloList($first: Int) {
    tasks(first: $first) { nodes { ...ApolloRow } }
  }
  ${ROW}
`;

export const CREATE = gql`
  mutation ApolloCreate($input: CreateTaskInput!) {
    createTask(input: $input) { task { ...ApolloRow } userErrors { code } }
  }
  ${ROW}
`;
