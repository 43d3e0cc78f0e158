import type { Exchange, OperationResult } from '@urql/core';
import { concatMap, filter, fromPromise, fromValue, merge, pipe, share } from 'wonka';
import type { Outbox } from '@/outbox/outbox';

/**
 * Holds back changes while the outbox creates a task. The change that this causes can arrive before the response, when the outbox
 * does not know yet that the new task is its own: the task would be on the screen twice for a moment.
 */
export const createFirstExchange =
  (outbox: Outbox): Exchange =>
  ({ forward }) =>
  (operations) => {
    const creating = () => outbox.state.get().writes.some(({ kind }) => kind === 'create');
    const created = () =>
      new Promise<void>((resolve) => {
        const stop = outbox.state.subscribe(() => {
          if (creating()) return;
          stop();
          resolve();
        });
      });
    const isChange = ({ operation, data }: OperationResult) => operation.kind === 'subscription' && Boolean(data);
    const results = pipe(operations, forward, share);
    return merge([
      pipe(results, filter((result) => !isChange(result))),
      pipe(
        results,
        filter(isChange),
        concatMap((result) => (creating() ? fromPromise(created().then(() => result)) : fromValue(result))),
      ),
    ]);
  };
