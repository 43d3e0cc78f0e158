import { useEffect, useEffectEvent, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { TasksQuery } from '@/api/documents';
import { status } from '@/api/live';
import { applyAll } from '@/outbox/apply';
import { concerns } from '@/outbox/write';
import { useSignal } from '@/ui/signal';
import { today } from './days';
import { compare, matches } from './match';
import { useSession } from './Session';
import { readTasks } from './task';
import { listVariables } from './views';
import type { Narrowing, View } from './views';

const PAGE = 50;

/** Returns the tasks of a view: the pages that were read so far, kept up to date, with the unsent writes applied. */
export function useTasks(view: View, narrowing: Narrowing) {
  const { outbox, known } = useSession();
  const { writes } = useSignal(outbox.state);
  const held = useSignal(outbox.held);
  const connection = useSignal(status, 'connecting');
  const day = useToday();
  const variables = useMemo(
    () => listVariables(view, narrowing),
    // The filters of Today and Upcoming contain the day.
    [view, narrowing.search, narrowing.priority, narrowing.tag, day],
  );

  const [cursor, setCursor] = useState<{ of: object; after: string | null }>({ of: variables, after: null });
  const after = cursor.of === variables ? cursor.after : null;
  const [{ data, fetching, error }, read] = useQuery({
    query: TasksQuery,
    variables: { ...variables, first: PAGE, after },
    pause: connection === 'connecting', // so that no change is missed between this and the live updates
  });
  const retry = useEffectEvent(() => error && read({ requestPolicy: 'network-only' }));
  useEffect(() => {
    if (connection === 'online') retry();
  }, [connection]);

  const tasks = useMemo(() => {
    const pending = [...writes, ...held];
    const concerned = [...known.values()].filter(({ id }) => pending.some((write) => concerns(write, id)));
    // If the list cannot be read, the tasks that were seen before must do.
    const listed = data ? readTasks(data.tasks.nodes) : [...known.values()];
    return applyAll([...concerned, ...listed], pending)
      .filter((task) => matches(task, variables))
      .sort((a, b) => compare(a, b, view.orderBy));
  }, [data, writes, held, known, variables, view]);

  const { hasNextPage, endCursor } = data?.tasks.pageInfo ?? {};
  return {
    tasks,
    loading: !data && !error,
    more: Boolean(hasNextPage),
    /** Reads the next page. */
    readMore: () => hasNextPage && !fetching && setCursor({ of: variables, after: endCursor ?? null }),
    /** Whether the user should know that the list could not be read. While there is no connection, the banner says it. */
    failed: Boolean(error) && !fetching && (connection === 'online' || tasks.length === 0),
    retry,
  };
}

export type TaskListState = ReturnType<typeof useTasks>;

/** Returns the day and renders again when it ends. */
function useToday(): string {
  const [day, setDay] = useState(today);
  useEffect(() => {
    const timer = setInterval(() => setDay(today()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return day;
}
