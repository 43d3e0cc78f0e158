import type { SyntheticEvent } from 'react';
import { focusNeighbour } from '@/ui/focusNeighbour';
import { Icon } from '@/ui/Icon';
import { complete, moveToTrash, purge, restore } from './actions';
import { Due } from './Due';
import { useSession } from './Session';
import type { Task } from './task';
import type { Dragging } from './useDragging';
import type { Selection } from './useSelection';
import type { View } from './views';
import styles from './TaskRow.module.css';

interface Props {
  view: View;
  task: Task;
  selection: Selection;
  dragging?: Dragging;
  onEdit(): void;
}

export function TaskRow({ view, task, selection, dragging, onEdit }: Props) {
  const { outbox } = useSession();
  const inTrash = task.deletedAt !== null;
  const { title } = task;
  /** Runs an action that takes the task off the list. The focus stays in the list. */
  const leave = (action: () => void) => (event: SyntheticEvent<HTMLElement>) => {
    focusNeighbour(event.currentTarget);
    action();
  };
  return (
    <li className={styles.row} data-pending={task.pending || undefined} data-done={task.completed || undefined} {...dragging?.row(task)}>
      {dragging && (
        <button className={styles.handle} aria-label={`Reorder “${title}”`} aria-description="Arrow keys move it up and down" {...dragging.handle(task)}>
          <Icon name="grip" />
        </button>
      )}
      {selection.active ? (
        <input
          type="checkbox"
          className={styles.select}
          aria-label={`Select “${title}”`}
          checked={selection.has(task)}
          onChange={(event) => selection.toggle(task, (event.nativeEvent as MouseEvent).shiftKey)}
        />
      ) : (
        !inTrash && (
          <input
            type="checkbox"
            className={styles.check}
            data-priority={task.priority}
            aria-label={`Complete “${title}”`}
            checked={task.completed}
            onChange={leave(() => complete(outbox, [task], !task.completed))}
          />
        )
      )}
      <div className={styles.text}>
        {inTrash ? (
          <span className={styles.title}>{title}</span>
        ) : (
          <button className={styles.title} onClick={onEdit} aria-label={`Edit “${title}”`}>
            {title}
          </button>
        )}
        <Details view={view} task={task} />
      </div>
      <div className={styles.actions}>
        {inTrash ? (
          <>
            <button onClick={leave(() => restore(outbox, [task]))} aria-label={`Restore “${title}”`}>
              <Icon name="restore" />
            </button>
            <button onClick={leave(() => purge(outbox, [task]))} aria-label={`Delete “${title}” for good`}>
              <Icon name="trash" />
            </button>
          </>
        ) : (
          <button onClick={leave(() => moveToTrash(outbox, [task]))} aria-label={`Move “${title}” to the trash`}>
            <Icon name="trash" />
          </button>
        )}
      </div>
    </li>
  );
}

const PRIORITY = { HIGH: 'High priority', LOW: 'Low priority' };

/** The second line of a row. */
function Details({ view, task }: { view: View; task: Task }) {
  const { priority, tags, description } = task;
  if (!task.dueDate && priority === 'MEDIUM' && !tags.length && !description && !task.pending) return null;
  return (
    <p className={styles.details}>
      <Due view={view} task={task} />
      {priority !== 'MEDIUM' && <span data-priority={priority}>{PRIORITY[priority]}</span>}
      {tags.map((tag) => (
        <span key={tag} className={styles.tag}>
          #{tag}
        </span>
      ))}
      {description && <span className={styles.notes}>{description}</span>}
      {task.pending && <span className={styles.pending}>Not sent yet</span>}
    </p>
  );
}
