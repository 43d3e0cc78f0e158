'use client';

import { TaskList } from './TaskList';
import { Ready } from './Session';
import { Skeleton } from './Skeleton';
import { byPath } from './views';

export function TaskScreen({ path }: { path: string }) {
  const view = byPath(path);
  return (
    <Ready fallback={<Skeleton heading={view.name} composer={path !== 'done' && path !== 'trash'} />}>
      <TaskList view={view} />
    </Ready>
  );
}
