import { useEffect, useRef, useState } from 'react';
import type { Priority } from '@/gql/graphql';
import { useShortcut } from '@/ui/useShortcut';
import type { Narrowing } from './views';
import styles from './Toolbar.module.css';

/** How long typing must rest before the server is asked. */
const REST = 150;

export function Toolbar({ narrowing, onChange }: { narrowing: Narrowing; onChange(narrowing: Narrowing): void }) {
  const search = narrowing.search ?? '';
  const [text, setText] = useState(search);
  const [applied, setApplied] = useState(search);
  if (search !== applied) {
    setApplied(search);
    setText(search); // it was changed elsewhere, by a link for example
  }
  const input = useRef<HTMLInputElement>(null);
  useShortcut('/', () => input.current?.focus());

  useEffect(() => {
    if (text === applied) return;
    const timer = setTimeout(() => {
      setApplied(text);
      onChange({ ...narrowing, search: text });
    }, REST);
    return () => clearTimeout(timer);
  });

  return (
    <div className={styles.toolbar} role="search">
      <input
        ref={input}
        type="search"
        className={styles.search}
        aria-label="Search"
        aria-keyshortcuts="/"
        placeholder="Search"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <select
        aria-label="Filter by priority"
        value={narrowing.priority ?? ''}
        onChange={(event) => onChange({ ...narrowing, priority: (event.target.value as Priority) || undefined })}
      >
        <option value="">Any priority</option>
        <option value="HIGH">High</option>
        <option value="MEDIUM">Medium</option>
        <option value="LOW">Low</option>
      </select>
      {narrowing.tag && (
        <button className={styles.tag} aria-label={`Remove filter: tag ${narrowing.tag}`} onClick={() => onChange({ ...narrowing, tag: undefined })}>
          #{narrowing.tag} <span aria-hidden="true">×</span>
        </button>
      )}
    </div>
  );
}
