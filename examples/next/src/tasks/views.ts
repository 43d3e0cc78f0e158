import type { Priority, TaskFilter, TaskOrder, TrashScope } from '@/gql/graphql';
import { today } from './days';

/** A screen with a list of tasks. Everything that distinguishes the screens is here. */
export interface View {
  path: string;
  name: string;
  filter(): TaskFilter;
  orderBy: TaskOrder[];
  trash: TrashScope;
  empty: { title: string; text: string };
}

const byDue: TaskOrder[] = [
  { field: 'DUE', direction: 'ASC', nulls: 'LAST' },
  { field: 'PRIORITY', direction: 'DESC', nulls: 'LAST' },
  { field: 'CREATED_AT', direction: 'ASC', nulls: 'LAST' },
];

export const views: View[] = [
  {
    path: 'today',
    name: 'Today',
    filter: () => ({ completed: false, due: ['OVERDUE', 'TODAY'] }),
    orderBy: byDue,
    trash: 'EXCLUDE',
    empty: { title: 'Nothing is due today', text: 'Enjoy the day, or write down what you want to do with it.' },
  },
  {
    path: 'upcoming',
    name: 'Upcoming',
    filter: () => ({ completed: false, dueDate: { gt: today() } }),
    orderBy: byDue,
    trash: 'EXCLUDE',
    empty: { title: 'Nothing is planned', text: 'Tasks that are due after today appear here, day by day.' },
  },
  {
    path: 'all',
    name: 'All',
    filter: () => ({ completed: false }),
    orderBy: [{ field: 'POSITION', direction: 'ASC', nulls: 'LAST' }],
    trash: 'EXCLUDE',
    empty: { title: 'There are no open tasks', text: 'Press N to write one down.' },
  },
  {
    path: 'done',
    name: 'Done',
    filter: () => ({ completed: true }),
    orderBy: [{ field: 'COMPLETED_AT', direction: 'DESC', nulls: 'LAST' }],
    trash: 'EXCLUDE',
    empty: { title: 'Nothing is done yet', text: 'Completed tasks are kept here.' },
  },
  {
    path: 'trash',
    name: 'Trash',
    filter: () => ({}),
    orderBy: [{ field: 'UPDATED_AT', direction: 'DESC', nulls: 'LAST' }],
    trash: 'ONLY',
    empty: { title: 'The trash is empty', text: 'Deleted tasks stay here for 30 days.' },
  },
];

export const byPath = (path: string) => views.find((view) => view.path === path)!;

/** What the user has narrowed a view down to. */
export interface Narrowing {
  search?: string;
  priority?: Priority;
  tag?: string;
}

/** The variables of the list of a view. */
export function listVariables(view: View, { search, priority, tag }: Narrowing) {
  return {
    filter: {
      ...view.filter(),
      ...(priority && { priority: { eq: priority } }),
      ...(tag && { tags: { all: [tag] } }),
    },
    search: search || null,
    orderBy: view.orderBy,
    trash: view.trash,
  };
}
