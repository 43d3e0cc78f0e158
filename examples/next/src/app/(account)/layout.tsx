import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { auth } from '@/auth/server';
import styles from './account.module.css';

export default async function Layout({ children }: { children: ReactNode }) {
  if (await auth.api.getSession({ headers: await headers() })) redirect('/today');
  return (
    <main className={styles.page}>
      <div className={styles.card}>{children}</div>
    </main>
  );
}
