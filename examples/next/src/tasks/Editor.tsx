import { useState } from 'react';
import type { FormEvent } from 'react';
import { Dialog } from '@/ui/Dialog';
import { splitTags, useDraft } from './draft';
import type { Draft } from './draft';
import { check } from './errors';
import type { DraftErrors } from './errors';
import { useSession } from './Session';
import { Labelled, TaskFields } from './TaskFields';

interface Props {
  title: string;
  /** The draft is kept under this name until it is saved or cancelled. */
  name: string;
  initial: Draft;
  errors?: DraftErrors;
  onSave(draft: Draft): void;
  onClose(): void;
}

/** The dialog in which a task is edited. */
export function Editor({ title, name, initial, errors: given = {}, onSave, onClose }: Props) {
  const { user } = useSession();
  const [draft, setDraft, drop] = useDraft(`${user.id}:${name}`, initial);
  const [errors, setErrors] = useState(given);

  function submit(event: FormEvent) {
    event.preventDefault();
    const found = check(draft, splitTags(draft.tags));
    setErrors(found);
    if (Object.keys(found).length) return;
    drop();
    onSave(draft);
  }

  function cancel() {
    drop();
    onClose();
  }

  return (
    <Dialog title={title} onClose={cancel}>
      <form className="stack" onSubmit={submit}>
        <Labelled label="Title" error={errors.title} wide>
          {(props) => <input {...props} autoFocus value={draft.title} onChange={(e) => setDraft({ ...draft, title: e.target.value })} />}
        </Labelled>
        <TaskFields draft={draft} errors={errors} onChange={setDraft} />
        {errors.form && (
          <p className="error" role="alert">
            {errors.form}
          </p>
        )}
        <div className="actions">
          <button type="button" onClick={cancel}>
            Cancel
          </button>
          <button className="primary">Save</button>
        </div>
      </form>
    </Dialog>
  );
}
