import { onEach } from './cases.mjs';
import { Person } from './person.mjs';

/** Without a network, and without taskql. */
export function offline(world) {
  onEach('a browser without a network goes on working', async (t) => {
    const ada = await Person.in(world, t);
    const [here, there] = await Promise.all([ada.opens('/all'), ada.opens('/all')]);
    await here.add('Online');
    await there.lists('Online');
    await here.sent();
    await here.context.setOffline(true);
    await here.banner('You are offline.').waitFor();
    await here.add('Offline');
    await here.complete('Online');
    await here.lists('Offline');
    await here.row('Offline').getByText('Not sent yet').waitFor();
    await here.banner('2 changes are kept on this device').waitFor();
    await there.add('Meanwhile');
    await there.sent();
    await here.context.setOffline(false);
    await there.lists('Offline', 'Meanwhile');
    await here.lists('Offline', 'Meanwhile');
    await here.banner('offline').waitFor({ state: 'detached' });
  });

  onEach('taskql is killed and comes back; unsent writes survive a reload', async (t) => {
    const ada = await Person.in(world, t);
    const [here, there] = await Promise.all([ada.opens('/all'), ada.opens('/all')]);
    await here.add('Before');
    await there.lists('Before');
    await here.sent();
    await world.taskql.kill();
    await here.banner('No connection to the server.').waitFor();
    await here.add('Without taskql');
    await here.lists('Without taskql', 'Before');
    await here.page.reload();
    await here.row('Without taskql').getByText('Not sent yet').waitFor();
    await world.startTaskql();
    await here.sent();
    await here.lists('Without taskql', 'Before');
    await there.lists('Without taskql', 'Before');
    for (const screen of [here, there]) await screen.banner('No connection').waitFor({ state: 'detached' });
  });
}
