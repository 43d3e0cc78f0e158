import { useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { usePluginStore } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './app.css';
import { EventList } from './event-list.jsx';
import { createEvents } from './events.js';
import { examplesPlugin } from './examples-pane.jsx';
import { firstTabs } from './examples.js';
import { createFetcher } from './fetcher.js';
import { signInPlugin } from './sign-in-pane.jsx';
import { createStorage } from './storage.js';

const config = JSON.parse(document.getElementById('config').textContent);
const events = createEvents();
const explorer = explorerPlugin();

/** GraphiQL keeps headers as the JSON text that its headers editor shows. */
const headersWith = (token) => (token ? JSON.stringify({ Authorization: `Bearer ${token}` }, null, 2) : null);

/** Opens a pane by its button, because GraphiQL's property visiblePlugin chooses a pane but leaves it beside the screen. */
function FirstPane({ title }) {
  const plugins = usePluginStore((state) => state.plugins);
  useEffect(() => document.querySelector(`[aria-label="Show ${title}"]`)?.click(), [plugins]);
}

/**
 * The whole page. The token of a sign-in is in memory only. It replaces the headers of all tabs, as a new token does after the
 * page is loaded again: GraphiQL begins anew, with the tabs from its storage.
 */
function Playground() {
  const [token, setToken] = useState(config.token);
  const pane = useRef(examplesPlugin.title);
  const [signIn] = useState(() => signInPlugin(config.authURL, setToken));
  const headers = headersWith(token);
  // What becomes of the persisted headers is createStorage's business, so there is no setting.
  return (
    <GraphiQL
      key={token}
      fetcher={createFetcher(config.endpoint, headers, events)}
      storage={createStorage(headers)}
      plugins={[examplesPlugin, explorer, signIn]}
      onTogglePluginVisibility={(plugin) => (pane.current = plugin?.title)}
      shouldPersistHeaders
      showPersistHeadersSettings={false}
      defaultTabs={firstTabs.map((query) => ({ query, headers }))}
      defaultHeaders={headers}
      defaultEditorToolsVisibility="headers"
    >
      <GraphiQL.Logo>
        taskql <FirstPane title={pane.current} />
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <EventList events={events} />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

createRoot(document.getElementById('root')).render(<Playground />);
