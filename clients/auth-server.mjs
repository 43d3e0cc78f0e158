// A Better Auth server in memory, configured as in a front end. A test can make it fail in many ways.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';

const JWKS = '/api/auth/jwks';
const ELSEWHERE = '/elsewhere/jwks';

export class AuthServer {
  #auth;
  #database = { user: [], session: [], account: [], verification: [], jwks: [] };
  #requests = {};
  #mails = {};
  #expired = 0;
  #answer = 'good';
  #held = [];
  #port = 0;
  #http = createServer((request, response) => this.#serve(request, response));

  /**
   * Listens and returns the address, which stays the same after close and listen.
   * configuration is the path of a front end's module, which replaces the other options.
   */
  async start({ secret, configuration, ...options }) {
    await this.listen();
    const url = `http://127.0.0.1:${this.#port}`;
    // The port must be known before, because the address is the issuer of the tokens.
    this.#auth = configuration ? await configured(configuration, url, secret) : this.#make(url, secret, options);
    return { url };
  }

  #make(url, secret, { algorithm, definePayload, secrets, sessionCookieCache }) {
    const expirationTime = () => this.#expirationTime();
    return betterAuth({
      baseURL: url,
      secret,
      ...(secrets && { secrets }),
      database: memoryAdapter(this.#database),
      emailAndPassword: { enabled: true },
      emailVerification: {
        sendOnSignUp: true,
        sendVerificationEmail: async ({ user, token }) => void (this.#mails[user.email] = token),
      },
      session: { cookieCache: { enabled: true, strategy: 'jwt', maxAge: 300 } },
      plugins: [
        jwt({
          sessionCookieCache,
          jwks: { ...(algorithm && { keyPairConfig: { alg: algorithm } }), rotationInterval: 24 * 3600, gracePeriod: 3600 },
          jwt: {
            get expirationTime() { return expirationTime(); },
            ...(definePayload && { definePayload: () => definePayload }),
          },
        }),
      ],
      logger: { disabled: true },
      telemetry: { enabled: false },
    });
  }

  async listen() {
    this.#http.listen(this.#port, '127.0.0.1');
    await once(this.#http, 'listening');
    this.#port = this.#http.address().port;
  }

  /** Stops as after a crash: open connections break, new ones are refused. */
  async close() {
    if (this.#http.listening) {
      this.#http.close();
      this.#http.closeAllConnections();
      await once(this.#http, 'close');
    }
  }

  /** Ends the rotationInterval of all keys, so that the next token is signed with a new key. */
  rotate() {
    for (const key of this.#database.jwks) {
      key.expiresAt = new Date(Math.min(Date.now() - 1, key.expiresAt));
    }
  }

  /** Ends the gracePeriod of the rotated keys, which removes them from the key set. */
  retire() {
    for (const key of this.#database.jwks) {
      if (key.expiresAt <= Date.now()) key.expiresAt = new Date(0);
    }
  }

  /** Signs claims with the current key, as plugins such as the OIDC provider do. The claims may contain iat and exp. */
  async sign({ payload }) {
    return this.#auth.api.signJWT({ body: { payload } });
  }

  /** Returns the token in the e-mail that was sent to an address. */
  mail({ email }) {
    return { token: this.#mails[email] };
  }

  /** The given number of next tokens will be expired ones. */
  expire({ tokens }) {
    this.#expired = tokens;
  }

  #expirationTime() {
    return this.#expired-- > 0 ? '-1m' : '15m';
  }

  /** Returns how many sessions there are. */
  sessions() {
    return { count: this.#database.session.length };
  }

  /** Returns the number of requests for each path. */
  requests() {
    return this.#requests;
  }

  /** Selects how requests for the key set are answered from now on: one of the answers below. */
  answer({ how }) {
    if (!(how in answers)) throw new Error(`no such answer: ${how}`);
    this.#answer = how;
  }

  /** Answers the requests that "hold" has kept waiting, and all later ones, correctly. */
  release() {
    this.#answer = 'good';
    for (const answer of this.#held.splice(0)) answer();
  }

  async #serve(request, response) {
    const { pathname } = new URL(request.url, 'http://localhost');
    this.#requests[pathname] = (this.#requests[pathname] ?? 0) + 1;
    if (pathname === JWKS && this.#answer === 'hold') {
      await new Promise((resolve) => this.#held.push(resolve));
    }
    if (pathname === ELSEWHERE || (pathname === JWKS && this.#answer !== 'good')) {
      const keys = await this.#auth.api.getJwks();
      answers[pathname === ELSEWHERE ? 'elsewhere' : this.#answer](response, keys, this.#port);
      return;
    }
    await toNodeHandler(this.#auth)(request, response);
  }
}

/** Loads a front end's module, which reads its address and secret from the environment, as Better Auth does. */
async function configured(path, url, secret) {
  Object.assign(process.env, { BETTER_AUTH_URL: url, BETTER_AUTH_SECRET: secret });
  const { auth } = await import(path);
  await auth.$context; // now it has read both
  delete process.env.BETTER_AUTH_URL;
  delete process.env.BETTER_AUTH_SECRET;
  return auth;
}

const json = (response, body, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));

// The wrong answers contain the right keys where possible, so that a test fails if they are used.
const answers = {
  good: (response, keys) => json(response, keys),
  hold: (response, keys) => json(response, keys),
  hang() {},
  elsewhere: (response, keys) => json(response, keys),
  'redirect to another host': (response, _, port) =>
    response.writeHead(302, { location: `http://localhost:${port}${ELSEWHERE}` }).end(),
  'status 500': (response, keys) => json(response, keys, 500),
  'status 404': (response, keys) => json(response, keys, 404),
  'a page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>'),
  'no body': (response) => json(response, ''),
  'no keys': (response) => json(response, { keys: [] }),
  '2 MB': (response, keys) => json(response, { padding: 'x'.repeat(2 << 20), ...keys }),
  '2 MB behind the keys': (response, keys) => json(response, JSON.stringify(keys) + ' '.repeat(2 << 20)),
  half: (response, keys) => {
    const body = JSON.stringify(keys);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.write(body.slice(0, -20), () => response.destroy());
  },
  'only a symmetric key': (response) => json(response, { keys: [symmetric] }),
  // Keys of other issuers and later versions must not make the known ones unusable.
  'more keys': (response, { keys }) =>
    json(response, {
      keys: [
        { kty: 'AKP', alg: 'ML-DSA-44', kid: 'unknown-type', pub: 'AAAA' },
        { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', kid: 'short', x: 'AAAA' },
        symmetric,
        ...keys,
      ],
    }),
  'keys without alg': (response, { keys }) => json(response, { keys: keys.map(({ alg, ...key }) => key) }),
};

const symmetric = { kty: 'oct', alg: 'HS256', kid: 'symmetric', k: Buffer.from('a symmetric key of more than 32 bytes').toString('base64url') };
