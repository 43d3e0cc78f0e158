// The server under test. The Go test starts it and passes its address and tokens.
import { randomUUID } from 'node:crypto';

const { TASKQL_URL, TASKQL_USER, TASKQL_TOKEN, TASKQL_OTHER_USER, TASKQL_OTHER_TOKEN } = process.env;
if (!TASKQL_URL || !TASKQL_USER || !TASKQL_TOKEN || !TASKQL_OTHER_USER || !TASKQL_OTHER_TOKEN) {
  throw new Error('The TASKQL_ variables are not set: `go test ./e2e/graphql -run TestClients` starts a server and sets them');
}

export const url = TASKQL_URL;
export const graphqlURL = `${url}/graphql`;
export const user = TASKQL_USER;
export const otherUser = TASKQL_OTHER_USER;

/** The headers of a user, and of another user. */
export const mine = { authorization: `Bearer ${TASKQL_TOKEN}` };
export const others = { authorization: `Bearer ${TASKQL_OTHER_TOKEN}` };

/** The test files run at the same time as the same user, so each test finds its own tasks by their titles. */
export const uniqueTitle = (text = 'Task') => `${text} ${randomUUID()}`;
