import createTask from './examples/create-task.graphql';
import listTasks from './examples/list-tasks.graphql';
import search from './examples/search.graphql';
import completeTask from './examples/complete-task.graphql';
import today from './examples/today.graphql';
import upcoming from './examples/upcoming.graphql';
import byTag from './examples/by-tag.graphql';
import done from './examples/done.graphql';
import badges from './examples/badges.graphql';
import live from './examples/live.graphql';

/** The operations that a first visit opens, one per tab, in the order of the tabs. */
export const examples = [createTask, listTasks, search, completeTask, today, upcoming, byTag, done, badges, live];
