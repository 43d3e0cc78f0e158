import type { ReactNode } from 'react';
import styles from './account.module.css';

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <main className={styles.page}>
      <div className={styles.card}>{children}</div>
    </main>
  );
}
