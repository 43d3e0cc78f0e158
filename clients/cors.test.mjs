// CORS: preflights and the headers of responses to pages of another origin.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base, call, create, origin, routes } from './rest.mjs';
import { mine, url } from './server.mjs';

test('preflights', async () => {
  const { id } = await create();
  const preflight = (path, method, from) =>
    fetch(url + path, {
      method: 'OPTIONS',
      redirect: 'manual',
      headers: {
        origin: from,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      },
    });
  const slashed = routes(id).map(([method, path]) => [method, `${path}/`]);
  for (const [method, path] of [...routes(id), ...slashed, ['POST', '/graphql']]) {
    const { ok, headers } = await preflight(path, method, origin);
    assert.ok(ok, `${method} ${path}`);
    assert.equal(headers.get('access-control-allow-origin'), origin);
    assert.equal(headers.get('access-control-allow-credentials'), 'true');
    assert.ok(headers.get('access-control-allow-methods').split(/, */).includes(method), `${method} ${path}`);
    assert.deepEqual(headers.get('access-control-allow-headers').toLowerCase().split(/, */).sort(), ['authorization', 'content-type']);
    assert.equal(headers.get('access-control-max-age'), '600');
    assert.match(headers.get('vary'), /\borigin\b/i);
  }
  const { headers } = await preflight(base, 'GET', 'http://evil.example');
  assert.equal(headers.get('access-control-allow-origin'), null);
});

test('responses to a page have the CORS headers', async () => {
  for (const headers of [mine, {}]) {
    const { headers: got } = await call('GET', base, undefined, headers);
    assert.equal(got.get('access-control-allow-credentials'), 'true');
    assert.match(got.get('vary'), /\borigin\b/i);
    const exposed = got.get('access-control-expose-headers').toLowerCase().split(/, */);
    for (const name of ['etag', 'idempotency-key', 'link', 'location', 'ratelimit', 'ratelimit-policy', 'retry-after', 'www-authenticate', 'x-request-id', 'x-total-count']) {
      assert.ok(exposed.includes(name), `${name} is exposed`);
    }
  }
});
