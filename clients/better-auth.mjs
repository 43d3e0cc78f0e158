// Runs Better Auth servers for the Go tests. Each line of standard input is a command in JSON, and each line of standard
// output its result. The program ends with standard input.
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
