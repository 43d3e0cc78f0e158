import assert from 'node:assert/strict';
import { onEach, once } from './cases.mjs';
import { Person } from './person.mjs';

/** Two browsers of one user at once. */
export function together(world) {
  onEach('two browsers see each other’s changes', async (t) => {
    const ada = await Person.in(world, t);
    const [here, there] = await Promise.all([ada.opens('/all'), ada.opens('/all')]);
    await here.add('Milk');
    await here.add('Bread');
    await there.lists('Bread', 'Milk');
    await there.edit('Milk');
    const dialog = there.page.getByRole('dialog', { name: 'Edit task' });
    await dialog.getByLabel('Title').fill('Oat milk');
    await dialog.getByLabel('Tags').fill('shop');
    await dialog.getByLabel('Priority').selectOption('High');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await here.lists('Bread', 'Oat milk');
    await here.row('Oat milk').getByText('#shop').waitFor();
    await here.row('Oat milk').getByText('High priority').waitFor();
    await here.page.getByRole('navigation', { name: 'Tags' }).getByText('#shop').waitFor();

    await there.page.getByLabel('Search').fill('oat');
    await there.lists('Oat milk');
    await there.page.getByLabel('Search').fill('');
    await there.lists('Bread', 'Oat milk');

    await here.complete('Bread');
    await there.lists('Oat milk');
    await there.view('Done');
    await there.lists('Bread');
    await there.view('All');

    await here.button('Move “Oat milk” to the trash').click();
    await there.lists();
    await here.button('Undo').last().click();
    await there.lists('Oat milk');
    await here.button('Move “Oat milk” to the trash').click();
    await there.lists();
    await here.page.keyboard.press('Control+z');
    await there.lists('Oat milk');
  });

  onEach('an order that one browser makes, by keys and by the mouse', async (t) => {
    const ada = await Person.in(world, t);
    const [here, there] = await Promise.all([ada.opens('/all'), ada.opens('/all')]);
    for (const title of ['C', 'B', 'A']) await here.add(title);
    await there.lists('A', 'B', 'C');
    await here.sent();
    await here.button('Reorder “A”').press('ArrowDown');
    await there.lists('B', 'A', 'C');
    await here.sent();
    const [from, to] = await Promise.all(['C', 'B'].map((title) => here.button(`Reorder “${title}”`).boundingBox()));
    await here.page.mouse.move(from.x + 5, from.y + 5);
    await here.page.mouse.down();
    await here.page.mouse.move(to.x + 5, to.y - 5, { steps: 4 });
    await here.page.mouse.up();
    await there.lists('C', 'B', 'A');
  });

  once('a conflict of versions is a choice', async (t) => {
    const ada = await Person.in(world, t);
    const [here, there] = await Promise.all([ada.opens('/all'), ada.opens('/all')]);
    await here.add('Plan');
    await there.lists('Plan');
    await here.sent();
    for (const [choice, mine, theirs, kept] of [['Keep my version', 'Mine', 'Theirs', 'Mine'], ['Use the other version', 'Mine again', 'Theirs again', 'Theirs again']]) {
      const title = (await here.titles())[0];
      await Promise.all([here.edit(title), there.edit(title)]);
      await there.save(theirs);
      await there.sent();
      await here.save(mine);
      const dialog = here.page.getByRole('dialog', { name: 'This task was changed elsewhere' });
      for (const version of [mine, theirs]) await dialog.getByRole('cell', { name: version, exact: true }).waitFor();
      await dialog.getByRole('button', { name: choice }).click();
      await Promise.all([here.lists(kept), there.lists(kept)]);
      await here.sent();
    }
    assert.equal(await here.page.getByRole('dialog').count(), 0);
  });

  onEach('many tasks at once, and more than a page of them', async (t) => {
    const ada = await Person.in(world, t);
    await ada.graphql('mutation ($inputs: [CreateTaskInput!]!) { createTasks(inputs: $inputs) { tasks { id } } }', {
      inputs: Array.from({ length: 70 }, (_, i) => ({ title: `Task ${i}` })),
    });
    const screen = await ada.opens('/all');
    for (let before = 0, now; (now = (await screen.titles()).length) < 70; before = now) {
      assert(now >= before);
      await screen.page.getByRole('listitem').last().scrollIntoViewIfNeeded();
      await screen.page.waitForFunction((count) => document.querySelectorAll('main li').length > count, now);
    }
    assert.equal(new Set(await screen.titles()).size, 70);
    await screen.button('Select').click();
    await screen.page.getByRole('checkbox', { name: 'Select “Task 69”' }).click();
    await screen.page.getByRole('checkbox', { name: 'Select “Task 5”', exact: true }).click({ modifiers: ['Shift'] });
    await screen.button('Move to trash').click();
    await screen.lists('Task 0', 'Task 1', 'Task 2', 'Task 3', 'Task 4');
    await screen.button('Undo').click();
    await screen.page.waitForFunction(() => document.querySelectorAll('main li').length > 60);
  });
}
