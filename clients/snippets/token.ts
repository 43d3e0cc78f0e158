// token.ts
const AUTH_URL = 'http://localhost:3000';

let current: Promise<string> | undefined;

async function fetchToken(): Promise<string> {
  const response = await fetch(`${AUTH_URL}/api/auth/token`, { credentials: 'include' });
  if (!response.ok) throw new Error(`There is no access token: ${response.status}`);
  return (await response.json()).token;
}

/** The access token of the signed-in user. It is fetched once, however many ask for it. */
export function accessToken(): Promise<string> {
  current ??= fetchToken().catch((error) => {
    current = undefined; // so that the next request tries again
    throw error;
  });
  return current;
}

/** To be called after sign-in and sign-out, beside emptying the client's cache. */
export function forgetToken() {
  current = undefined;
}

/** fetch with the access token. When that has expired, it sends the request once more, with a new one. */
export const fetchWithToken: typeof fetch = async (input, init) => {
  const send = async (token: Promise<string>) => {
    const headers = new Headers(init?.headers);
    headers.set('Authorization', `Bearer ${await token}`);
    return fetch(input, { ...init, headers });
  };
  const token = accessToken();
  const response = await send(token);
  if (response.status !== 401) return response;
  const { errors } = await response.clone().json().catch(() => ({}));
  if (errors?.[0]?.extensions?.reason !== 'TOKEN_EXPIRED') return response;
  if (current === token) forgetToken(); // otherwise another request has done so
  return send(accessToken());
};
