'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { AccountForm } from '@/auth/AccountForm';
import { authClient } from '@/auth/client';
import { Field } from '@/ui/Field';
import styles from '../account.module.css';

export function SignUp() {
  const router = useRouter();
  return (
    <>
      <AccountForm
        action="Create account"
        send={({ name, email, password }) => authClient.signUp.email({ name: name.trim() || email, email, password })}
        onDone={() => router.push('/today')}
      >
        {(errors, typed) => (
          <>
            <Field label="Name" name="name" autoComplete="name" required error={errors.name} {...typed('name')} />
            <Field label="E-mail" name="email" type="email" autoComplete="email" required error={errors.email} {...typed('email')} />
            <Field
              label="Password"
              name="password"
              type="password"
              autoComplete="new-password"
              required
              minLength={8}
              hint="At least 8 characters."
              error={errors.password}
            />
          </>
        )}
      </AccountForm>
      <p className={styles.other}>
        Do you have an account? <Link href="/sign-in">Sign in</Link>
      </p>
    </>
  );
}
