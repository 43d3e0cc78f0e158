import Database from 'libsql';
import { SqliteDialect } from 'kysely';
import { betterAuth } from 'better-auth';
import { nextCookies } from 'better-auth/next-js';
import { jwt } from 'better-auth/plugins';

/** Accounts and sessions. It reads BETTER_AUTH_SECRET and BETTER_AUTH_URL from the environment. */
export const auth = betterAuth({
  database: {
    dialect: new SqliteDialect({ database: () => Promise.resolve(new Database(process.env.AUTH_DATABASE ?? 'data/auth.db')) }),
    type: 'sqlite',
  },
  // On in production: a few attempts in ten seconds from one address.
  rateLimit: process.env.AUTH_RATE_LIMIT === 'off' ? { enabled: false } : undefined,
  emailAndPassword: { enabled: true },
  plugins: [
    jwt({
      jwt: {
        // What taskql shows of the user. Without this, each token has the whole user row.
        definePayload: ({ user }) => ({ email: user.email, name: user.name }),
        expirationTime: process.env.ACCESS_TOKEN_TTL ?? '15m',
      },
    }),
    nextCookies(),
  ],
  telemetry: { enabled: false },
});
