import { useEffect, useEffectEvent, useRef } from 'react';
import type { TaskListState } from './useTasks';
import styles from './TaskList.module.css';

/** The end of the list. The next page is read before the user gets here. */
export function MoreRows({ list }: { list: TaskListState }) {
  const end = useRef<HTMLDivElement>(null);
  const readMore = useEffectEvent(list.readMore);
  // It looks again after each page, because a page may be too short to push the end out of sight.
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && readMore(), { rootMargin: '600px' });
    observer.observe(end.current!);
    return () => observer.disconnect();
  }, [list.tasks.length, list.more]);
  return (
    <div ref={end} className={styles.more} role="status">
      {list.more && 'Loading more tasks …'}
    </div>
  );
}
