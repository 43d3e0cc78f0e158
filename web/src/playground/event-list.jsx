import { useSyncExternalStore } from 'react';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

/** An event in one line: what a change is about, or else its JSON. */
function summary({ data, errors }) {
  if (errors) {
    return errors[0].message;
  }
  const { kind, taskId, task } = data?.taskChanged ?? {};
  return kind && taskId ? [kind, `task ${taskId}`, task?.title].filter(Boolean).join(' · ') : JSON.stringify(data);
}

/** The events of subscriptions, the newest on top, with their times. Nothing before the first. */
export function EventList({ events }) {
  const list = useSyncExternalStore(events.subscribe, events.read);
  if (!list.length) {
    return null;
  }
  return (
    <section aria-label="Events" className="taskql-events">
      <header>
        <h2>Events</h2>
        <span>{list.length}</span>
        <button type="button" className="graphiql-un-styled" onClick={events.clear}>
          Clear
        </button>
      </header>
      <ol role="log">
        {list.map(({ number, time, result }) => (
          <li key={number}>
            <details>
              <summary>
                <time dateTime={time.toISOString()}>{clock.format(time)}</time> {summary(result)}
              </summary>
              <pre>{JSON.stringify(result, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}
