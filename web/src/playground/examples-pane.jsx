import { flushSync } from 'react-dom';
import { useEditorContext } from '@graphiql/react';
import { nameOf, subjects, summaryOf } from './examples.js';

const Icon = () => (
  <svg viewBox="0 0 24 24" height="1em" stroke="currentColor" strokeWidth="1.5" fill="none" aria-hidden="true">
    <path d="M4 5h16M4 12h16M4 19h10" strokeLinecap="round" />
    <circle cx="20" cy="19" r="1.5" />
  </svg>
);

function Examples() {
  const { tabs, activeTabIndex, addTab, changeTab, queryEditor, variableEditor, headerEditor, responseEditor } =
    useEditorContext({ nonNull: true });
  const ready = queryEditor && variableEditor && headerEditor && responseEditor; // a tab is shown in all of them
  const active = tabs[activeTabIndex]?.title;

  /** Shows the tab of an example, or opens one. */
  function open(example) {
    const index = tabs.findIndex(({ title }) => title === nameOf(example));
    if (index >= 0) {
      changeTab(index);
    } else {
      flushSync(addTab); // its text must be there before it is replaced
      queryEditor.setValue(example);
    }
    queryEditor.focus();
  }

  return (
    <section aria-label="Examples" className="taskql-pane">
      <h2>Examples</h2>
      {subjects.map(({ name, examples }) => (
        <div key={name} role="group" aria-label={name}>
          <h3>{name}</h3>
          {examples.map((example) => (
            <button
              key={nameOf(example)}
              type="button"
              className="taskql-example"
              aria-current={nameOf(example) === active}
              disabled={!ready}
              onClick={() => open(example)}
            >
              <strong>{nameOf(example)}</strong>
              <span>{summaryOf(example)}</span>
            </button>
          ))}
        </div>
      ))}
    </section>
  );
}

/** A pane with the examples by subject. */
export const examplesPlugin = { title: 'Examples', icon: Icon, content: Examples };
