// The spelling of the FastAPI backends themselves: snake case, priorities in capitals, tags as JSON in a string. The page filters and sorts.
// The token is the session_data cookie of Better Auth, which a route of the front end's server passes on.
export const token = async () => (await fetch('/api/session-token', { credentials: 'include' })).text();

export const isOpen = (task) => task.completed === false;

export const row = (task) => [
  task.title,
  task.description || '',
  { HIGH: 'HIGH', MEDIUM: 'MEDIUM', LOW: 'LOW' }[task.priority],
  JSON.parse(task.tags || '[]').map((tag) => `#${tag}`).join(' '),
  task.due_date === null ? '' : task.due_date.slice(0, 10),
  task.completed ? 'done' : 'open',
];

const rank = ['HIGH', 'MEDIUM', 'LOW'];
const by = (key) => (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
const orders = {
  title: by((task) => task.title),
  due: by((task) => task.due_date ?? '9'),
  priority: by((task) => rank.indexOf(task.priority)),
  created: by(() => 0),
};

export const load = async (call, { search, status, priority, sort }) =>
  (await call('GET', ''))
    .filter((task) => status === 'all' || task.completed === (status === 'done'))
    .filter((task) => !priority || task.priority === priority)
    .filter((task) => task.title.toLowerCase().includes(search.toLowerCase()))
    .sort(orders[sort]);

export const create = (call, { title, description, priority, tags, due }) =>
  call('POST', '', { title, description, priority: priority || 'MEDIUM', tags: JSON.stringify(tags.split(' ').filter(Boolean)), due_date: due || null });

export const save = (call, task, field, value) =>
  call('PUT', `/${task.id}`, {
    ...task,
    ...{ due: { due_date: value || null }, tags: { tags: JSON.stringify(value.split(' ').filter(Boolean)) } }[field] ?? { [field]: value },
  });

export const toggle = (call, task) => call('PUT', `/${task.id}`, { ...task, completed: !task.completed });
