import assert from 'node:assert/strict';
import { onEach, once } from './cases.mjs';
import { Person } from './person.mjs';

/** Without a network, without taskql, and with a taskql that fails. */
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

  once('a write with which taskql always fails does not block the later ones', async (t) => {
    const ada = await Person.in(world, t);
    const here = await ada.opens('/all');
    let attempts = 0;
    await here.page.route('**/graphql', (route) => {
      if (!route.request().postData()?.includes('Impossible')) return route.continue();
      attempts++;
      return route.fulfill({ headers: { 'access-control-allow-origin': '*' }, json: { data: null, errors: [{ message: 'internal', extensions: { code: 'INTERNAL' } }] } });
    });
    await here.add('Impossible');
    await here.add('Possible');
    await here.page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('outbox:') && JSON.parse(localStorage[key]).writes[0].faults >= 2));
    await here.page.reload(); // which does not begin to count anew
    await here.page.getByRole('alert').filter({ hasText: '“Impossible” was not saved. The server failed' }).waitFor();
    await here.sent();
    await here.lists('Possible');
    await (await ada.opens('/all')).lists('Possible');
    assert([5, 6].includes(attempts), `${attempts} attempts`); // the reload may have lost a response
  });
}
