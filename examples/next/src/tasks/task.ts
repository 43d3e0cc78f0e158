import { readFragment } from '@/gql';
import type { FragmentType } from '@/gql';
import { TaskFields } from '@/api/documents';
import type { TaskFieldsFragment } from '@/gql/graphql';

/** A task as the screens show it: the server's state with the unsent writes applied. */
export interface Task extends TaskFieldsFragment {
  /** Whether a write to this task has not been confirmed yet. */
  pending?: boolean;
}

/** Opens the masked tasks of a result. */
export function readTasks(nodes: readonly FragmentType<typeof TaskFields>[]): Task[] {
  return [...readFragment(TaskFields, nodes)];
}
