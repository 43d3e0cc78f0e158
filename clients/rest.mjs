// The REST routes, called with fetch as a front end of a FastAPI backend calls them.
import assert from 'node:assert/strict';
import { mine, uniqueTitle, url, user } from './server.mjs';

export const origin = 'http://localhost:3000';

export const tasksOf = (someone) => `/api/${encodeURIComponent(someone)}/tasks`;
export const base = tasksOf(user);

/** Sends a request, with a body as JSON, and follows no redirect: a browser's preflight would not. */
export async function call(method, path, body, headers = mine) {
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: { origin, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  // The page may read every response, also errors.
  assert.equal(response.headers.get('access-control-allow-origin'), origin);
  assert.match(response.headers.get('content-type'), /^application\/json\b/, `${response.status} ${text}`);
  return { status: response.status, headers: response.headers, json: JSON.parse(text) };
}

export async function create(body = {}, path = base, headers = mine) {
  const { status, json } = await call('POST', path, { title: uniqueTitle(), ...body }, headers);
  assert.equal(status, 201, JSON.stringify(json));
  return json;
}

/** Sends a request that must succeed, and returns the JSON. */
export async function ok(...request) {
  const { status, json } = await call(...request);
  assert.equal(status, 200, JSON.stringify(json));
  return json;
}

/** Sends a request that must fail with a status and detail, and returns the response. */
export async function refused(status, detail, ...request) {
  const answer = await call(...request);
  assert.deepEqual([answer.status, answer.json], [status, { detail }], request.slice(0, 2).join(' '));
  return answer;
}

/** The arguments of call for each route: two for a list of tasks, the others for one task. */
export const routes = (id, list = base) => [
  ['GET', list], ['POST', list, { title: 'Task' }],
  ['GET', `${list}/${id}`], ['PUT', `${list}/${id}`, { title: 'Task' }], ['PATCH', `${list}/${id}`, { title: 'Task' }],
  ['DELETE', `${list}/${id}`], ['PATCH', `${list}/${id}/complete`],
];
