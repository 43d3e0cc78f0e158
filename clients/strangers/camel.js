// Camel-case names, lower-case priorities, tags as a list. The server filters and sorts. The token is that of Better Auth's
// route: authClient.token().
export const token = async () => (await (await fetch('/api/auth/token', { credentials: 'include' })).json()).token;

export const isOpen = (task) => !task.completed;

export const row = (task) => [
  task.title,
  task.description ?? '',
  task.priority,
  task.tags.map((tag) => `#${tag}`).join(' '),
  task.dueDate ? task.dueDate.slice(0, 10) : '',
  task.completed ? 'done' : 'open',
];

const words = (text) => text.split(' ').filter(Boolean);

export const load = (call, { search, status, priority, sort }) =>
  call('GET', `?${new URLSearchParams({
    search, priority, status: { all: 'all', open: 'pending', done: 'completed' }[status],
    sort_by: { due: 'dueDate', created: 'createdAt' }[sort] ?? sort,
    ...(sort !== 'created' && { sort_order: sort === 'priority' ? 'desc' : 'asc' }),
  })}`);

export const create = (call, { title, description, priority, tags, due }) =>
  call('POST', '', { title, description, priority: priority || 'medium', tags: words(tags), dueDate: due || null, completed: false });

export const save = (call, task, field, value) =>
  call('PUT', `/${task.id}`, {
    ...task,
    ...{ due: { dueDate: value || null }, tags: { tags: words(value) } }[field] ?? { [field]: value },
  });

export const toggle = (call, task) => call('PATCH', `/${task.id}/complete`);
