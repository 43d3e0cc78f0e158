import assert from 'node:assert/strict';
import { onEach, once } from './cases.mjs';
import { Person, Screen } from './person.mjs';

/** Accounts, sessions and access tokens. */
export function accounts(world) {
  onEach('from sign-up to tasks that survive restarts', async (t) => {
    const context = await world.browser.newContext({ baseURL: world.url });
    t.after(() => context.close());
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await page.goto('/');
    await page.waitForURL('**/sign-in');
    await page.getByRole('link', { name: /account/i }).click();
    await page.waitForURL('**/sign-up');
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Password').fill('a good password');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/today');

    const screen = new Screen(page);
    await page.getByLabel('Add a task').waitFor();
    await page.locator('body').press('n'); // by the keyboard alone
    await page.keyboard.type('Water the plants');
    await page.keyboard.press('Enter');
    await screen.lists('Water the plants');
    await screen.sent();

    await Promise.all([world.taskql.kill(), world.frontEnd.kill()]);
    await Promise.all([world.startTaskql(), world.startFrontEnd()]);
    await screen.goto('/all');
    await screen.lists('Water the plants');
    await screen.button('Sign out').click();
    await page.waitForURL('**/sign-in');
    assert.equal((await page.request.get('/api/auth/token')).status(), 401);
  });

  onEach('access tokens expire in the middle', async (t) => {
    const ada = await Person.in(world, t);
    const other = await ada.opens('/all');
    const brief = await world.startBriefly(); // another address of the same front end, with tokens of a few seconds
    t.after(() => brief.kill());
    const screen = await ada.opens('/sign-in', { baseURL: brief.url });
    await screen.page.evaluate(() => {
      new MutationObserver(() => (window.offline ||= document.body.innerText.includes('No connection'))).observe(document, { subtree: true, childList: true });
    });
    const socket = await Promise.all([screen.page.waitForEvent('websocket'), screen.page.goto('/all')]).then(([socket]) => socket);
    await other.add('At first'); // from here on it continues
    await screen.lists('At first');
    const again = screen.page.waitForEvent('websocket');
    await screen.page.getByLabel('Add a task').fill('Written over');
    await socket.waitForEvent('close'); // the token has expired
    await again;
    await other.add('From elsewhere');
    await screen.lists('From elsewhere', 'At first');
    await screen.page.getByLabel('Add a task').press('Enter');
    await other.lists('Written over', 'From elsewhere', 'At first');
    assert.deepEqual([await screen.page.getByRole('dialog').count(), await screen.page.evaluate(() => window.offline)], [0, undefined]);

    // Now the session ends, too.
    await screen.page.getByLabel('Add a task').fill('Half a thou');
    await screen.page.request.post('/api/auth/sign-out', { headers: { origin: world.url }, data: {} });
    const dialog = screen.page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByLabel('E-mail').fill(ada.email);
    await dialog.getByLabel('Password').fill(ada.password);
    await screen.page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await screen.page.getByLabel('Add a task').press('Enter');
    await screen.lists('Half a thou', 'Written over', 'From elsewhere', 'At first');
    await screen.sent();
  });

  once('somebody else signs in, in another tab of the same browser', async (t) => {
    const [ada, bob] = [await Person.in(world, t), await Person.in(world, t)];
    await bob.graphql('mutation { createTask(input: { title: "Of Bob" }) { task { id } } }');
    const elsewhere = await ada.opens('/all');
    await elsewhere.add('Of Ada');
    const brief = await world.startBriefly(); // the tab of Ada soon needs another token
    t.after(() => brief.kill());
    const tab = await ada.opens('/all', { baseURL: brief.url });
    await tab.lists('Of Ada');
    const noToken = tab.page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/auth/token'));
    for (const address of ['**/graphql', '**/api/auth/token']) await tab.page.route(address, (route) => route.abort());
    await tab.add('Not sent');
    await noToken;

    await tab.context.request.post('/api/auth/sign-out', { headers: { origin: world.url }, data: {} });
    const other = await new Screen(await tab.context.newPage()).goto('/sign-in');
    await other.signIn(bob);
    await Promise.all([tab.page.waitForEvent('load'), tab.page.unrouteAll()]); // it becomes a page of Bob
    await tab.lists('Of Bob');
    await other.view('All');
    await other.lists('Of Bob');
    await elsewhere.lists('Of Ada');

    await other.button('Sign out').click();
    await other.signIn(ada);
    await other.sent();
    await other.view('All');
    for (const screen of [other, elsewhere]) await screen.lists('Not sent', 'Of Ada');
    assert.deepEqual(await bob.graphql('{ tasks(first: 9) { nodes { title } } }'), { tasks: { nodes: [{ title: 'Of Bob' }] } });
  });
}
