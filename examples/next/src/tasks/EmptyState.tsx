import type { View } from './views';
import styles from './TaskList.module.css';

export function EmptyState({ view, narrowed, onClear }: { view: View; narrowed: boolean; onClear(): void }) {
  return (
    <div className={styles.empty}>
      <h2>{narrowed ? 'Nothing matches' : view.empty.title}</h2>
      <p>{narrowed ? 'No task here has all of these words and properties.' : view.empty.text}</p>
      {narrowed && <button onClick={onClear}>Show all tasks of “{view.name}”</button>}
    </div>
  );
}
