import { keyOf } from './useTasks';
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
  const { outbox } = useSession();
  const dragging = useDragging(tasks);
  return groupsOf(view, tasks).map(([name, group]) => (
    <section key={name ?? ''} aria-label={name ?? view.name} className={styles.group}>
      {name && <h2 className={name === 'Overdue' ? styles.overdue : undefined}>{name}</h2>}
      <ul className={styles.rows}>
        {group.map((task) => (
          <TaskRow
            key={keyOf(task, outbox.createdAs)}
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
  return task.dueDate < addDays(today(), 7) ? dayName(task.dueDate) : task.dueDate.slice(0, 7) === today().slice(0, 7) ? dayName(task.dueDate) : month(task.dueDate);
}

const month = (day: string) => new Date(`${day}T12:00`).toLocaleDateString('en', { month: 'long', year: 'numeric' });
