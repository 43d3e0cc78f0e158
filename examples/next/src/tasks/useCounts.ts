import { useEffect } from 'react';
import { useQuery } from 'urql';
import { CountsQuery } from '@/api/documents';
import { status } from '@/api/live';
import { useSignal } from '@/ui/signal';
import { useKept } from '@/ui/useKept';
import { useSession } from './Session';
import { byPath } from './views';

/** How long changes must rest before the server is asked again. */
const REST = 300;

/** Returns the number of tasks of each view, and the tags. They are read again after changes. */
export function useCounts() {
  const { changes } = useSession();
  const [result, read] = useQuery({
    query: CountsQuery,
    variables: { today: byPath('today').filter(), upcoming: byPath('upcoming').filter() },
    pause: useSignal(status, 'connecting') === 'connecting',
  });
  const data = useKept(result.data);
  const change = useSignal(changes);
  useEffect(() => {
    if (!change) return;
    const timer = setTimeout(() => read({ requestPolicy: 'network-only' }), REST);
    return () => clearTimeout(timer);
  }, [change, read]);

  const counts: Record<string, number | undefined> = {
    today: data?.today.totalCount,
    upcoming: data?.upcoming.totalCount,
    all: data?.taskStats?.open,
    trash: data?.trash.totalCount,
  };
  return { counts, tags: data?.tags.filter(({ open }) => open > 0).map(({ tag }) => tag) ?? [] };
}
