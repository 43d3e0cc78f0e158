import { useEffect, useState } from 'react';
import { useSignal } from './signal';
import { announcement, dismiss, toasts, undo } from './toast';
import type { Toast } from './toast';
import styles from './Toasts.module.css';

const SHOWN = 8_000;
const NONE: Toast[] = [];

/** Shows the messages, and takes back the last action with Ctrl+Z. */
export function Toasts() {
  const shown = useSignal(toasts, NONE);

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const last = toasts.get().findLast((toast) => toast.undo);
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || !last || isText(event.target)) return;
      event.preventDefault();
      undo(last);
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);

  return (
    <div className={styles.toasts} role="status" aria-live="polite">
      <p className="hidden">{useSignal(announcement, '')}</p>
      {shown.map((toast) => (
        <Message key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function Message({ toast }: { toast: Toast }) {
  const [held, setHeld] = useState(false); // by the pointer or the focus
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(toast), SHOWN);
    return () => clearTimeout(timer);
  }, [toast, held]);

  return (
    <div
      className={styles.toast}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span>{toast.text}</span>
      {toast.undo && (
        <button onClick={() => undo(toast)}>Undo</button>
      )}
      <button className={styles.close} aria-label="Close message" onClick={() => dismiss(toast)}>
        ×
      </button>
    </div>
  );
}

const isText = (target: EventTarget | null) => target instanceof HTMLElement && target.matches('input, textarea');
