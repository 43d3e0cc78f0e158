// The operations of a front end with GraphQL Code Generator's client preset.
import { graphql } from '../built/codegen/gql';

export const List = graphql(`
  query CodegenList($first: Int) {
    tasks(first: $first) { nodes { ...CodegenRow } }
  }
  fragment CodegenRow on Task { id title }
`);

export const Create = graphql(`
  mutation CodegenCreate($input: CreateTaskInput!) {
    createTask(input: $input) { task { ...CodegenRow } userErrors { code } }
  }
`);

export const Changed = graphql(`
  subscription CodegenChanged {
    taskChanged { task { id title } }
  }
`);
