import type { Metadata } from 'next';
import { SignUp } from './SignUp';

export const metadata: Metadata = { title: 'Sign up' };

export default function Page() {
  return (
    <>
      <h1>Create an account</h1>
      <p>A name, an e-mail address and a password. That is all.</p>
      <SignUp />
    </>
  );
}
