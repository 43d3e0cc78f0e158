// Calendar days as YYYY-MM-DD in the zone of this device, which is what the API takes and returns.

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns the day of an instant. */
export function dayOf(instant: Date): string {
  const pad = (n: number) => String(n).padStart(2, '0');
  return `${instant.getFullYear()}-${pad(instant.getMonth() + 1)}-${pad(instant.getDate())}`;
}

export function today(): string {
  return dayOf(new Date());
}

export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T12:00`);
  date.setDate(date.getDate() + days);
  return dayOf(date);
}

/** "Today", "Tomorrow", "Friday" within the week, else "Mon, 2 March". */
export function dayName(day: string, now = today()): string {
  if (day === now) return 'Today';
  if (day === addDays(now, 1)) return 'Tomorrow';
  if (day === addDays(now, -1)) return 'Yesterday';
  const date = new Date(`${day}T12:00`);
  if (day > now && day < addDays(now, 7)) return date.toLocaleDateString('en', { weekday: 'long' });
  const year = day.slice(0, 4) === now.slice(0, 4) ? undefined : 'numeric';
  return date.toLocaleDateString('en', { weekday: 'short', day: 'numeric', month: 'short', year });
}

/** The time of an instant on this device, HH:MM. */
export function timeOf(instant: string): string {
  const date = new Date(instant);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}
