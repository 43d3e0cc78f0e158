/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment TaskFields on Task {\n    id\n    title\n    description\n    priority\n    tags\n    completed\n    completedAt\n    dueDate\n    dueAt\n    position\n    version\n    createdAt\n    updatedAt\n    deletedAt\n  }\n": typeof types.TaskFieldsFragmentDoc,
    "\n  fragment ErrorFields on UserError {\n    __typename\n    code\n    message\n    field\n    ... on InvalidInput {\n      limit\n    }\n    ... on VersionConflict {\n      current {\n        ...TaskFields\n      }\n    }\n  }\n": typeof types.ErrorFieldsFragmentDoc,
    "\n  query Tasks($first: Int!, $after: String, $filter: TaskFilter, $search: String, $orderBy: [TaskOrder!], $trash: TrashScope!) {\n    tasks(first: $first, after: $after, filter: $filter, search: $search, orderBy: $orderBy, trash: $trash) {\n      nodes {\n        id\n        ...TaskFields\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.TasksDocument,
    "\n  query Counts($today: TaskFilter!, $upcoming: TaskFilter!) {\n    taskStats {\n      open\n    }\n    today: tasks(first: 1, filter: $today) {\n      totalCount\n    }\n    upcoming: tasks(first: 1, filter: $upcoming) {\n      totalCount\n    }\n    trash: tasks(first: 1, trash: ONLY) {\n      totalCount\n    }\n    tags(first: 30) {\n      tag\n      open\n    }\n  }\n": typeof types.CountsDocument,
    "\n  query SyncToken {\n    syncToken\n  }\n": typeof types.SyncTokenDocument,
    "\n  subscription TaskChanged($since: SyncToken) {\n    taskChanged(since: $since) {\n      kind\n      taskId\n      token\n      task {\n        id\n        ...TaskFields\n      }\n    }\n  }\n": typeof types.TaskChangedDocument,
    "\n  mutation CreateTask($key: String!, $input: CreateTaskInput!) {\n    createTask(input: $input, idempotencyKey: $key) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": typeof types.CreateTaskDocument,
    "\n  mutation UpdateTask($key: String!, $id: ID!, $input: UpdateTaskInput!, $expectedVersion: Int) {\n    updateTask(id: $id, input: $input, expectedVersion: $expectedVersion, idempotencyKey: $key) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": typeof types.UpdateTaskDocument,
    "\n  mutation UpdateTasks($key: String!, $ids: [ID!]!, $input: UpdateTaskInput!) {\n    updateTasks(ids: $ids, input: $input, idempotencyKey: $key) {\n      tasks {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": typeof types.UpdateTasksDocument,
    "\n  mutation MoveTask($id: ID!, $placement: PlacementInput!) {\n    moveTask(id: $id, placement: $placement) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": typeof types.MoveTaskDocument,
    "\n  mutation DeleteTasks($ids: [ID!]!) {\n    deleteTasks(ids: $ids) {\n      deletedTaskIds\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": typeof types.DeleteTasksDocument,
    "\n  mutation RestoreTasks($ids: [ID!]!) {\n    restoreTasks(ids: $ids) {\n      tasks {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": typeof types.RestoreTasksDocument,
    "\n  mutation PurgeTask($id: ID!) {\n    purgeTask(id: $id) {\n      deletedTaskId\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": typeof types.PurgeTaskDocument,
    "\n  mutation EmptyTrash {\n    emptyTrash {\n      deletedTaskIds\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": typeof types.EmptyTrashDocument,
};
const documents: Documents = {
    "\n  fragment TaskFields on Task {\n    id\n    title\n    description\n    priority\n    tags\n    completed\n    completedAt\n    dueDate\n    dueAt\n    position\n    version\n    createdAt\n    updatedAt\n    deletedAt\n  }\n": types.TaskFieldsFragmentDoc,
    "\n  fragment ErrorFields on UserError {\n    __typename\n    code\n    message\n    field\n    ... on InvalidInput {\n      limit\n    }\n    ... on VersionConflict {\n      current {\n        ...TaskFields\n      }\n    }\n  }\n": types.ErrorFieldsFragmentDoc,
    "\n  query Tasks($first: Int!, $after: String, $filter: TaskFilter, $search: String, $orderBy: [TaskOrder!], $trash: TrashScope!) {\n    tasks(first: $first, after: $after, filter: $filter, search: $search, orderBy: $orderBy, trash: $trash) {\n      nodes {\n        id\n        ...TaskFields\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.TasksDocument,
    "\n  query Counts($today: TaskFilter!, $upcoming: TaskFilter!) {\n    taskStats {\n      open\n    }\n    today: tasks(first: 1, filter: $today) {\n      totalCount\n    }\n    upcoming: tasks(first: 1, filter: $upcoming) {\n      totalCount\n    }\n    trash: tasks(first: 1, trash: ONLY) {\n      totalCount\n    }\n    tags(first: 30) {\n      tag\n      open\n    }\n  }\n": types.CountsDocument,
    "\n  query SyncToken {\n    syncToken\n  }\n": types.SyncTokenDocument,
    "\n  subscription TaskChanged($since: SyncToken) {\n    taskChanged(since: $since) {\n      kind\n      taskId\n      token\n      task {\n        id\n        ...TaskFields\n      }\n    }\n  }\n": types.TaskChangedDocument,
    "\n  mutation CreateTask($key: String!, $input: CreateTaskInput!) {\n    createTask(input: $input, idempotencyKey: $key) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": types.CreateTaskDocument,
    "\n  mutation UpdateTask($key: String!, $id: ID!, $input: UpdateTaskInput!, $expectedVersion: Int) {\n    updateTask(id: $id, input: $input, expectedVersion: $expectedVersion, idempotencyKey: $key) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": types.UpdateTaskDocument,
    "\n  mutation UpdateTasks($key: String!, $ids: [ID!]!, $input: UpdateTaskInput!) {\n    updateTasks(ids: $ids, input: $input, idempotencyKey: $key) {\n      tasks {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": types.UpdateTasksDocument,
    "\n  mutation MoveTask($id: ID!, $placement: PlacementInput!) {\n    moveTask(id: $id, placement: $placement) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": types.MoveTaskDocument,
    "\n  mutation DeleteTasks($ids: [ID!]!) {\n    deleteTasks(ids: $ids) {\n      deletedTaskIds\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": types.DeleteTasksDocument,
    "\n  mutation RestoreTasks($ids: [ID!]!) {\n    restoreTasks(ids: $ids) {\n      tasks {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": types.RestoreTasksDocument,
    "\n  mutation PurgeTask($id: ID!) {\n    purgeTask(id: $id) {\n      deletedTaskId\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": types.PurgeTaskDocument,
    "\n  mutation EmptyTrash {\n    emptyTrash {\n      deletedTaskIds\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n": types.EmptyTrashDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TaskFields on Task {\n    id\n    title\n    description\n    priority\n    tags\n    completed\n    completedAt\n    dueDate\n    dueAt\n    position\n    version\n    createdAt\n    updatedAt\n    deletedAt\n  }\n"): (typeof documents)["\n  fragment TaskFields on Task {\n    id\n    title\n    description\n    priority\n    tags\n    completed\n    completedAt\n    dueDate\n    dueAt\n    position\n    version\n    createdAt\n    updatedAt\n    deletedAt\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ErrorFields on UserError {\n    __typename\n    code\n    message\n    field\n    ... on InvalidInput {\n      limit\n    }\n    ... on VersionConflict {\n      current {\n        ...TaskFields\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment ErrorFields on UserError {\n    __typename\n    code\n    message\n    field\n    ... on InvalidInput {\n      limit\n    }\n    ... on VersionConflict {\n      current {\n        ...TaskFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Tasks($first: Int!, $after: String, $filter: TaskFilter, $search: String, $orderBy: [TaskOrder!], $trash: TrashScope!) {\n    tasks(first: $first, after: $after, filter: $filter, search: $search, orderBy: $orderBy, trash: $trash) {\n      nodes {\n        id\n        ...TaskFields\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Tasks($first: Int!, $after: String, $filter: TaskFilter, $search: String, $orderBy: [TaskOrder!], $trash: TrashScope!) {\n    tasks(first: $first, after: $after, filter: $filter, search: $search, orderBy: $orderBy, trash: $trash) {\n      nodes {\n        id\n        ...TaskFields\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Counts($today: TaskFilter!, $upcoming: TaskFilter!) {\n    taskStats {\n      open\n    }\n    today: tasks(first: 1, filter: $today) {\n      totalCount\n    }\n    upcoming: tasks(first: 1, filter: $upcoming) {\n      totalCount\n    }\n    trash: tasks(first: 1, trash: ONLY) {\n      totalCount\n    }\n    tags(first: 30) {\n      tag\n      open\n    }\n  }\n"): (typeof documents)["\n  query Counts($today: TaskFilter!, $upcoming: TaskFilter!) {\n    taskStats {\n      open\n    }\n    today: tasks(first: 1, filter: $today) {\n      totalCount\n    }\n    upcoming: tasks(first: 1, filter: $upcoming) {\n      totalCount\n    }\n    trash: tasks(first: 1, trash: ONLY) {\n      totalCount\n    }\n    tags(first: 30) {\n      tag\n      open\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SyncToken {\n    syncToken\n  }\n"): (typeof documents)["\n  query SyncToken {\n    syncToken\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TaskChanged($since: SyncToken) {\n    taskChanged(since: $since) {\n      kind\n      taskId\n      token\n      task {\n        id\n        ...TaskFields\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription TaskChanged($since: SyncToken) {\n    taskChanged(since: $since) {\n      kind\n      taskId\n      token\n      task {\n        id\n        ...TaskFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateTask($key: String!, $input: CreateTaskInput!) {\n    createTask(input: $input, idempotencyKey: $key) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateTask($key: String!, $input: CreateTaskInput!) {\n    createTask(input: $input, idempotencyKey: $key) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateTask($key: String!, $id: ID!, $input: UpdateTaskInput!, $expectedVersion: Int) {\n    updateTask(id: $id, input: $input, expectedVersion: $expectedVersion, idempotencyKey: $key) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateTask($key: String!, $id: ID!, $input: UpdateTaskInput!, $expectedVersion: Int) {\n    updateTask(id: $id, input: $input, expectedVersion: $expectedVersion, idempotencyKey: $key) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateTasks($key: String!, $ids: [ID!]!, $input: UpdateTaskInput!) {\n    updateTasks(ids: $ids, input: $input, idempotencyKey: $key) {\n      tasks {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateTasks($key: String!, $ids: [ID!]!, $input: UpdateTaskInput!) {\n    updateTasks(ids: $ids, input: $input, idempotencyKey: $key) {\n      tasks {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MoveTask($id: ID!, $placement: PlacementInput!) {\n    moveTask(id: $id, placement: $placement) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation MoveTask($id: ID!, $placement: PlacementInput!) {\n    moveTask(id: $id, placement: $placement) {\n      task {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteTasks($ids: [ID!]!) {\n    deleteTasks(ids: $ids) {\n      deletedTaskIds\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteTasks($ids: [ID!]!) {\n    deleteTasks(ids: $ids) {\n      deletedTaskIds\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RestoreTasks($ids: [ID!]!) {\n    restoreTasks(ids: $ids) {\n      tasks {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RestoreTasks($ids: [ID!]!) {\n    restoreTasks(ids: $ids) {\n      tasks {\n        id\n        ...TaskFields\n      }\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PurgeTask($id: ID!) {\n    purgeTask(id: $id) {\n      deletedTaskId\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation PurgeTask($id: ID!) {\n    purgeTask(id: $id) {\n      deletedTaskId\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EmptyTrash {\n    emptyTrash {\n      deletedTaskIds\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation EmptyTrash {\n    emptyTrash {\n      deletedTaskIds\n      userErrors {\n        ...ErrorFields\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;