// Statuses "todo" and "completed", five priorities, a category. The server filters by status and category, the page by the rest. A route of the
// front end's server signs the token with HS256.
export const token = async () => (await (await fetch('/api/token')).json()).access_token;

export const isOpen = (task) => task.status === 'todo';

const badges = { urgent: 'urgent!', high: 'high', medium: 'medium', low: 'low', none: '–' };

export const row = (task) => [
  task.title,
  task.description ?? '',
  badges[task.priority],
  [].concat(task.tags).map((tag) => `#${tag}`).join(' '),
  (task.due_date ?? '').slice(0, 10),
  task.status === 'completed' ? 'done' : 'open',
  ...(task.category ? [task.category] : []),
];

const rank = Object.keys(badges);
const orders = {
  title: (a, b) => a.title.localeCompare(b.title),
  due: (a, b) => (a.due_date ?? '9').localeCompare(b.due_date ?? '9'),
  priority: (a, b) => rank.indexOf(a.priority) - rank.indexOf(b.priority),
  created: () => 0,
};

export const load = async (call, { search, status, priority, sort }) =>
  (await call('GET', `?${new URLSearchParams({ status: { open: 'todo', done: 'completed' }[status] ?? 'all', q: search, category: 'all' })}`))
    .filter((task) => status === 'all' || isOpen(task) === (status === 'open'))
    .filter((task) => !priority || task.priority === priority)
    .sort(orders[sort]);

export const create = (call, { title, description, priority, tags, due }) =>
  call('POST', '', { title, description, status: 'todo', priority: priority || 'none', tags: tags.split(' ').filter(Boolean), due_date: due });

export const save = (call, task, field, value) =>
  call('PATCH', `/${task.id}`, {
    ...task,
    ...{ due: { due_date: value }, tags: { tags: value ? value.split(' ') : null } }[field] ?? { [field]: value },
  });

export const toggle = (call, task) =>
  call('PATCH', `/${task.id}`, { ...task, status: task.status === 'todo' ? 'completed' : 'todo' });
