// Takes the files out of docs/clients.md, runs the generators and the type checker on them as their readers do, and bundles
// the checks with them, all in recipes/built.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { transformSync } from '@babel/core';
import { build } from 'esbuild';

const { TASKQL_URL: url } = process.env;
const built = 'recipes/built';
const bin = (name) => join(process.cwd(), 'node_modules/.bin', name);

/** The user's token, in place of that of docs/sign-in.md. */
const token = `
export const accessToken = async (): Promise<string> => process.env.TASKQL_TOKEN!;
export const fetchWithToken: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('Authorization', 'Bearer ' + (await accessToken()));
  return fetch(input, { ...init, headers });
};
`;

/** Writes the blocks that begin with the name of a file into a folder for each section. A comment is not allowed in some JSON. */
function extract(page) {
  const sections = new Map();
  for (const section of page.split(/^## /m).slice(1)) {
    const name = section.match(/^[\w.-]+/)[0].toLowerCase();
    const files = [...section.matchAll(/^```(?:ts|json)\n\/\/ (\S+)\n([^]*?)^```$/gm)];
    if (files.length) sections.set(name, new Map(files.map(([, file, text]) => [file, text])));
  }
  sections.get('gql.tada').set('src/request.ts', sections.get('graphql').get('src/request.ts'));
  const schema = readFileSync('../../schema.graphqls', 'utf8');
  for (const [section, files] of sections) {
    for (const [file, text] of [...files, ['src/token.ts', token], ['schema.graphql', schema]]) {
      const path = join(built, section, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text.replaceAll('http://localhost:8000', url));
    }
  }
}

/** Runs a program in the folder of a section. */
const run = async (section, name, ...args) => {
  try {
    await promisify(execFile)(bin(name), args, { cwd: join(built, section) });
  } catch (error) {
    throw new Error(`${name} in ${section}: ${error.stdout}${error.stderr}`);
  }
};

/** Relay's documents become their artifacts, as in every front end with Relay. */
const relay = {
  name: 'relay',
  setup({ onLoad }) {
    onLoad({ filter: /built\/relay\/src\/tasks\.ts$/ }, ({ path }) => ({
      contents: transformSync(readFileSync(path, 'utf8'), {
        filename: path, babelrc: false, configFile: false,
        plugins: [['relay', { eagerEsModules: true, artifactDirectory: join(dirname(path), '__generated__') }]], // or it finds ../relay.config.json
      }).code,
      loader: 'ts',
    }));
  },
};

rmSync(built, { recursive: true, force: true });
extract(readFileSync('../../docs/clients.md', 'utf8'));
await Promise.all([
  run('graphql', 'graphql-codegen'),
  run('gql.tada', 'gql.tada', 'generate-output'),
  run('relay', 'relay-compiler'),
  run('openapi-typescript', 'openapi-typescript', `${url}/openapi.json`, '-o', 'src/api.ts'),
]);
const checks = readdirSync('recipes/checks').filter((name) => name.endsWith('.test.ts'));
await Promise.all([
  run('.', 'tsc', '-p', '..'),
  build({
    entryPoints: checks.map((name) => join('recipes/checks', name)),
    outdir: join(built, 'checks'), outExtension: { '.js': '.mjs' }, bundle: true, packages: 'external', platform: 'node', format: 'esm', plugins: [relay],
  }),
]);
