import { useEffect, useState } from 'react';
import { status } from '@/api/live';
import { sessionEnded } from '@/auth/token';
import { useSignal } from '@/ui/signal';
import { Ready, useSession } from './Session';
import styles from './Shell.module.css';

/** Says that changes do not arrive at the moment, and what becomes of them. */
export function Banner() {
  const offline = useSignal(status, 'connecting') === 'offline';
  const network = useNetwork();
  const signedOut = useSignal(sessionEnded, false); // which has its own dialog
  return (
    <div role="status" className={styles.bannerSpace}>
      {(offline || !network) && !signedOut && (
        <p className={styles.banner}>
          <strong>{network ? 'No connection to the server.' : 'You are offline.'}</strong>{' '}
          <Ready fallback="Connecting …">
            <Unsent />
          </Ready>
        </p>
      )}
    </div>
  );
}

function Unsent() {
  const { outbox } = useSession();
  const { length } = useSignal(outbox.state).writes;
  if (!length) return 'You can go on working: changes are sent later.';
  return `${length === 1 ? 'One change is' : `${length} changes are`} kept on this device and will be sent later.`;
}

function useNetwork(): boolean {
  const [online, setOnline] = useState(true);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    look();
    window.addEventListener('online', look);
    window.addEventListener('offline', look);
    return () => {
      window.removeEventListener('online', look);
      window.removeEventListener('offline', look);
    };
  }, []);
  return online;
}
