import { useState } from 'react';
import type { Problem } from '@/outbox/state';
import { useSignal } from '@/ui/signal';
import { Conflict } from './Conflict';
import { draftOf, draftWith, emptyDraft, fitsDraft, toCreate, toUpdate } from './draft';
import { Editor } from './Editor';
import { byField, inWords } from './errors';
import { useSession } from './Session';
import type { Task } from './task';
import styles from './Problems.module.css';

/** What taskql has rejected. Nothing of it is lost: the user can correct it or send it again. */
export function Problems() {
  const { outbox } = useSession();
  const { problems } = useSignal(outbox.state);
  return problems.map((problem) => <Rejected key={problem.write.key} problem={problem} />);
}

function Rejected({ problem }: { problem: Problem }) {
  const { outbox, known } = useSession();
  const [editing, setEditing] = useState(false);
  const { write, errors } = problem;
  const conflict = errors.find((error) => error.__typename === 'VersionConflict');
  if (conflict && write.kind === 'update') return <Conflict write={write} conflict={conflict} />;
  return (
    <div role="alert" className={styles.problem}>
      <p>
        <strong>{useTitle(problem)}</strong> was not saved. {errors.map(inWords).join(' ')}
      </p>
      <div className="actions">
        <button onClick={() => outbox.discard(write.key)}>Discard</button>
        {canCorrect(problem, known) ? (
          <button onClick={() => setEditing(true)}>Correct</button>
        ) : (
          <button onClick={() => outbox.sendAgain(write.key)}>Send again</button>
        )}
      </div>
      {editing && <Correction problem={problem} onClose={() => setEditing(false)} />}
    </div>
  );
}

/**
 * Whether the form can show the write. After a fault of the server there is nothing to correct, and taskql may have done the
 * write: only the same write with the same key is not done twice.
 */
function canCorrect({ write, errors }: Problem, known: Map<string, Task>): boolean {
  if (errors.some(({ code }) => code === 'INTERNAL')) return false;
  if (write.kind === 'create') return true;
  return write.kind === 'update' && write.ids.length === 1 && known.has(write.ids[0]!) && fitsDraft(write.input);
}

/** The form with what was rejected, and each error at its field. */
function Correction({ problem: { write, errors }, onClose }: { problem: Problem; onClose(): void }) {
  const { outbox, known } = useSession();
  const [initial] = useState(() => {
    const task = write.kind === 'update' ? known.get(write.ids[0]!) : undefined;
    return draftWith(task ? draftOf(task) : emptyDraft, 'input' in write ? write.input : {});
  });
  return (
    <Editor
      title="Correct the task"
      name={`problem:${write.key}`}
      initial={initial}
      errors={byField(errors)}
      onClose={onClose}
      onSave={(draft) => {
        if (write.kind === 'create') outbox.correct(write.key, { kind: 'create', input: toCreate(draft) });
        if (write.kind === 'update') outbox.correct(write.key, { ...write, input: { ...write.input, ...toUpdate(initial, draft) } });
      }}
    />
  );
}

function useTitle({ write }: Problem): string {
  const { known } = useSession();
  if (write.kind === 'create') return `“${write.input.title}”`;
  const id = 'ids' in write ? write.ids[0] : 'id' in write ? write.id : undefined;
  const title = id && known.get(id)?.title;
  return title ? `The change of “${title}”` : 'A change';
}
