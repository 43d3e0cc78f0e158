import Link from 'next/link';
import { usePathname, useSearchParams } from 'next/navigation';
import { authClient } from '@/auth/client';
import { Icon } from '@/ui/Icon';
import type { IconName } from '@/ui/Icon';
import { Ready, useSession } from './Session';
import { useCounts } from './useCounts';
import { views } from './views';
import styles from './Navigation.module.css';

export function Navigation() {
  return (
    <header className={styles.side}>
      <p className={styles.brand}>Tasks</p>
      <Ready fallback={<Links counts={{}} />}>
        <Counted />
        <Account />
      </Ready>
    </header>
  );
}

function Counted() {
  const { counts, tags } = useCounts();
  return (
    <>
      <Links counts={counts} />
      <Tags tags={tags} />
    </>
  );
}

function Links({ counts }: { counts: Record<string, number | undefined> }) {
  const current = usePathname();
  return (
    <nav aria-label="Views">
      <ul className={styles.links}>
        {views.map(({ path, name }) => (
          <li key={path}>
            <Link href={`/${path}`} aria-current={current === `/${path}` ? 'page' : undefined}>
              <Icon name={path as IconName} />
              <span>{name}</span>
              <span className={styles.count} aria-hidden="true">
                {counts[path] || ''}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  const chosen = useSearchParams().get('tag');
  if (!tags.length) return null;
  return (
    <nav aria-label="Tags" className={styles.tags}>
      <h2>Tags</h2>
      <ul>
        {tags.map((tag) => (
          <li key={tag}>
            <Link href={`/all?tag=${encodeURIComponent(tag)}`} aria-current={chosen === tag ? 'true' : undefined}>
              #{tag}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Account() {
  const { user } = useSession();
  async function signOut() {
    await authClient.signOut();
    window.location.assign('/sign-in'); // a new page: nothing of this user stays in memory
  }
  return (
    <div className={styles.account}>
      <span title={user.email}>{user.name}</span>
      <button onClick={() => void signOut()}>Sign out</button>
    </div>
  );
}
