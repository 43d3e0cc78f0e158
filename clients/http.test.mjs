// The audits of graphql-http check the GraphQL-over-HTTP specification.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { graphqlURL, mine } from './server.mjs';

const signedIn = (address, init) => fetch(address, { ...init, headers: { ...init?.headers, ...mine } });

// A recommendation counts as a requirement: every result but ok fails.
test('graphql-http audits', async (t) => {
  const audits = serverAudits({ url: graphqlURL, fetchFn: signedIn });
  const counts = { ok: 0, notice: 0, warn: 0, error: 0 };
  for (const { id, name, fn } of audits) {
    await t.test(`${id} ${name}`, async () => {
      const { status, reason, response } = await fn();
      counts[status]++;
      if (status !== 'ok') {
        assert.fail(`${status}: ${reason}\n${await print(response)}`);
      }
    });
  }
  t.diagnostic(`${counts.ok} of ${audits.length} audits are ok: ${JSON.stringify(counts)}`);
  // The number changes if an upgrade adds audits.
  assert.deepEqual(counts, { ok: 61, notice: 0, warn: 0, error: 0 });
});

async function print(response) {
  const body = response.bodyUsed ? '' : await response.text();
  return `${response.status} ${response.headers.get('content-type')}\n${body}`;
}

// The audit of the same name sends `Accept: */*`, as fetch does when it is given no such header.
test('a request without an Accept header is answered as application/json', async () => {
  const response = await new Promise((resolve, reject) => {
    const headers = { ...mine, 'content-type': 'application/json' };
    request(graphqlURL, { method: 'POST', headers }, resolve)
      .on('error', reject)
      .end('{"query":"{ __typename }"}');
  });
  response.resume();
  assert.equal(response.statusCode, 200);
  assert.match(response.headers['content-type'], /^application\/json\b/);
});
