// Puts the two pages and what they load into dist/, the files that apidocs.go embeds.
//
// The same sources and lock file give the same bytes on every machine: no time, path or
// environment variable enters the output, and the compression is part of the lock file.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'fflate';

const root = dirname(fileURLToPath(import.meta.url));
const modules = join(root, 'node_modules');
const src = join(root, 'src');
const dist = join(root, 'dist');
const assets = join(dist, 'assets');

const read = (...path) => readFile(join(...path), 'utf8');

/** Replaces what stands in the text exactly once, so that a new version cannot bring it back unseen. */
function replaceOnce(text, old, replacement) {
  const parts = text.split(old);
  if (parts.length !== 2) {
    throw new Error(`${old} stands ${parts.length - 1} times in the bundle, not once`);
  }
  return parts.join(replacement);
}

/** Leaves out the name of a source map that is not there. */
const withoutSourceMap = (text) =>
  text.replace(/\n?(\/\/# sourceMappingURL=\S+|\/\*# sourceMappingURL=\S+\*\/)\s*$/, '\n');

/** The files of an npm package that say under which terms it may be passed on. */
async function terms(directory) {
  const { name, version, license } = JSON.parse(await read(directory, 'package.json'));
  const files = (await readdir(directory)).filter((file) =>
    /^(licen[cs]e|copying|copyright|notice|thirdparty)/i.test(file),
  );
  const texts = await Promise.all(files.sort().map((file) => read(directory, file)));
  return [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join('\n\n');
}

/**
 * The terms of the two packages and of all that ReDoc is made of, which is installed beside it, and
 * the notices that the bundles have collected of their parts.
 */
async function licences() {
  const lock = JSON.parse(await read(root, 'package-lock.json'));
  const texts = [];
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    if (path.startsWith('node_modules/') && !dev) {
      texts.push(await terms(join(root, path)));
    }
  }
  texts.push(await read(modules, 'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt'));
  texts.push(await read(modules, 'redoc/bundles/redoc.standalone.js.LICENSE.txt'));
  return texts.join(`\n\n${'-'.repeat(72)}\n\n`).replaceAll('\r\n', '\n');
}

const redoc = replaceOnce(
  withoutSourceMap(await read(modules, 'redoc/bundles/redoc.standalone.js')),
  'https://cdn.redoc.ly/redoc/logo-mini.svg',
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
);

const built = new Map();
const content = {
  'swagger-ui.js': await read(modules, 'swagger-ui-dist/swagger-ui-bundle.js'),
  'swagger-ui.css': await read(modules, 'swagger-ui-dist/swagger-ui.css'),
  'redoc.js': redoc,
  'docs-page.js': await read(src, 'docs-page.js'),
  'redoc-page.js': await read(src, 'redoc-page.js'),
  'page.css': await read(src, 'page.css'),
  'icon.svg': await read(src, 'icon.svg'),
  'licences.txt': await licences(),
};
for (const [name, text] of Object.entries(content)) {
  const bytes = Buffer.from(withoutSourceMap(text));
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  built.set(name, { file: name.replace('.', `-${hash}.`), bytes });
}

await rm(dist, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
for (const { file, bytes } of built.values()) {
  await writeFile(join(assets, `${file}.gz`), gzipSync(bytes, { level: 9, mtime: 0 }));
}
for (const page of ['docs.html', 'redoc.html']) {
  // "%icon.svg%" in a page becomes the name that carries the content's hash.
  const html = (await read(src, page)).replace(/%([\w.-]+)%/g, (_, name) => built.get(name).file);
  await writeFile(join(dist, page), html);
}
