// auth.ts
import { oauthProvider } from '@better-auth/oauth-provider';
import { betterAuth } from 'better-auth';
import { jwt } from 'better-auth/plugins';

const tasks = 'https://tasks.example.com/mcp'; // PUBLIC_URL of taskql, and /mcp

export const auth = betterAuth({
  emailAndPassword: { enabled: true }, // and whatever else you have: the database, social sign-in …
  plugins: [
    jwt({ jwt: { definePayload: ({ user }) => ({ email: user.email, name: user.name }) } }),
    oauthProvider({
      loginPage: '/sign-in', // pages of your front end
      consentPage: '/consent',
      resources: [tasks],
      clientRegistrationDefaultResources: [tasks],
      // Agents register themselves (RFC 7591). Anybody can then register a client; a user must consent before it gets a token.
      allowDynamicClientRegistration: true,
      allowUnauthenticatedClientRegistration: true,
    }),
  ],
});
