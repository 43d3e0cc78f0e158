// Runs a compiled client from snippets/ as a browser does, and prints the results as JSON.
import { pathToFileURL } from 'node:url';

const { AUTH_URL, COOKIE } = process.env;
const [directory, name] = process.argv.slice(2);

// As a browser, it sends cookies to another origin only if the request says so.
let fetched = 0;
const { fetch } = globalThis;
globalThis.fetch = (address, init) => {
  if (!String(address).startsWith(AUTH_URL)) return fetch(address, init);
  fetched++;
  return fetch(address, { ...init, headers: init?.credentials === 'include' ? { cookie: COOKIE } : {} });
};

const load = (module) => import(pathToFileURL(`${directory}/${module}.js`));
const { client } = await load(name);
const { forgetToken } = await load('token');
const { gql } = await import('@apollo/client');

// Each query has its own name, because clients send equal queries once.
const viewer = (n) => gql(`query Viewer${n} { viewer { id } }`);
const query = (document) =>
  name === 'apollo' ? client.query({ query: document, fetchPolicy: 'network-only' }) : client.query(document, {}).toPromise();

async function ask(n) {
  try {
    const { data, error } = await query(viewer(n));
    return data?.viewer.id ?? String(error);
  } catch (error) {
    return String(error);
  }
}

const together = await Promise.all([1, 2, 3, 4, 5].map(ask));
const tokens = fetched;
const later = await ask(6);
forgetToken();
const afterForgetting = await ask(7);
console.log(JSON.stringify({ together, tokens, later, afterForgetting, tokensAtLast: fetched }));
process.exit();
