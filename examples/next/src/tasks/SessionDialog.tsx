import { useRouter } from 'next/navigation';
import { authClient } from '@/auth/client';
import { SignInForm } from '@/auth/SignInForm';
import { sessionEnded } from '@/auth/token';
import { Dialog } from '@/ui/Dialog';
import { useSignal } from '@/ui/signal';
import { Ready, useSession } from './Session';

/** When the session has ended, the user signs in again where they are: what they have typed stays. */
export function SessionDialog() {
  const ended = useSignal(sessionEnded, false);
  if (!ended) return null;
  return (
    <Ready>
      <SignInAgain />
    </Ready>
  );
}

function SignInAgain() {
  const router = useRouter();
  const { user } = useSession();
  async function signedIn() {
    const { data } = await authClient.getSession();
    // Another user must not see these tasks. What this user has not sent yet stays in their outbox.
    if (data?.user.id !== user.id) window.location.reload();
    else router.refresh();
  }
  return (
    <Dialog title="Your session has ended">
      <p>Sign in again to go on. Everything you have typed is still here.</p>
      <SignInForm onDone={() => void signedIn()} />
    </Dialog>
  );
}
