import { useState } from 'react';
import { draftOf, toUpdate } from './draft';
import { Editor } from './Editor';
import { useSession } from './Session';
import type { Task } from './task';

/** Edits a task. It saves only what the user has changed, and only if nobody else has changed the task since it was opened. */
export function TaskEditor({ task, onClose }: { task: Task; onClose(): void }) {
  const { outbox } = useSession();
  const [before] = useState(() => draftOf(task));
  return (
    <Editor
      title="Edit task"
      name={`task:${task.id}`}
      initial={before}
      onClose={onClose}
      onSave={(draft) => {
        const input = toUpdate(before, draft);
        if (input) outbox.add([{ kind: 'update', ids: [task.id], input, expectedVersion: task.pending ? undefined : task.version }]);
        onClose();
      }}
    />
  );
}
