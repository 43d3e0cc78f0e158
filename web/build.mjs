// Builds src/ into dist/, the files that web.go embeds: the playground and the API reference.
//
// The same sources and lock file give the same bytes on every machine: no time, path or environment variable enters the
// output, and the lock file pins the library that compresses.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { gzipSync } from 'fflate';

const root = dirname(fileURLToPath(import.meta.url));
const modules = join(root, 'node_modules');
const read = (...path) => readFile(join(...path), 'utf8');
const hash = (content) => createHash('sha256').update(content).digest('hex').slice(0, 8);

/** Puts pages and compressed assets into dist/NAME. "%app.js%" in a page becomes the asset's name with its hash. */
async function write(name, pages, assets) {
  const dist = join(root, 'dist', name);
  await rm(dist, { recursive: true, force: true });
  await mkdir(join(dist, 'assets'), { recursive: true });
  for (const [file, content] of assets.values()) {
    await writeFile(join(dist, 'assets', `${file}.gz`), gzipSync(Buffer.from(content), { level: 9, mtime: 0 }));
  }
  for (const page of pages) {
    const html = (await read(root, 'src', name, page)).replace(/%([\w.-]+)%/g, (_, asset) => {
      if (!assets.has(asset)) {
        throw new Error(`${page} names ${asset}, which was not built`);
      }
      return assets.get(asset)[0];
    });
    await writeFile(join(dist, page), html);
  }
}

/** The files of an npm package that contain its licence. */
async function terms(directory) {
  const { name, version, license } = JSON.parse(await read(directory, 'package.json'));
  const files = (await readdir(directory)).filter((file) =>
    /^(licen[cs]e|copying|copyright|notice|thirdparty)/i.test(file),
  );
  const texts = await Promise.all(files.sort().map((file) => read(directory, file)));
  return [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join('\n\n');
}

/** Joins the notices of several packages. */
const joined = (texts) => texts.join(`\n\n${'-'.repeat(72)}\n\n`).replaceAll('\r\n', '\n');

// The playground: GraphiQL, bundled.

/**
 * Leaves out the web fonts inside GraphiQL's style sheet. They are 80 % of it and come without the licence texts that
 * would have to accompany them; app.css names system fonts instead.
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

/** The licences of every npm package that has code in the bundle. */
async function bundleLicences(inputs) {
  const found = inputs.map((input) => input.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]);
  const packages = [...new Set(found.filter(Boolean))].sort();
  return joined(await Promise.all(packages.map((path) => terms(join(root, path)))));
}

async function playground() {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/playground/app.jsx', 'src/playground/icon.svg'],
    outdir: join(root, 'dist/playground/assets'),
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
  const assets = new Map();
  const notices = [await bundleLicences(Object.keys(metafile.inputs))];
  for (const { path, contents, text } of outputFiles) {
    if (path.endsWith('.LEGAL.txt')) {
      notices.push(text);
    } else {
      assets.set(basename(path).replace(/-\w{8}\./, '.'), [basename(path), contents]);
    }
  }
  const notice = notices.join('\n\n');
  assets.set('licences.txt', [`licences-${hash(notice).toUpperCase()}.txt`, notice]);
  await write('playground', ['index.html'], assets);
}

// The API reference: Swagger UI and ReDoc, as npm has them.

/** Replaces a text that occurs exactly once, so that the build stops when a new version has it elsewhere. */
function replaceOnce(text, old, replacement) {
  const parts = text.split(old);
  if (parts.length !== 2) {
    throw new Error(`${old} occurs ${parts.length - 1} times in the bundle, not once`);
  }
  return parts.join(replacement);
}

/** Removes the name of a source map, because the source map is not served. */
const withoutSourceMap = (text) =>
  text.replace(/\n?(\/\/# sourceMappingURL=\S+|\/\*# sourceMappingURL=\S+\*\/)\s*$/, '\n');

/** The folders of npm packages and of all that they depend on, in the order of the packages' names. */
async function dependencies(...names) {
  const { packages } = JSON.parse(await read(root, 'package-lock.json'));
  const found = new Set();
  const add = (from, name) => {
    for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
      const path = `${base}${base && '/'}node_modules/${name}`;
      if (packages[path] && !found.has(path)) {
        found.add(path);
        const { dependencies, optionalDependencies, peerDependencies } = packages[path];
        Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).forEach((next) => add(path, next));
      }
      if (packages[path] || !base) {
        return; // an optional package may be absent
      }
    }
  };
  names.forEach((name) => add('', name));
  const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/'));
  return [...found].sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en'));
}

/** The licences of both packages and their dependencies, and the notices that the bundles have collected. */
async function referenceLicences() {
  const texts = await Promise.all((await dependencies('redoc', 'swagger-ui-dist')).map((path) => terms(join(root, path))));
  texts.push(await read(modules, 'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt'));
  texts.push(await read(modules, 'redoc/bundles/redoc.standalone.js.LICENSE.txt'));
  return joined(texts);
}

async function reference() {
  const src = join(root, 'src/reference');
  const redoc = replaceOnce(
    withoutSourceMap(await read(modules, 'redoc/bundles/redoc.standalone.js')),
    'https://cdn.redoc.ly/redoc/logo-mini.svg',
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
  );
  const contents = {
    'swagger-ui.js': await read(modules, 'swagger-ui-dist/swagger-ui-bundle.js'),
    'swagger-ui.css': await read(modules, 'swagger-ui-dist/swagger-ui.css'),
    'redoc.js': redoc,
    'docs-page.js': await read(src, 'docs-page.js'),
    'redoc-page.js': await read(src, 'redoc-page.js'),
    'page.css': await read(src, 'page.css'),
    'icon.svg': await read(src, 'icon.svg'),
    'licences.txt': await referenceLicences(),
  };
  const assets = new Map();
  for (const [name, text] of Object.entries(contents)) {
    const content = withoutSourceMap(text);
    assets.set(name, [name.replace('.', `-${hash(content)}.`), content]);
  }
  await write('reference', ['docs.html', 'redoc.html'], assets);
}

await playground();
await reference();
