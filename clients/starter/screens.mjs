import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { once } from './cases.mjs';
import { Person } from './person.mjs';
import { fill, openings, schemes } from './showcase.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** There, another browser changes a row behind the dialog. What moves in that row is the change itself. */
const CHANGED_MEANWHILE = ['conflict'];

/** Each screen as such. */
export function screens(world) {
  once('axe finds nothing, and nothing shifts', async (t) => {
    const ada = await Person.in(world, t);
    await fill(ada);
    for (const [name, opening] of Object.entries(openings)) {
      const { page } = await opening(ada, { reducedMotion: 'reduce' });
      await page.addScriptTag({ path: axe });
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await page.evaluate(() => window.axe.run());
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`), [], `${name}, ${colorScheme}`);
      }
      if (!CHANGED_MEANWHILE.includes(name)) assert.deepEqual(await page.evaluate(() => window.shifts), [], `what shifts in ${name}`);
      await page.context().close();
    }
  });

  once('the account pages stay in place while they arrive', async (t) => {
    const ada = await Person.in(world, t);
    for (const name of ['sign-in', 'sign-up']) {
      const { page } = await openings[name](ada);
      const heading = page.getByRole('heading', { level: 1 });
      const whole = await heading.boundingBox();
      // A slow machine paints the page before its form is there. A page without the form looks the same, and on every machine.
      await page.locator('form').evaluate((form) => form.remove());
      assert.deepEqual(await heading.boundingBox(), whole, name);
    }
  });
}
