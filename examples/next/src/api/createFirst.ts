import { getOperationName } from '@urql/core';
import type { Exchange, Operation, OperationResult } from '@urql/core';
import { concatMap, filter, fromPromise, fromValue, merge, pipe, share, tap } from 'wonka';

/**
 * Holds back changes while a create is under way. The change that it causes can arrive before its response, when the outbox
 * cannot know yet that the new task is its own: the task would be on the screen twice for a moment.
 */
export const createFirstExchange: Exchange = ({ forward }) => {
  const creating = new Set<number>();
  let settled = Promise.resolve();
  let settle = () => {};

  function start(operation: Operation) {
    if (!isCreate(operation)) return;
    if (!creating.size) settled = new Promise((resolve) => (settle = resolve));
    creating.add(operation.key);
  }

  function end({ operation }: OperationResult) {
    if (creating.delete(operation.key) && !creating.size) setTimeout(settle); // after the response has been dealt with
  }

  return (operations) => {
    const results = pipe(operations, tap(start), forward, tap(end), share);
    const isChange = ({ operation }: OperationResult) => operation.kind === 'subscription';
    return merge([
      pipe(results, filter((result) => !isChange(result))),
      pipe(
        results,
        filter(isChange),
        concatMap((result) => (creating.size ? fromPromise(settled.then(() => result)) : fromValue(result))),
      ),
    ]);
  };
};

const isCreate = ({ kind, query }: Operation) => kind === 'mutation' && getOperationName(query) === 'CreateTask';
