'use client';

import type { ReactNode } from 'react';
import { Toasts } from '@/ui/Toasts';
import { Banner } from './Banner';
import { Navigation } from './Navigation';
import { SessionDialog } from './SessionDialog';
import { Suspense } from 'react';
import styles from './Shell.module.css';

/** What is around each screen. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        Skip to the tasks
      </a>
      <Suspense>
        <Navigation />
      </Suspense>
      <main id="main" tabIndex={-1} className={styles.main}>
        <Banner />
        <Suspense>{children}</Suspense>
      </main>
      <Toasts />
      <SessionDialog />
    </div>
  );
}
