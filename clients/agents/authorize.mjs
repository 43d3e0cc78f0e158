// An agent that knows nothing but the address of taskql: it finds the auth server, registers, has its user sign in and consent, and calls a tool.
// The user's browser is fetch with the cookie of a session. Prints what happened as JSON, with the token.
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const { TASKQL_URL, AUTH_URL, COOKIE } = process.env;

/** What an agent keeps, and where it sends its user. */
class Agent {
  redirectUrl = 'http://127.0.0.1:9/callback';
  clientMetadata = { client_name: 'An agent', redirect_uris: [this.redirectUrl], application_type: 'native', token_endpoint_auth_method: 'none' };
  state = () => 'state';
  clientInformation = () => this.client;
  saveClientInformation = (client) => void (this.client = client);
  tokens = () => this.granted;
  saveTokens = (tokens) => void (this.granted = tokens);
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  redirectToAuthorization = (url) => void (this.authorization = url);
}

/** Visits the authorization endpoint as the signed-in user, who consents. Returns the code. */
async function consent(authorization) {
  const headers = { cookie: COOKIE, origin: AUTH_URL };
  const { url } = await (await fetch(authorization, { headers })).json(); // to which a navigating browser is redirected
  const page = new URL(url, AUTH_URL);
  if (page.pathname !== '/consent') throw new Error(`the authorization endpoint leads to ${page}`);
  const answer = await fetch(`${AUTH_URL}/api/auth/oauth2/consent`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ accept: true, oauth_query: page.search.slice(1) }),
  });
  const { url: callback } = await answer.json();
  return new URL(callback).searchParams.get('code');
}

const agent = new Agent();
const connect = async () => {
  const transport = new StreamableHTTPClientTransport(new URL(`${TASKQL_URL}/mcp`), { authProvider: agent });
  const client = new Client({ name: 'agent', version: '1' });
  return { transport, client, error: await client.connect(transport).catch((error) => error) };
};
const first = await connect();
if (!agent.authorization) throw first.error;
await first.transport.finishAuth(await consent(agent.authorization));
const { client, error } = await connect();
if (error) throw error;
const added = await client.callTool({ name: 'add_task', arguments: { title: 'Added by an agent' } });
await client.close();
console.log(JSON.stringify({
  refused: first.error instanceof UnauthorizedError, title: added.structuredContent?.task.title, token: agent.granted.access_token,
}));
