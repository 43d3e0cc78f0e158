// The access token for taskql: fetched from Better Auth when it is needed, shared by all requests, renewed before it expires.
import { signal } from '@/ui/signal';

/** Whether the session has ended, so that the user has to sign in again. */
export const sessionEnded = signal(false);

export class SignedOut extends Error {
  constructor() {
    super('The session has ended.');
  }
}

let current: Promise<{ token: string; expires: number }> | undefined;
let owner: string | undefined;

/** Sets whose token it must be. In another tab, somebody else may sign in, who must get neither these tasks nor what is unsent. */
export function setOwner(userID: string) {
  owner = userID;
}

async function fetchToken() {
  const response = await fetch('/api/auth/token', { cache: 'no-store' });
  if (response.status === 401) {
    sessionEnded.set(true);
    throw new SignedOut();
  }
  if (!response.ok) throw new Error(`There is no access token: ${response.status}`);
  const { token } = (await response.json()) as { token: string };
  const { sub, exp } = claims(token);
  if (owner && sub !== owner) {
    window.location.reload();
    throw new SignedOut();
  }
  return { token, expires: exp * 1000 };
}

/** Returns a valid access token. It is fetched once, however many ask for it. */
export async function accessToken(): Promise<string> {
  if (sessionEnded.get()) throw new SignedOut();
  current ??= fetchToken();
  const attempt = current;
  try {
    const { token, expires } = await attempt;
    if (Date.now() < expires - 5_000) return token;
  } catch (error) {
    if (current === attempt) forgetToken(); // so that the next request tries again
    throw error;
  }
  if (current === attempt) current = fetchToken();
  return (await current!).token;
}

/** To be called after sign-in, and when taskql has refused the token. */
export function forgetToken() {
  current = undefined;
}

/** fetch with the access token. If taskql refuses the token, it sends the request once more, with a new one. */
export const fetchWithToken: typeof fetch = async (input, init) => {
  const response = await send(input, init);
  if (response.status !== 401) return response;
  forgetToken();
  return send(input, init);
};

async function send(input: Parameters<typeof fetch>[0], init?: RequestInit) {
  const headers = new Headers(init?.headers);
  headers.set('Authorization', `Bearer ${await accessToken()}`);
  return fetch(input, { ...init, headers });
}

function claims(token: string): { sub: string; exp: number } {
  return JSON.parse(atob(token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')));
}
