import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { auth } from '@/auth/server';
import { Session } from '@/tasks/Session';
import { Shell } from '@/tasks/Shell';

export default async function Layout({ children }: { children: ReactNode }) {
  const session = await auth.api.getSession({ headers: await headers() });
  if (!session) redirect('/sign-in');
  const { id, name, email } = session.user;
  return (
    <Session user={{ id, name, email }} taskqlURL={process.env.TASKQL_URL ?? 'http://localhost:8000'}>
      <Shell>{children}</Shell>
    </Session>
  );
}
