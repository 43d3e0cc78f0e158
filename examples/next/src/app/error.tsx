'use client';

export default function ErrorPage({ reset }: { reset(): void }) {
  return (
    <main className="centred">
      <h1>Something went wrong</h1>
      <p>What you have written is kept on this device.</p>
      <button className="primary" onClick={reset}>
        Try again
      </button>
    </main>
  );
}
