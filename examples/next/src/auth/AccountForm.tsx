import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { forgetToken, sessionEnded } from './token';

export type FieldErrors = Partial<Record<'name' | 'email' | 'password' | 'form', string>>;

interface Props {
  action: string;
  send(values: Record<'name' | 'email' | 'password', string>): Promise<{ error: { code?: string; message?: string; status: number } | null }>;
  onDone(): void;
  /** Renders the fields. `typed` are the props of a field that keeps its text over a reload; a password does not. */
  children(errors: FieldErrors, typed: (name: string) => object): ReactNode;
}

/** A form of Better Auth: it sends, waits, and shows each error at its field. */
export function AccountForm({ action, send, onDone, children }: Props) {
  const [errors, setErrors] = useState<FieldErrors>({});
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const value = (name: string) => String(data.get(name) ?? '');
    setBusy(true);
    try {
      const { error } = await send({ name: value('name'), email: value('email').trim(), password: value('password') });
      setErrors(error ? inWords(error) : {});
      if (error) return;
      forgetToken();
      sessionEnded.set(false);
      onDone();
    } catch {
      setErrors({ form: 'The server cannot be reached. Try again in a moment.' });
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="stack" onSubmit={submit}>
      {children(errors, keepTyped)}
      <p role="alert" className="error">
        {errors.form}
      </p>
      <button className="primary" disabled={busy}>
        {action}
      </button>
    </form>
  );
}

function keepTyped(name: string) {
  return {
    defaultValue: typeof sessionStorage === 'undefined' ? '' : (sessionStorage.getItem(name) ?? ''),
    suppressHydrationWarning: true,
    onChange: (event: FormEvent<HTMLInputElement>) => sessionStorage.setItem(name, event.currentTarget.value),
  };
}

function inWords({ code, message, status }: { code?: string; message?: string; status: number }): FieldErrors {
  switch (code) {
    case 'INVALID_EMAIL_OR_PASSWORD':
      return { password: 'The e-mail address or the password is wrong.' };
    case 'INVALID_EMAIL':
      return { email: 'This is not an e-mail address.' };
    case 'USER_ALREADY_EXISTS':
    case 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL':
      return { email: 'There is an account with this address. Sign in instead.' };
    case 'PASSWORD_TOO_SHORT':
      return { password: 'Use at least 8 characters.' };
    case 'PASSWORD_TOO_LONG':
      return { password: 'Use at most 128 characters.' };
  }
  if (status === 429) return { form: 'Too many attempts. Wait a moment and try again.' };
  return { form: message ?? 'That did not work. Try again in a moment.' };
}
