// Next.js calls this once, before it answers the first request.
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const [{ auth }, { getMigrations }] = await Promise.all([import('./auth/server'), import('better-auth/db/migration')]);
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations(); // creates what is missing of Better Auth's tables
}
