import { usePathname, useSearchParams } from 'next/navigation';
import type { Priority } from '@/gql/graphql';
import type { Narrowing } from './views';

/** The search and the filters are in the address, so that they survive a reload and can be kept as a bookmark. */
export function useNarrowing() {
  const path = usePathname();
  const params = useSearchParams();
  const narrowing: Narrowing = {
    search: params.get('q') ?? undefined,
    priority: (params.get('priority') as Priority | null) ?? undefined,
    tag: params.get('tag') ?? undefined,
  };
  function narrow({ search, priority, tag }: Narrowing) {
    const next = new URLSearchParams();
    if (search) next.set('q', search);
    if (priority) next.set('priority', priority);
    if (tag) next.set('tag', tag);
    // Not by the router: no page has to be fetched for it.
    window.history.replaceState(null, '', next.size ? `${path}?${next}` : path);
  }
  return [narrowing, narrow] as const;
}
