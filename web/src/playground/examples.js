import badges from './examples/badges.graphql';
import byTag from './examples/by-tag.graphql';
import changes from './examples/changes.graphql';
import completeTask from './examples/complete-task.graphql';
import createTask from './examples/create-task.graphql';
import deleteTask from './examples/delete-task.graphql';
import done from './examples/done.graphql';
import listTasks from './examples/list-tasks.graphql';
import live from './examples/live.graphql';
import moveTask from './examples/move-task.graphql';
import restoreTask from './examples/restore-task.graphql';
import search from './examples/search.graphql';
import today from './examples/today.graphql';
import upcoming from './examples/upcoming.graphql';
import updateTask from './examples/update-task.graphql';

/** The examples by subject. Each is an operation with a name, behind a comment that describes it. */
export const subjects = [
  { name: 'Write', examples: [createTask, updateTask, completeTask, moveTask, deleteTask, restoreTask] },
  { name: 'Lists', examples: [listTasks, today, upcoming, done, byTag, search] },
  { name: 'Counts', examples: [badges] },
  { name: 'Live updates and sync', examples: [live, changes] },
];

/** The examples that a first visit opens in tabs. */
export const firstTabs = [createTask, listTasks, live];

/** The name of an example's operation, which is also the title of its tab. */
export const nameOf = (example) => example.match(/^(?:query|mutation|subscription) (\w+)/m)[1];

/** The first sentence of an example's comment. */
export const summaryOf = (example) => example.match(/^(?:# .*\n)+/)[0].replace(/^# /gm, '').replace(/\n/g, ' ').match(/^.*?[.:](?= |$)/)[0].slice(0, -1);
