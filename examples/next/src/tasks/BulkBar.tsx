import type { Priority } from '@/gql/graphql';
import { complete, moveToTrash, purge, restore, update } from './actions';
import { addDays, today } from './days';
import { useSession } from './Session';
import type { Selection } from './useSelection';
import type { View } from './views';
import styles from './BulkBar.module.css';

/** What can be done with the selected tasks. */
export function BulkBar({ view, selection }: { view: View; selection: Selection }) {
  const { outbox } = useSession();
  const { selected, clear } = selection;
  const none = selected.length === 0;
  const run = (action: () => void) => () => {
    action();
    clear();
  };
  return (
    <div className={styles.bar} role="toolbar" aria-label="Selected tasks">
      <label className={styles.all}>
        <input type="checkbox" checked={!none && selection.all} onChange={selection.toggleAll} />
        {none ? 'Select all' : `${selected.length} selected`}
      </label>
      {view.path === 'trash' ? (
        <>
          <button disabled={none} onClick={run(() => restore(outbox, selected))}>
            Restore
          </button>
          <button className="danger" disabled={none} onClick={run(() => purge(outbox, selected))}>
            Delete for good
          </button>
        </>
      ) : (
        <>
          <button disabled={none} onClick={run(() => complete(outbox, selected, view.path !== 'done'))}>
            {view.path === 'done' ? 'Reopen' : 'Complete'}
          </button>
          <select
            aria-label="Set due day"
            disabled={none}
            value=""
            onChange={({ target }) => run(() => update(outbox, selected, { due: target.value === 'none' ? null : { date: target.value } }))()}
          >
            <option value="">Due …</option>
            <option value={today()}>Today</option>
            <option value={addDays(today(), 1)}>Tomorrow</option>
            <option value={addDays(today(), 7)}>In a week</option>
            <option value="none">No due day</option>
          </select>
          <select
            aria-label="Set priority"
            disabled={none}
            value=""
            onChange={({ target }) => run(() => update(outbox, selected, { priority: target.value as Priority }))()}
          >
            <option value="">Priority …</option>
            <option value="HIGH">High</option>
            <option value="MEDIUM">Medium</option>
            <option value="LOW">Low</option>
          </select>
          <button className="danger" disabled={none} onClick={run(() => moveToTrash(outbox, selected))}>
            Move to trash
          </button>
        </>
      )}
    </div>
  );
}
