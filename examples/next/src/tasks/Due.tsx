import { addDays, dayName, timeOf, today } from './days';
import { isOverdue } from './match';
import type { Task } from './task';
import type { View } from './views';
import styles from './TaskRow.module.css';

/** When a task is due, as far as the view does not say it already. */
export function Due({ view, task }: { view: View; task: Task }) {
  const { dueDate, dueAt } = task;
  if (!dueDate) return null;
  // In these, the heading says the day.
  const said = (view.path === 'today' && dueDate === today()) || (view.path === 'upcoming' && dueDate < addDays(today(), 7));
  const day = said ? '' : dayName(dueDate);
  const text = [day, dueAt && timeOf(dueAt)].filter(Boolean).join(', ');
  if (!text) return null;
  const overdue = isOverdue(task);
  return (
    <time dateTime={dueAt ?? dueDate} className={overdue ? styles.overdue : undefined}>
      {text}
      {overdue && <span className="hidden"> (overdue)</span>}
    </time>
  );
}
