import { Field } from '@/ui/Field';
import { AccountForm } from './AccountForm';
import { authClient } from './client';

/** The page of sign-in uses it, and the dialog of an expired session. */
export function SignInForm({ onDone }: { onDone(): void }) {
  return (
    <AccountForm action="Sign in" send={({ email, password }) => authClient.signIn.email({ email, password })} onDone={onDone}>
      {(errors, typed) => (
        <>
          <Field label="E-mail" name="email" type="email" autoComplete="email" required error={errors.email} {...typed('email')} />
          <Field label="Password" name="password" type="password" autoComplete="current-password" required error={errors.password} />
        </>
      )}
    </AccountForm>
  );
}
