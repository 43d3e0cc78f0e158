// The front end of examples/next in real browsers, with real servers behind it.
import { after, describe } from 'node:test';
import { accounts } from './accounts.mjs';
import { offline } from './offline.mjs';
import { problems } from './problems.mjs';
import { screens } from './screens.mjs';
import { together } from './together.mjs';
import { World } from './world.mjs';

const world = await World.start();
after(() => world.stop());

// One after the other: some of them kill a server. The problems kill none, and wait a lot.
accounts(world);
together(world);
offline(world);
describe('problems', { concurrency: true }, () => problems(world));
screens(world);
