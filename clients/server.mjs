// The server under test. Whoever runs the tests has started it and says where it is.
import { randomUUID } from 'node:crypto';

const { TASKQL_URL, TASKQL_USER, TASKQL_TOKEN, TASKQL_OTHER_USER, TASKQL_OTHER_TOKEN } = process.env;
if (!TASKQL_URL || !TASKQL_USER || !TASKQL_TOKEN || !TASKQL_OTHER_USER || !TASKQL_OTHER_TOKEN) {
  throw new Error('The TASKQL_ variables are not set: `go test . -run TestClients` starts a server and sets them');
}

export const url = TASKQL_URL;
export const graphqlURL = `${url}/graphql`;
export const user = TASKQL_USER;
export const otherUser = TASKQL_OTHER_USER;

/** What a front end of the user sends, and one of the other user. */
export const mine = { authorization: `Bearer ${TASKQL_TOKEN}` };
export const others = { authorization: `Bearer ${TASKQL_OTHER_TOKEN}` };

/** The files run at once and as the same user, so each test knows its own tasks by their titles. */
export const uniqueTitle = (text = 'Task') => `${text} ${randomUUID()}`;
