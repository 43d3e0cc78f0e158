import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Person } from './person.mjs';
import { fill, openings, schemes } from './showcase.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Each screen as such. */
export function screens(world) {
  test('axe finds nothing, and nothing shifts', async (t) => {
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
      assert.equal(await page.evaluate(() => window.shift), 0, `the layout shift of ${name}`);
      await page.context().close();
    }
  });
}
