import { useState } from 'react';
import type { Problem } from '@/outbox/outbox';
import { useSignal } from '@/ui/signal';
import { Conflict } from './Conflict';
import { draftOf, draftWith, emptyDraft, toCreate, toUpdate } from './draft';
import { Editor } from './Editor';
import { byField, inWords } from './errors';
import { useSession } from './Session';
import styles from './Problems.module.css';

/** What taskql has rejected. Nothing of it is lost: the user can correct it and send it again. */
export function Problems() {
  const { outbox } = useSession();
  const { problems } = useSignal(outbox.state);
  return problems.map((problem) => <Rejected key={problem.write.key} problem={problem} />);
}

function Rejected({ problem }: { problem: Problem }) {
  const { outbox } = useSession();
  const [editing, setEditing] = useState(false);
  const { write, errors } = problem;
  const settle = () => outbox.settle(write.key);
  const conflict = errors.find((error) => error.__typename === 'VersionConflict');
  if (conflict && write.kind === 'update') return <Conflict write={write} conflict={conflict} />;
  return (
    <div role="alert" className={styles.problem}>
      <p>
        <strong>{useTitle(problem)}</strong> was not saved. {errors.map(inWords).join(' ')}
      </p>
      <div className="actions">
        <button onClick={settle}>Discard</button>
        {(write.kind === 'create' || write.kind === 'update') && <button onClick={() => setEditing(true)}>Correct</button>}
      </div>
      {editing && <Correction problem={problem} onDone={settle} onClose={() => setEditing(false)} />}
    </div>
  );
}

/** The form with what was rejected, and each error at its field. */
function Correction({ problem: { write, errors }, onDone, onClose }: { problem: Problem; onDone(): void; onClose(): void }) {
  const { outbox, known } = useSession();
  if (write.kind !== 'create' && write.kind !== 'update') return null;
  const task = write.kind === 'update' ? known.get(write.ids[0]!) : undefined;
  const before = task ? draftOf(task) : emptyDraft;
  return (
    <Editor
      title="Correct the task"
      name={`problem:${write.key}`}
      initial={draftWith(before, write.input)}
      errors={byField(errors)}
      onClose={onClose}
      onSave={(draft) => {
        const input = toUpdate(before, draft);
        if (write.kind === 'create') outbox.add([{ kind: 'create', input: toCreate(draft) }]);
        else if (input) outbox.add([{ kind: 'update', ids: write.ids, input }]);
        onDone();
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
