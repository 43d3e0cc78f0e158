import { useState } from 'react';
import { useNarrowing } from './useNarrowing';
import { BulkBar } from './BulkBar';
import { Composer } from './Composer';
import { emptyTrash } from './actions';
import { EmptyState } from './EmptyState';
import { Groups } from './Groups';
import { Problems } from './Problems';
import { useSession } from './Session';
import { SkeletonRows } from './Skeleton';
import { TaskEditor } from './TaskEditor';
import type { Task } from './task';
import { Toolbar } from './Toolbar';
import { useSelection } from './useSelection';
import { useTasks } from './useTasks';
import type { View } from './views';
import { MoreRows } from './MoreRows';
import styles from './TaskList.module.css';

/** One screen: its heading, the search, the tasks, and what can be done with them. */
export function TaskList({ view }: { view: View }) {
  const { outbox } = useSession();
  const [narrowing, narrow] = useNarrowing();
  const list = useTasks(view, narrowing);
  const selection = useSelection(list.tasks);
  const [editing, setEditing] = useState<Task | null>(null);
  const narrowed = Boolean(narrowing.search || narrowing.priority || narrowing.tag);
  const fresh = view.path !== 'done' && view.path !== 'trash';

  return (
    <>
      <header className={styles.header}>
        <h1>{view.name}</h1>
        {list.tasks.length > 0 && (
          <button onClick={selection.toggleMode} aria-pressed={selection.active}>
            {selection.active ? 'Done selecting' : 'Select'}
          </button>
        )}
        {view.path === 'trash' && list.tasks.length > 0 && !selection.active && (
          <button className="danger" onClick={() => emptyTrash(outbox)}>
            Empty trash
          </button>
        )}
      </header>
      <Toolbar narrowing={narrowing} onChange={narrow} />
      {fresh && <Composer path={view.path} />}
      <Problems />
      {list.failed && (
        <p role="alert" className={styles.failed}>
          The tasks could not be read. <button onClick={list.retry}>Try again</button>
        </p>
      )}
      {list.loading ? (
        <SkeletonRows />
      ) : (
        <>
          <Groups view={view} tasks={list.tasks} sortable={view.path === 'all' && !narrowed} selection={selection} onEdit={setEditing} />
          {list.tasks.length === 0 && !list.failed && !list.more && <EmptyState view={view} narrowed={narrowed} onClear={() => narrow({})} />}
          <MoreRows list={list} />
        </>
      )}
      {selection.active && <BulkBar view={view} selection={selection} />}
      {editing && <TaskEditor task={editing} onClose={() => setEditing(null)} />}
    </>
  );
}
