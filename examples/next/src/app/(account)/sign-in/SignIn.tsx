'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { SignInForm } from '@/auth/SignInForm';
import styles from '../account.module.css';

export function SignIn() {
  const router = useRouter();
  return (
    <>
      <SignInForm onDone={() => router.push('/today')} />
      <p className={styles.other}>
        New here? <Link href="/sign-up">Create an account</Link>
      </p>
    </>
  );
}
