// The screens with tasks on them, for their tests and their pictures.
const day = (days) => new Date(Date.now() + days * 24 * 3600_000).toLocaleDateString('sv');

/** Gives a user some tasks of every kind. */
export async function fill(person) {
  const task = (title, more) => ({ title, ...more });
  await person.graphql('mutation ($inputs: [CreateTaskInput!]!) { createTasks(inputs: $inputs) { tasks { id } } }', {
    inputs: [
      task('Sort the photos of the summer', { priority: 'LOW', tags: ['home'] }),
      task('Book the train to Hamburg', { tags: ['travel'], due: { date: day(9) } }),
      task('Renew the passport', { priority: 'HIGH', tags: ['travel', 'papers'], due: { date: day(3) }, description: 'Two photos, the old one, 70 euros' }),
      task('Prepare the talk', { tags: ['work'], due: { date: day(1) } }),
      task('Water the plants', { tags: ['home', 'garden'], due: { date: day(0) } }),
      task('Call the dentist', { priority: 'HIGH', due: { date: day(-1) } }),
      task('Answer the letter', { tags: ['papers'], due: { date: day(0) }, description: 'It is on the desk' }),
      task('Pay the rent', { tags: ['papers'], completed: true }),
      task('Repair the bicycle', { tags: ['garden'], completed: true }),
      task('Old shopping list', {}),
    ],
  });
  const { tasks } = await person.graphql('{ tasks(first: 1, search: "shopping") { nodes { id } } }');
  await person.graphql('mutation ($ids: [ID!]!) { deleteTasks(ids: $ids) { deletedTaskIds } }', { ids: tasks.nodes.map(({ id }) => id) });
}

export const schemes = ['light', 'dark'];

/** How each screen is opened. */
export const openings = {
  'sign-in': (person, options) => person.opens('/sign-in', { ...options, storageState: undefined }),
  'sign-up': (person, options) => person.opens('/sign-up', { ...options, storageState: undefined }),
  ...Object.fromEntries(['today', 'upcoming', 'all', 'done', 'trash'].map((path) => [path, (person, options) => person.opens(`/${path}`, options)])),
  editor: async (person, options) => {
    const screen = await person.opens('/all', options);
    await screen.edit('Renew the passport');
    await screen.page.getByRole('dialog').waitFor();
    return screen;
  },
  selection: async (person, options) => {
    const screen = await person.opens('/all', options);
    await screen.button('Select').click();
    await screen.page.getByRole('checkbox', { name: 'Select “Prepare the talk”' }).click();
    return screen;
  },
  offline: async (person, options) => {
    const screen = await person.opens('/today', options);
    await screen.context.setOffline(true);
    await screen.banner('You are offline.').waitFor();
    await screen.add('Buy bread');
    await screen.complete('Water the plants');
    await screen.banner('2 changes').waitFor();
    return screen;
  },
  conflict: async (person, options) => {
    const screen = await person.opens('/upcoming', options);
    await screen.edit('Book the train to Hamburg');
    const { tasks } = await person.graphql('{ tasks(first: 1, search: "Hamburg") { nodes { id } } }');
    await person.graphql('mutation ($id: ID!, $input: UpdateTaskInput!) { updateTask(id: $id, input: $input) { task { id } } }', {
      id: tasks.nodes[0].id, input: { priority: 'HIGH', tags: ['travel', 'work'] },
    });
    const dialog = screen.page.getByRole('dialog');
    await dialog.getByLabel('Tags').fill('travel, holidays');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await screen.page.getByRole('dialog', { name: 'This task was changed elsewhere' }).waitFor();
    return screen;
  },
};
