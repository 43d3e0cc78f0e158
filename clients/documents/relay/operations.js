// The operations of a front end with Relay. The compiler reads them here, and the test uses what it makes of them.
import { graphql } from 'react-relay';

graphql`
  query operationsListQuery($first: Int) {
    tasks(first: $first) { edges { node { ...operations_row } } }
  }
`;
graphql`
  fragment operations_row on Task { id title }
`;
graphql`
  mutation operationsCreateMutation($input: CreateTaskInput!) {
    createTask(input: $input) { task { id title } userErrors { code } }
  }
`;
graphql`
  subscription operationsChangedSubscription {
    taskChanged { task { id title } }
  }
`;
