// Access tokens of the signed-in user, from Better Auth's client.
import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';

/** Returns the function that Sync calls for tokens. A program outside of a browser passes its cookie. */
export function accessTokens(authURL: string, cookie?: string): (renew: boolean) => Promise<string> {
  const auth = createAuthClient({
    baseURL: authURL,
    plugins: [jwtClient()],
    fetchOptions: cookie ? { headers: { cookie } } : { credentials: 'include' },
  });
  let current: string | undefined;
  return async (renew) => {
    if (renew || !current || expiresSoon(current)) {
      const { data, error } = await auth.token();
      if (!data) throw new Error(`There is no access token: ${error?.status}`);
      current = data.token;
    }
    return current;
  };
}

function expiresSoon(token: string): boolean {
  const { exp } = JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
  return Date.now() > (exp - 10) * 1000;
}
