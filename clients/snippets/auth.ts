// auth.ts
import { betterAuth } from 'better-auth';
import { jwt } from 'better-auth/plugins';

export const auth = betterAuth({
  emailAndPassword: { enabled: true }, // and whatever else you have: the database, social sign-in …
  plugins: [
    jwt({
      // What taskql shows of the user. Without this, every request carries the whole user row.
      jwt: { definePayload: ({ user }) => ({ email: user.email, name: user.name }) },
    }),
  ],
});
