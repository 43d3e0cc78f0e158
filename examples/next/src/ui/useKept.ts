import { useState } from 'react';

/** Returns the value, and the last one while there is none: a failed request does not empty the screen. */
export function useKept<T>(value: T | undefined): T | undefined {
  const [kept, setKept] = useState(value);
  if (value !== undefined && value !== kept) setKept(value);
  return value ?? kept;
}
