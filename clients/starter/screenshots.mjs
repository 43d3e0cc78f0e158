// Takes the pictures in the README of examples/next again: `make starter-screenshots`.
import { mkdir, writeFile } from 'node:fs/promises';
import { Person } from './person.mjs';
import { fill, openings, schemes } from './showcase.mjs';
import { World } from './world.mjs';

const folder = process.argv[2];
const ends = [];
const world = await World.start();
try {
  const person = await Person.in(world, { after: (end) => ends.push(end) });
  await fill(person);
  await mkdir(folder, { recursive: true });
  for (const [name, opening] of Object.entries(openings)) {
    const { page } = await opening(person, { viewport: { width: 1000, height: 640 }, reducedMotion: 'reduce' });
    const devtools = await page.context().newCDPSession(page);
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
      await writeFile(`${folder}/${name}-${colorScheme}.webp`, data, 'base64');
    }
  }
} finally {
  await Promise.all(ends.map((end) => end()));
  await world.stop();
}
