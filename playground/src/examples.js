import createTask from './examples/create-task.graphql';
import listTasks from './examples/list-tasks.graphql';
import search from './examples/search.graphql';
import completeTask from './examples/complete-task.graphql';

/** The operations that a first visit opens, one per tab, in the order of the tabs. */
export const examples = [createTask, listTasks, search, completeTask];
