// Bundles src/ into dist/, the files that playground.go embeds.
//
// The same sources and lock file give the same bytes on every machine: no time, path or
// environment variable enters the output.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const src = join(root, 'src');
const dist = join(root, 'dist');
const assets = join(dist, 'assets');

/**
 * Leaves out the web fonts inside GraphiQL's style sheet. They are 80 % of it and come without
 * the licence texts that would have to travel with them; app.css names system fonts instead.
 */
const withoutFonts = {
  name: 'without-fonts',
  setup(build) {
    build.onLoad({ filter: /[\\/]graphiql[\\/]dist[\\/]style\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/@font-face\s*{[^}]*}/g, ''),
      loader: 'css',
    }));
  },
};

/** The licence texts of every npm package that has code in the bundle. */
async function licences(inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const found = input.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/);
    if (found) {
      packages.add(found[0]);
    }
  }
  const texts = [];
  for (const path of [...packages].sort()) {
    const { name, version, license } = JSON.parse(
      await readFile(join(root, path, 'package.json'), 'utf8'),
    );
    const files = (await readdir(join(root, path)))
      .filter((file) => /^(licen[cs]e|copying|copyright|notice|thirdparty)/i.test(file))
      .sort();
    const bodies = await Promise.all(
      files.map((file) => readFile(join(root, path, file), 'utf8')),
    );
    texts.push([`${name} ${version} (${license})`, ...bodies.map((body) => body.trim())]);
  }
  const rule = `\n\n${'-'.repeat(72)}\n\n`;
  return texts.map((text) => text.join('\n\n')).join(rule).replaceAll('\r\n', '\n');
}

const { outputFiles, metafile } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: ['src/app.jsx', 'src/icon.svg'],
  outdir: assets,
  entryNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  loader: { '.graphql': 'text', '.svg': 'copy' },
  legalComments: 'external',
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.USE_IMPORT': '"true"',
  },
  plugins: [withoutFonts],
  metafile: true,
  write: false,
  logLevel: 'warning',
});

const built = new Map();
const notices = [await licences(Object.keys(metafile.inputs))];
for (const { path, contents, text } of outputFiles) {
  if (path.endsWith('.LEGAL.txt')) {
    notices.push(text);
  } else {
    built.set(basename(path), contents);
  }
}
const notice = notices.join('\n\n');
const digest = createHash('sha256').update(notice).digest('hex').slice(0, 8).toUpperCase();
built.set(`licences-${digest}.txt`, notice);

// "%app.js%" in the page becomes the name that carries the content's hash.
const page = (await readFile(join(src, 'index.html'), 'utf8')).replace(
  /%(\w+)\.(\w+)%/g,
  (_, name, ext) => {
    for (const file of built.keys()) {
      if (file.startsWith(`${name}-`) && file.endsWith(`.${ext}`)) {
        return file;
      }
    }
    throw new Error(`index.html names ${name}.${ext}, which was not built`);
  },
);

await rm(dist, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
await writeFile(join(dist, 'index.html'), page);
for (const [file, contents] of built) {
  await writeFile(join(assets, file), contents);
}
