import type { Metadata } from 'next';
import { SignIn } from './SignIn';

export const metadata: Metadata = { title: 'Sign in' };

export default function Page() {
  return (
    <>
      <h1>Welcome back</h1>
      <p>Sign in to see your tasks.</p>
      <SignIn />
    </>
  );
}
