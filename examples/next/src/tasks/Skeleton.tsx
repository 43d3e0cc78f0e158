import styles from './TaskList.module.css';

/** Has the place of a list until the list is there, so that nothing moves. */
export function Skeleton({ heading, composer }: { heading: string; composer: boolean }) {
  return (
    <>
      <header className={styles.header}>
        <h1>{heading}</h1>
      </header>
      <div className={styles.toolbar} />
      {composer && <div className={styles.composerSpace} />}
      <SkeletonRows />
    </>
  );
}

export function SkeletonRows() {
  return (
    <div role="status" aria-label="Loading tasks" className={styles.skeleton}>
      {['62%', '45%', '78%', '53%'].map((width) => (
        <div key={width}>
          <span style={{ width }} />
        </div>
      ))}
    </div>
  );
}
