import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import './app.css';
import { examples } from './examples.js';
import { createFetcher } from './fetcher.js';
import { createStorage } from './storage.js';

const config = JSON.parse(document.getElementById('config').textContent);

// GraphiQL keeps headers as the JSON text that its headers editor shows.
const headers = config.token
  ? JSON.stringify({ Authorization: `Bearer ${config.token}` }, null, 2)
  : null;

// What becomes of the persisted headers is createStorage's business, so there is no setting.
createRoot(document.getElementById('root')).render(
  <GraphiQL
    fetcher={createFetcher(config.endpoint, headers)}
    storage={createStorage(headers)}
    shouldPersistHeaders
    showPersistHeadersSettings={false}
    defaultTabs={examples.map((query) => ({ query, headers }))}
    defaultHeaders={headers}
    defaultEditorToolsVisibility="headers"
  >
    <GraphiQL.Logo>taskql</GraphiQL.Logo>
  </GraphiQL>,
);
