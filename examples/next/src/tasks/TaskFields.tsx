import { useId } from 'react';
import type { ReactNode } from 'react';
import type { Priority } from '@/gql/graphql';
import type { Draft } from './draft';
import type { DraftErrors } from './errors';
import styles from './TaskFields.module.css';

interface Props {
  draft: Draft;
  errors: DraftErrors;
  onChange(draft: Draft): void;
}

/** Everything of a task but its title. */
export function TaskFields({ draft, errors, onChange }: Props) {
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  return (
    <div className={styles.fields}>
      <Labelled label="Due day" error={errors.day}>
        {(props) => <input {...props} type="date" value={draft.day} onChange={(e) => set({ day: e.target.value })} />}
      </Labelled>
      <Labelled label="Due time" error={errors.time}>
        {(props) => <input {...props} type="time" value={draft.time} onChange={(e) => set({ time: e.target.value })} />}
      </Labelled>
      <Labelled label="Priority" error={errors.priority}>
        {(props) => (
          <select {...props} value={draft.priority} onChange={(e) => set({ priority: e.target.value as Priority })}>
            <option value="HIGH">High</option>
            <option value="MEDIUM">Medium</option>
            <option value="LOW">Low</option>
          </select>
        )}
      </Labelled>
      <Labelled label="Tags" error={errors.tags} wide>
        {(props) => (
          <input
            {...props}
            value={draft.tags}
            placeholder="home, garden"
            autoComplete="off"
            onChange={(e) => set({ tags: e.target.value })}
          />
        )}
      </Labelled>
      <Labelled label="Notes" error={errors.description} wide>
        {(props) => (
          <textarea {...props} rows={3} value={draft.description} onChange={(e) => set({ description: e.target.value })} />
        )}
      </Labelled>
    </div>
  );
}

type ControlProps = { id: string; 'aria-invalid'?: true; 'aria-describedby'?: string };

interface LabelledProps {
  label: string;
  error?: string;
  wide?: boolean;
  children(props: ControlProps): ReactNode;
}

export function Labelled({ label, error, wide, children }: LabelledProps) {
  const id = useId();
  return (
    <div className={wide ? styles.wide : styles.field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, ...(error && { 'aria-invalid': true, 'aria-describedby': `${id}-error` }) })}
      {error && (
        <p id={`${id}-error`} className="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
