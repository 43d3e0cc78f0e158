// Runs Better Auth servers for the tests in Go: a command on each line of standard input, its result on
// standard output, both JSON. Ends when standard input does.
import { createInterface } from 'node:readline';
import { AuthServer } from './auth-server.mjs';

const servers = [];

async function execute({ server, command, ...options }) {
  if (command === 'start') {
    return { server: servers.push(new AuthServer()) - 1, ...(await servers.at(-1).start(options)) };
  }
  return servers[server][command](options);
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { result: (await execute(JSON.parse(line))) ?? {} };
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  console.log(JSON.stringify(answer));
}
process.exit();
