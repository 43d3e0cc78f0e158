import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { useShortcut } from '@/ui/useShortcut';
import { addDays, today } from './days';
import { emptyDraft, splitTags, toCreate, useDraft } from './draft';
import { check } from './errors';
import type { DraftErrors } from './errors';
import { useSession } from './Session';
import { TaskFields } from './TaskFields';
import styles from './Composer.module.css';

/** Creates tasks: N, a title, Enter. Tab leads to “Details” with the other fields. */
export function Composer({ path }: { path: string }) {
  const { outbox, user } = useSession();
  const initial = { ...emptyDraft, day: path === 'today' ? today() : path === 'upcoming' ? addDays(today(), 1) : '' };
  const [draft, setDraft] = useDraft(`${user.id}:new:${path}`, initial);
  const [errors, setErrors] = useState<DraftErrors>({});
  const [open, setOpen] = useState(() => JSON.stringify({ ...draft, title: '' }) !== JSON.stringify(initial));
  const title = useRef<HTMLInputElement>(null);
  useShortcut('n', () => title.current?.focus());

  function submit(event: FormEvent) {
    event.preventDefault();
    const found = check(draft, splitTags(draft.tags));
    setErrors(found);
    if (Object.keys(found).length) return setOpen(open || !found.title);
    title.current?.focus();
    outbox.add([{ kind: 'create', input: toCreate(draft) }]);
    setDraft(initial);
  }

  return (
    <form className={styles.composer} aria-label="New task" onSubmit={submit}>
      <div className={styles.line}>
        <input
          ref={title}
          className={styles.title}
          value={draft.title}
          onChange={(e) => setDraft({ ...draft, title: e.target.value })}
          aria-label="Add a task"
          aria-keyshortcuts="n"
          aria-invalid={errors.title ? true : undefined}
          aria-describedby={errors.title ? 'new-title-error' : undefined}
          placeholder="Add a task"
          autoComplete="off"
          enterKeyHint="done"
        />
        <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
          Details
        </button>
        <button className="primary" disabled={!draft.title.trim()}>
          Add
        </button>
      </div>
      {errors.title && (
        <p id="new-title-error" className="error" role="alert">
          {errors.title}
        </p>
      )}
      {open && <TaskFields draft={draft} errors={errors} onChange={setDraft} />}
    </form>
  );
}
