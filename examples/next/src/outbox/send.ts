import type { AnyVariables, Client, CombinedError, TypedDocumentNode } from '@urql/core';
import {
  CreateTask,
  DeleteTasks,
  EmptyTrash,
  ErrorFields,
  MoveTask,
  PurgeTask,
  RestoreTasks,
  UpdateTask,
  UpdateTasks,
} from '@/api/documents';
import type { FragmentType } from '@/gql';
import { readFragment } from '@/gql';
import type { ErrorFieldsFragment } from '@/gql/graphql';
import type { Write } from './write';

export type UserError = ErrorFieldsFragment | { __typename: 'Failure'; code: string; message: string; field: null };

/** Nobody knows whether taskql has the write: it must be sent again, and not before `pause` milliseconds if there is such a time. */
export class Undelivered extends Error {
  constructor(message?: string, readonly pause?: number) {
    super(message);
  }
}

interface Result {
  /** The id of the created task. */
  id?: string;
  errors: readonly UserError[];
}

/** Sends a write. It throws Undelivered if it must be sent again. */
export async function send(client: Client, write: Write): Promise<Result> {
  const { key } = write;
  switch (write.kind) {
    case 'create': {
      const { createTask } = await run(client, CreateTask, { key, input: write.input });
      return { id: createTask?.task?.id, errors: errorsOf(createTask) };
    }
    case 'update': {
      const { ids, input, expectedVersion } = write;
      if (ids.length > 1) return { errors: errorsOf((await run(client, UpdateTasks, { key, ids, input })).updateTasks) };
      return { errors: errorsOf((await run(client, UpdateTask, { key, id: ids[0]!, input, expectedVersion })).updateTask) };
    }
    case 'move':
      return { errors: errorsOf((await run(client, MoveTask, { id: write.id, placement: write.placement })).moveTask) };
    case 'trash':
      return { errors: errorsOf((await run(client, DeleteTasks, { ids: write.ids })).deleteTasks) };
    case 'restore':
      return { errors: errorsOf((await run(client, RestoreTasks, { ids: write.ids })).restoreTasks) };
    case 'purge':
      return { errors: errorsOf((await run(client, PurgeTask, { id: write.id })).purgeTask) };
    case 'empty':
      return { errors: errorsOf((await run(client, EmptyTrash, {})).emptyTrash) };
  }
}

type Payload = { userErrors: readonly FragmentType<typeof ErrorFields>[] } | null;

const errorsOf = (payload: Payload): readonly UserError[] => (payload ? readFragment(ErrorFields, payload.userErrors) : []);

async function run<Data, Variables extends AnyVariables>(client: Client, document: TypedDocumentNode<Data, Variables>, variables: Variables) {
  const { data, error } = await client.mutation(document, variables).toPromise();
  if (error && isTemporary(error)) throw new Undelivered(error.message);
  if (error || !data) throw new Refused(error);
  return data;
}

/** taskql did not accept the request as such. It may the next time if the code is INTERNAL, and will not with any other code. */
export class Refused extends Error {
  readonly code: string;

  constructor(error: CombinedError | undefined) {
    super(error?.graphQLErrors[0]?.message ?? 'The server did not accept this.');
    this.code = codeOf(error);
  }
}

const TEMPORARY = ['UNAUTHENTICATED', 'RATE_LIMITED', 'AUTH_UNAVAILABLE', 'UNAVAILABLE', 'TIMEOUT'];

function isTemporary(error: CombinedError): boolean {
  return !error.graphQLErrors.length || TEMPORARY.includes(codeOf(error));
}

const codeOf = (error: CombinedError | undefined) => String(error?.graphQLErrors[0]?.extensions?.code ?? 'UNKNOWN');
