// What the three front ends have in common: the forms, the list and the requests. The address of the page has what would be
// in their environment: the style of the front end and its base URL.
const settings = new URLSearchParams(location.search);
const base = settings.get('base');
const frontEnd = await import(`./${settings.get('style')}.js`);

// An error while drawing leaves a white page. This one shows why.
addEventListener('unhandledrejection', ({ reason }) => document.body.replaceChildren(String(reason)));

const token = await frontEnd.token();
const claims = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
const user = claims.sub ?? claims.user.id;

async function call(method, path, body) {
  const response = await fetch(`${base}/api/${user}/tasks${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

const values = (form) => Object.fromEntries(new FormData(form));
const form = document.querySelector('#new');
const view = document.querySelector('#view');
const list = document.querySelector('#list');
let drawn = 0;

/** Reads the tasks again and draws them. */
async function refresh() {
  const tasks = await frontEnd.load(call, values(view));
  document.querySelector('#counts').textContent = `${tasks.filter(frontEnd.isOpen).length} open of ${tasks.length}`;
  list.replaceChildren(...tasks.map(item));
  list.dataset.drawn = ++drawn; // for the test
}

function item(task) {
  const li = document.createElement('li');
  li.innerHTML = `<span class="row"></span>
    <form><input name="field" /><input name="value" /><button>Save</button></form>
    <button class="toggle">Done</button><button class="remove">Delete</button>`;
  li.querySelector('.row').textContent = frontEnd.row(task).join(' | ');
  li.querySelector('form').onsubmit = async (event) => {
    event.preventDefault();
    const { field, value } = values(event.target);
    await frontEnd.save(call, task, field, value);
    await refresh();
  };
  li.querySelector('.toggle').onclick = () => frontEnd.toggle(call, task).then(refresh);
  li.querySelector('.remove').onclick = () => call('DELETE', `/${task.id}`).then(refresh);
  return li;
}

form.onsubmit = async (event) => {
  event.preventDefault();
  await frontEnd.create(call, values(form));
  form.reset();
  await refresh();
};
view.onchange = refresh;
refresh();
