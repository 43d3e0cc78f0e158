// Runs the compilers of three front ends, as their developers do. They write the manifests that the server reads, and what
// the front ends import, into built/.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';

rmSync('built', { recursive: true, force: true });
mkdirSync('built/relay', { recursive: true });
copyFileSync('../../schema.graphqls', 'built/schema.graphql');
writeFileSync('built/relay.json', '{}'); // Relay's compiler adds to the file

const run = (name, ...args) => execFileSync(`node_modules/.bin/${name}`, args, { stdio: 'inherit' });
run('graphql-codegen', '--config', 'codegen.config.mjs');
run('relay-compiler');
run('generate-persisted-query-manifest', '--config', 'persisted-query-manifest.config.json');
