// Which cases are run: those for `each` database of taskql, those to run `once`, or without CASES all of them.
import { test } from 'node:test';

const { CASES } = process.env;
const leaveOut = () => {};

/** A case that could end differently on another database: the order of tasks, live updates, restarts, many tasks. */
export const onEach = CASES === 'once' ? leaveOut : test;

/** A case for which the database makes no difference: what the front end does with an answer, and how its screens look. */
export const once = CASES === 'each' ? leaveOut : test;
