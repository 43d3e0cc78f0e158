import { useState } from 'react';

const Icon = () => (
  <svg viewBox="0 0 24 24" height="1em" stroke="currentColor" strokeWidth="1.5" fill="none" aria-hidden="true">
    <circle cx="12" cy="8" r="4" />
    <path d="M4 21c0-4.4 3.6-7 8-7s8 2.6 8 7" strokeLinecap="round" />
  </svg>
);

/** The claims of a token, unverified, or {}. */
function claimsOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}

/** Asks the server for a token, because a browser may not read the answers of another origin. The password is only sent there. */
async function fetchToken(fields) {
  const response = await fetch('/playground/sign-in', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) });
  const { token, error } = await response.json().catch(() => ({}));
  if (!token) {
    throw new Error(error ?? `The server answered with ${response.status}.`);
  }
  return token;
}

function SignIn({ address, memory, onToken }) {
  const [state, setState] = useState({});

  async function submit(event) {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget));
    setState({ waiting: true });
    try {
      const token = await fetchToken(fields);
      const { email, sub, exp } = claimsOf(token);
      Object.assign(memory, { address: fields.address, email: fields.email });
      memory.done = `Signed in as ${email ?? sub}${exp ? ` until ${new Date(exp * 1000).toLocaleTimeString()}` : ''}. The token is in the headers of all tabs.`;
      onToken(token);
    } catch ({ message }) {
      memory.done = undefined;
      setState({ error: message });
    }
  }

  return (
    <section aria-label="Sign in" className="taskql-pane">
      <h2>Sign in</h2>
      <p>Fetches an access token from Better Auth. It stays in this page, and is gone when you load the page again.</p>
      <form onSubmit={submit} className="taskql-form">
        <label>
          Address of Better Auth
          <input name="address" type="url" required defaultValue={memory.address ?? address ?? 'http://localhost:3000'} />
        </label>
        <label>
          E-mail
          <input name="email" type="email" required autoComplete="username" defaultValue={memory.email} />
        </label>
        <label>
          Password
          <input name="password" type="password" required autoComplete="current-password" />
        </label>
        <button type="submit" className="graphiql-button" disabled={state.waiting}>
          {state.waiting ? 'Signing in …' : 'Sign in'}
        </button>
        <p role="status" className={state.error ? 'taskql-error' : 'taskql-done'}>
          {state.error ?? (state.waiting ? '' : memory.done)}
        </p>
      </form>
    </section>
  );
}

/** A pane that signs in at Better Auth and gives the token to onToken. What it shows survives that GraphiQL begins anew. */
export function signInPlugin(address, onToken) {
  const memory = {};
  return { title: 'Sign in', icon: Icon, content: () => <SignIn address={address} memory={memory} onToken={onToken} /> };
}
