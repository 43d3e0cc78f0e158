import { useEffect } from 'react';
import { readFragment } from '@/gql';
import { TaskFields } from '@/api/documents';
import type { UserError } from '@/outbox/send';
import type { Write } from '@/outbox/write';
import { Dialog } from '@/ui/Dialog';
import { dayName } from './days';
import { draftOf, draftWith } from './draft';
import type { Draft } from './draft';
import { useSession } from './Session';
import styles from './Problems.module.css';

interface Props {
  write: Write & { kind: 'update' };
  conflict: UserError & { __typename: 'VersionConflict' };
}

const NAMES: Record<keyof Draft, string> = { title: 'Title', description: 'Notes', day: 'Due day', time: 'Due time', priority: 'Priority', tags: 'Tags' };

/** Somebody else, or the user on another device, has changed the task in the meantime: the user chooses. */
export function Conflict({ write, conflict }: Props) {
  const { outbox } = useSession();
  const current = readFragment(TaskFields, conflict.current);
  const theirs = draftOf(current);
  const mine = draftWith(theirs, write.input);
  const different = (Object.keys(NAMES) as (keyof Draft)[]).filter((name) => mine[name] !== theirs[name]);

  // Both have made the same change: there is nothing to choose.
  const agreed = different.length === 0;
  useEffect(() => {
    if (agreed) outbox.discard(write.key);
  }, [agreed, outbox, write.key]);
  if (agreed) return null;

  function keepMine() {
    outbox.correct(write.key, { kind: 'update', ids: [current.id], input: write.input, expectedVersion: current.version });
  }

  return (
    <Dialog title="This task was changed elsewhere">
      <p>“{current.title}” was changed while you edited it. Which version should stay?</p>
      <table className={styles.versions}>
        <thead>
          <tr>
            <td />
            <th scope="col">Yours</th>
            <th scope="col">The other</th>
          </tr>
        </thead>
        <tbody>
          {different.map((name) => (
            <tr key={name}>
              <th scope="row">{NAMES[name]}</th>
              <td>{show(name, mine[name])}</td>
              <td>{show(name, theirs[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="actions">
        <button onClick={() => outbox.discard(write.key)}>Use the other version</button>
        <button className="primary" onClick={keepMine}>
          Keep my version
        </button>
      </div>
    </Dialog>
  );
}

function show(name: keyof Draft, value: string): string {
  if (!value) return '–';
  if (name === 'day') return dayName(value);
  if (name === 'priority') return value[0] + value.slice(1).toLowerCase();
  return value;
}
