// The normalised cache. Each task is in it once, so a change shows in every list that has the task. What the server's change
// does not say is to which lists a task belongs now: `place` adds it where it matches, and lists leave out what does not match.
import { cacheExchange } from '@urql/exchange-graphcache';
import type { Cache, CacheExchangeOpts } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import type { FragmentType } from '@/gql';
import { readFragment } from '@/gql';
import schema from '@/gql/introspection';
import type {
  CreateTaskMutation,
  DeleteTasksMutation,
  EmptyTrashMutation,
  MoveTaskMutation,
  PurgeTaskMutation,
  RestoreTasksMutation,
  TaskChangedSubscription,
  TasksQueryVariables,
  UpdateTaskMutation,
  UpdateTasksMutation,
} from '@/gql/graphql';
import { matches } from '@/tasks/match';
import { TaskFields } from './documents';

type Masked = FragmentType<typeof TaskFields>;

/** Adds a task to the first page of each list that it belongs to. Its place in the list comes from sorting. */
function place(cache: Cache, masked: Masked | null | undefined) {
  if (!masked) return;
  const task = readFragment(TaskFields, masked);
  const key = cache.keyOfEntity({ __typename: 'Task', id: task.id });
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields('Query')) {
    const variables = args as Partial<TasksQueryVariables> | null;
    if (fieldName !== 'tasks' || !key || !variables || variables.after || !matches(task, variables)) continue;
    const list = cache.resolve('Query', fieldKey) as string | null;
    const nodes = list && (cache.resolve(list, 'nodes') as string[] | null);
    if (nodes && !nodes.includes(key)) cache.link(list, 'nodes', [key, ...nodes]);
  }
}

/** The result of deleteTasks has only ids. The task as it is in the trash follows as a change. */
function trash(cache: Cache, id: string) {
  const task = cache.readFragment(TaskFields, { id } as never);
  if (!task) return;
  const trashed = { ...task, __typename: 'Task', deletedAt: new Date().toISOString() };
  cache.writeFragment(TaskFields, trashed as never);
  place(cache, trashed as unknown as Masked);
}

const forget = (cache: Cache, id: string) => cache.invalidate({ __typename: 'Task', id });

const options: CacheExchangeOpts = {
  schema: schema as CacheExchangeOpts['schema'],
  keys: {
    // These have no id: they are kept with the field that they came from.
    TaskConnection: () => null,
    TaskEdge: () => null,
    PageInfo: () => null,
    TaskStats: () => null,
    TagCount: () => null,
    TaskChange: () => null,
    InvalidInput: () => null,
    TaskNotFound: () => null,
    VersionConflict: () => null,
  },
  resolvers: { Query: { tasks: relayPagination() } },
  updates: {
    Mutation: {
      createTask: ({ createTask }: CreateTaskMutation, _, cache) => place(cache, createTask?.task),
      updateTask: ({ updateTask }: UpdateTaskMutation, _, cache) => place(cache, updateTask?.task),
      updateTasks: ({ updateTasks }: UpdateTasksMutation, _, cache) => updateTasks?.tasks.forEach((task) => place(cache, task)),
      moveTask: ({ moveTask }: MoveTaskMutation, _, cache) => place(cache, moveTask?.task),
      deleteTasks: ({ deleteTasks }: DeleteTasksMutation, _, cache) => deleteTasks?.deletedTaskIds.forEach((id) => trash(cache, id)),
      restoreTasks: ({ restoreTasks }: RestoreTasksMutation, _, cache) => restoreTasks?.tasks.forEach((task) => place(cache, task)),
      purgeTask: ({ purgeTask }: PurgeTaskMutation, _, cache) => purgeTask?.deletedTaskId && forget(cache, purgeTask.deletedTaskId),
      emptyTrash: ({ emptyTrash }: EmptyTrashMutation, _, cache) => emptyTrash?.deletedTaskIds.forEach((id) => forget(cache, id)),
    },
    Subscription: {
      taskChanged: ({ taskChanged: { kind, taskId, task } }: TaskChangedSubscription, _, cache) =>
        kind === 'PURGED' ? forget(cache, taskId) : place(cache, task),
    },
  },
};

export const taskCache = () => cacheExchange(options);
