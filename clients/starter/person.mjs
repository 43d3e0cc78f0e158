// A user of the front end, in one browser or in several.
import assert from 'node:assert/strict';
import { eventually } from './world.mjs';

const PASSWORD = 'a good password';
let people = 0;

export class Person {
  /** Signs up, without the form. */
  static async in(world, t) {
    const person = new Person();
    const number = ++people;
    Object.assign(person, { world, t, email: `user${number}@example.com`, password: PASSWORD });
    const context = await person.#context();
    const answer = await context.request.post('/api/auth/sign-up/email', {
      data: { name: 'Ada', email: person.email, password: PASSWORD }, headers: { origin: world.url, 'x-forwarded-for': `10.0.0.${number}` }, // Better Auth limits the sign-ups of an address
    });
    assert.equal(answer.status(), 200, await answer.text());
    person.state = await context.storageState();
    await context.close();
    return person;
  }

  async #context(options) {
    const context = await this.world.browser.newContext({ baseURL: this.world.url, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
    this.t.after(() => context.close());
    context.setDefaultTimeout(60_000);
    await context.addInitScript(recordShifts);
    return context;
  }

  /** Opens a page in another browser, signed in. */
  async opens(path, options) {
    const context = await this.#context({ storageState: this.state, ...options });
    return new Screen(await context.newPage()).goto(path);
  }

  /** Calls taskql as this user's scripts would. */
  async graphql(query, variables) {
    const context = await this.#context({ storageState: this.state });
    const { token } = await (await context.request.get('/api/auth/token')).json();
    const answer = await context.request.post(`http://127.0.0.1:${this.world.taskqlPort}/graphql`, { data: { query, variables }, headers: { authorization: `Bearer ${token}` } });
    const { data, errors } = await answer.json();
    assert.equal(errors, undefined);
    return data;
  }
}

/** Runs in the browser: lists in window.shifts what moves without the user's doing. */
function recordShifts() {
  window.shifts = [];
  const place = ({ x, y, width, height }) => `${x},${y} ${width}×${height}`;
  const moved = ({ node, previousRect, currentRect }) =>
    `${(node?.outerHTML ?? node?.textContent ?? '?').slice(0, 80)} from ${place(previousRect)} to ${place(currentRect)}`;
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, value, sources } of list.getEntries()) {
      if (!hadRecentInput) window.shifts.push(`${value}: ${sources.map(moved).join('; ')}`);
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** A page, as its user sees it. */
export class Screen {
  constructor(page) {
    this.page = page;
    this.context = page.context();
  }

  async goto(path) {
    await this.page.goto(path);
    await this.page.locator('main [role=status][aria-label="Loading tasks"]').waitFor({ state: 'detached' });
    return this;
  }

  /** Signs in with the form, after a sign-out. */
  async signIn({ email, password }) {
    await this.page.waitForURL('**/sign-in');
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.keyboard.press('Enter');
    await this.page.waitForURL('**/today');
  }

  /** Goes to a view by its link. */
  async view(name) {
    await this.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name }).click();
    await this.page.getByRole('heading', { name, level: 1 }).waitFor();
  }

  async add(title) {
    await this.page.getByLabel('Add a task').fill(title);
    await this.page.keyboard.press('Enter');
  }

  row = (title) => this.page.getByRole('listitem').filter({ hasText: title });
  button = (name) => this.page.getByRole('button', { name, exact: true });
  edit = (title) => this.button(`Edit “${title}”`).click();

  /** Saves the dialog that is open, with another title. */
  async save(title) {
    const dialog = this.page.getByRole('dialog');
    await dialog.getByLabel('Title').fill(title);
    await dialog.getByRole('button', { name: 'Save' }).click();
  }

  complete = (title) => this.page.getByRole('checkbox', { name: `Complete “${title}”` }).click();

  titles = () => this.page.locator('main li').evaluateAll((rows) => rows.map((row) => (row.querySelector('[class*=title]') ?? row).textContent.trim()));

  /** Waits until the list has these tasks, from top to bottom. */
  async lists(...expected) {
    let found;
    await eventually(`the list is ${JSON.stringify(expected)}`, async () => JSON.stringify((found = await this.titles())) === JSON.stringify(expected)).catch((error) => {
      throw new Error(`${error.message}, but ${JSON.stringify(found)}`);
    });
  }

  /** Waits until so many writes are in the outbox. */
  waiting = (count) => eventually(`${count} writes are in the outbox`, () => this.page.evaluate((count) => Object.keys(localStorage).every((key) => !key.startsWith('outbox:') || JSON.parse(localStorage[key]).writes.length === count), count));

  /** Waits until taskql has everything. */
  sent = () => this.waiting(0);

  banner = (text) => this.page.getByRole('status').filter({ hasText: text }).locator('p');
}
