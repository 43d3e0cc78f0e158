import { graphql } from '@/gql';

/** What the views and the outbox need to know of a task. */
export const TaskFields = graphql(`
  fragment TaskFields on Task {
    id
    title
    description
    priority
    tags
    completed
    completedAt
    dueDate
    dueAt
    position
    version
    createdAt
    updatedAt
    deletedAt
  }
`);

/** A reason why nothing was written. */
export const ErrorFields = graphql(`
  fragment ErrorFields on UserError {
    __typename
    code
    message
    field
    ... on InvalidInput {
      limit
    }
    ... on VersionConflict {
      current {
        ...TaskFields
      }
    }
  }
`);

export const TasksQuery = graphql(`
  query Tasks($first: Int!, $after: String, $filter: TaskFilter, $search: String, $orderBy: [TaskOrder!], $trash: TrashScope!) {
    tasks(first: $first, after: $after, filter: $filter, search: $search, orderBy: $orderBy, trash: $trash) {
      nodes {
        id
        ...TaskFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const CountsQuery = graphql(`
  query Counts($today: TaskFilter!, $upcoming: TaskFilter!) {
    taskStats {
      open
    }
    today: tasks(first: 1, filter: $today) {
      totalCount
    }
    upcoming: tasks(first: 1, filter: $upcoming) {
      totalCount
    }
    trash: tasks(first: 1, trash: ONLY) {
      totalCount
    }
    tags(first: 30) {
      tag
      open
    }
  }
`);

export const SyncToken = graphql(`
  query SyncToken {
    syncToken
  }
`);

export const TaskChanged = graphql(`
  subscription TaskChanged($since: SyncToken) {
    taskChanged(since: $since) {
      kind
      taskId
      token
      task {
        id
        ...TaskFields
      }
    }
  }
`);

export const CreateTask = graphql(`
  mutation CreateTask($key: String!, $input: CreateTaskInput!) {
    createTask(input: $input, idempotencyKey: $key) {
      task {
        id
        ...TaskFields
      }
      userErrors {
        ...ErrorFields
      }
    }
  }
`);

export const UpdateTask = graphql(`
  mutation UpdateTask($key: String!, $id: ID!, $input: UpdateTaskInput!, $expectedVersion: Int) {
    updateTask(id: $id, input: $input, expectedVersion: $expectedVersion, idempotencyKey: $key) {
      task {
        id
        ...TaskFields
      }
      userErrors {
        ...ErrorFields
      }
    }
  }
`);

export const UpdateTasks = graphql(`
  mutation UpdateTasks($key: String!, $ids: [ID!]!, $input: UpdateTaskInput!) {
    updateTasks(ids: $ids, input: $input, idempotencyKey: $key) {
      tasks {
        id
        ...TaskFields
      }
      userErrors {
        ...ErrorFields
      }
    }
  }
`);

export const MoveTask = graphql(`
  mutation MoveTask($id: ID!, $placement: PlacementInput!) {
    moveTask(id: $id, placement: $placement) {
      task {
        id
        ...TaskFields
      }
      userErrors {
        ...ErrorFields
      }
    }
  }
`);

export const DeleteTasks = graphql(`
  mutation DeleteTasks($ids: [ID!]!) {
    deleteTasks(ids: $ids) {
      deletedTaskIds
      userErrors {
        ...ErrorFields
      }
    }
  }
`);

export const RestoreTasks = graphql(`
  mutation RestoreTasks($ids: [ID!]!) {
    restoreTasks(ids: $ids) {
      tasks {
        id
        ...TaskFields
      }
      userErrors {
        ...ErrorFields
      }
    }
  }
`);

export const PurgeTask = graphql(`
  mutation PurgeTask($id: ID!) {
    purgeTask(id: $id) {
      deletedTaskId
      userErrors {
        ...ErrorFields
      }
    }
  }
`);

export const EmptyTrash = graphql(`
  mutation EmptyTrash {
    emptyTrash {
      deletedTaskIds
      userErrors {
        ...ErrorFields
      }
    }
  }
`);
