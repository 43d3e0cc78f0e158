import assert from 'node:assert/strict';
import { once } from './cases.mjs';
import { Person } from './person.mjs';
import { eventually } from './world.mjs';

/** What taskql has rejected, and what the user makes of it. */
export function problems(world) {
  once('a write with which taskql always fails does not block the later ones, and is sent again as it was', async (t) => {
    const ada = await Person.in(world, t);
    const here = await ada.opens('/all');
    const bodies = [];
    let isFailing = true;
    await here.page.route('**/graphql', async (route) => {
      const body = route.request().postData();
      if (!body?.includes('Impossible')) return route.continue();
      bodies.push(body);
      if (!isFailing) return route.continue();
      if (bodies.length === 1) await route.fetch(); // which taskql does, and fails only afterwards
      return answer(route, { data: null, errors: [{ message: 'internal', extensions: { code: 'INTERNAL' } }] });
    });
    await here.add('Impossible');
    await here.complete('Impossible');
    await here.add('Possible');
    await here.page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('outbox:') && JSON.parse(localStorage[key]).writes[0].faults >= 3));
    await here.page.reload(); // which does not begin to count anew
    const problem = here.page.getByRole('alert').filter({ hasText: '“Impossible” was not saved. The server failed' });
    await problem.waitFor();
    await here.waiting(1); // the completion
    await here.lists('Possible', 'Impossible');
    assert([5, 6].includes(bodies.length), `${bodies.length} attempts`); // the reload may have lost a response
    assert.equal(await problem.getByRole('button', { name: 'Correct' }).count(), 0);

    isFailing = false;
    await problem.getByRole('button', { name: 'Send again' }).click();
    await here.sent();
    await here.lists('Possible');
    await here.view('Done');
    await here.lists('Impossible');
    assert.equal(new Set(bodies).size, 1);
    assert.equal(await here.page.getByRole('alert').filter({ hasText: 'not saved' }).count(), 0);
  });

  once('what is done with a task that could not be created waits for it', async (t) => {
    const ada = await Person.in(world, t);
    const here = await ada.opens('/all');
    await here.context.setOffline(true);
    for (const title of ['Unwanted', 'Crooked']) await here.add(title);
    await here.button('Select').click();
    for (const title of ['Unwanted', 'Crooked']) await here.page.getByRole('checkbox', { name: `Select “${title}”` }).click();
    await here.page.getByLabel('Set priority').selectOption('HIGH');
    await here.button('Move “Unwanted” to the trash').click();
    await here.complete('Crooked');
    const stop = await refuse(here, 'CreateTask', 'createTask');
    await here.context.setOffline(false);
    const problem = (title) => here.page.getByRole('alert').filter({ hasText: `“${title}” was not saved. ${REASON}` });
    for (const title of ['Unwanted', 'Crooked']) await problem(title).waitFor();
    await here.waiting(3);

    await stop();
    await problem('Unwanted').getByRole('button', { name: 'Discard' }).click();
    await here.waiting(2);
    await problem('Crooked').getByRole('button', { name: 'Correct' }).click();
    await here.save('Straight');
    await here.sent();
    assert.deepEqual(await ada.graphql('{ tasks(first: 9, trash: INCLUDE) { nodes { title priority completed } } }'), {
      tasks: { nodes: [{ title: 'Straight', priority: 'HIGH', completed: true }] },
    });
    assert.equal(await here.page.getByRole('alert').filter({ hasText: 'not saved' }).count(), 0);
  });

  once('a write that no form can show is sent again, in the order of the writes', async (t) => {
    const ada = await Person.in(world, t);
    const id = await create(ada, 'Milk');
    const here = await ada.opens('/all');
    await here.lists('Milk');
    await here.context.setOffline(true);
    await ada.graphql('mutation ($ids: [ID!]!) { deleteTasks(ids: $ids) { deletedTaskIds } }', { ids: [id] });
    const sent = [];
    here.page.on('requestfinished', (request) => {
      const { operationName, variables } = request.postDataJSON() ?? {};
      if (operationName === 'UpdateTask') sent.push(variables.input.completed);
    });
    await here.complete('Milk');
    await here.button('Undo').click();
    await here.context.setOffline(false);
    const again = here.page.getByRole('alert').filter({ hasText: 'The change of “Milk” was not saved. The task is in the trash.' }).getByRole('button', { name: 'Send again' });
    await eventually('both writes are rejected', async () => (await again.count()) === 2);
    await ada.graphql('mutation ($ids: [ID!]!) { restoreTasks(ids: $ids) { tasks { id } } }', { ids: [id] });
    await here.lists('Milk');
    await here.context.setOffline(true);
    await here.banner('You are offline.').waitFor();
    for (const left of [1, 0]) {
      await again.first().click();
      await eventually(`${left} are left`, async () => (await again.count()) === left);
    }
    await here.context.setOffline(false);
    await here.sent();
    assert.deepEqual(sent, [true, false, true, false]);
    assert.equal(await again.count(), 0);
  });

  once('a correction does not overwrite what was changed elsewhere', async (t) => {
    const ada = await Person.in(world, t);
    const id = await create(ada, 'Plan');
    const here = await ada.opens('/all');
    const stop = await refuse(here, 'UpdateTask', 'updateTask');
    await here.edit('Plan');
    await here.save('Mine');
    await here.page.getByRole('alert').filter({ hasText: `The change of “Plan” was not saved. ${REASON}` }).waitFor();
    await stop();
    await ada.graphql('mutation ($id: ID!) { updateTask(id: $id, input: { title: "Theirs" }) { task { id } } }', { id });
    await here.lists('Theirs');
    await here.button('Correct').click();
    await here.save('Mine, corrected');
    const dialog = here.page.getByRole('dialog', { name: 'This task was changed elsewhere' });
    for (const version of ['Mine, corrected', 'Theirs']) await dialog.getByRole('cell', { name: version, exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Keep my version' }).click();
    await here.sent();
    await here.lists('Mine, corrected');
  });
}

const REASON = 'You have reached a limit that only the message names.';

/** Creates a task as another device does, and returns its id. */
async function create(person, title) {
  const { createTask } = await person.graphql('mutation ($title: String!) { createTask(input: { title: $title }) { task { id } } }', { title });
  return createTask.task.id;
}

const answer = (route, json) => route.fulfill({ headers: { 'access-control-allow-origin': '*' }, json });

/** Lets taskql refuse a mutation. It returns a function that ends this. */
async function refuse({ page }, operation, field) {
  const data = { [field]: { task: null, userErrors: [{ __typename: 'InvalidInput', code: 'QUOTA_EXCEEDED', message: REASON, field: null, limit: null }] } };
  const refusal = (route) => (route.request().postDataJSON()?.operationName === operation ? answer(route, { data }) : route.continue());
  await page.route('**/graphql', refusal);
  return () => page.unroute('**/graphql', refusal);
}
