import { useSignal } from '@/ui/signal';
import { addDays, dayName, today } from './days';
import { isOverdue } from './match';
import { useSession } from './Session';
import type { Task } from './task';
import { TaskRow } from './TaskRow';
import { useDragging } from './useDragging';
import type { Selection } from './useSelection';
import type { View } from './views';
import styles from './TaskList.module.css';

interface Props {
  view: View;
  tasks: readonly Task[];
  /** Whether the user can put the tasks in order. */
  sortable: boolean;
  selection: Selection;
  onEdit(task: Task): void;
}

/** The tasks, under headings where the view has some. */
export function Groups({ view, tasks, sortable, selection, onEdit }: Props) {
  const createdAs = new Map(useSignal(useSession().outbox.state).created);
  const dragging = useDragging(tasks);
  const groups = groupsOf(view, tasks);
  const only = groups.length === 1;
  return groups.map(([name, group]) => (
    <section key={name ?? ''} aria-label={name ?? view.name} className={styles.group}>
      {name && !(only && name === view.name) && <h2 className={name === 'Overdue' ? styles.overdue : undefined}>{name}</h2>}
      <ul className={styles.rows}>
        {group.map((task) => (
          <TaskRow
            key={createdAs.get(task.id) ?? task.id} // it stays the same when a new task gets its id
            view={view}
            task={task}
            selection={selection}
            dragging={sortable && !selection.active ? dragging : undefined}
            onEdit={() => onEdit(task)}
          />
        ))}
      </ul>
    </section>
  ));
}

function groupsOf(view: View, tasks: readonly Task[]): [name: string | null, tasks: Task[]][] {
  const groups = new Map<string | null, Task[]>();
  for (const task of tasks) {
    const name = headingOf(view, task);
    groups.set(name, [...(groups.get(name) ?? []), task]);
  }
  return [...groups];
}

function headingOf({ path }: View, task: Task): string | null {
  if (path === 'today') return isOverdue(task) && task.dueDate !== today() ? 'Overdue' : 'Today';
  if (path !== 'upcoming' || !task.dueDate) return null;
  if (task.dueDate < addDays(today(), 7)) return dayName(task.dueDate);
  return task.dueDate.slice(0, 7) === today().slice(0, 7) ? 'Later this month' : month(task.dueDate);
}

const month = (day: string) => new Date(`${day}T12:00`).toLocaleDateString('en', { month: 'long', year: 'numeric' });
