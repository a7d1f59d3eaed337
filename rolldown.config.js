// Makes dist/program of what the compiler made: what is run. A hundred modules are read faster as a few files, which is a
// fifth of the CPU time of a build from a warm cache. Packages of others stay what and where they are, but for three: reading zod's
// hundred modules, half of them for languages, would take as long as reading all others, and two have ES modules only, where what is
// run has CommonJS ones: only of these does Node 20 take V8's code cache (bin/load.js).
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { defineConfig } from 'rolldown';

const BUNDLED = ['@noble/ciphers', 'leven', 'zod'];

/** What worker threads run: the modules that others name by their URL. */
const threads = readdirSync('dist', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.js') && !name.startsWith('program'))
  .flatMap((name) => {
    const scripts = readFileSync(join('dist', name), 'utf8').matchAll(
      /new URL\('\.\/([\w-]+\.js)', import\.meta\.url\)/g,
    );
    return [...scripts].map(([, script]) => join('dist', dirname(name), script));
  });

export default defineConfig({
  input: Object.fromEntries(['dist/cli/main.js', ...threads].map((path) => [basename(path, '.js'), path])),
  platform: 'node',
  external: (id) => !/^[./]/.test(id) && !BUNDLED.some((name) => id === name || id.startsWith(`${name}/`)),
  plugins: [{ name: 'program', renderChunk, generateBundle }],
  output: {
    dir: 'dist/program',
    cleanDir: true,
    format: 'cjs',
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: '[name]-[hash].js',
  },
});

/** What V8 keeps of a script no longer knows how it imports; bin/load.js says it another way. */
function renderChunk(code) {
  return code.replaceAll(/\bimport\((?=")/g, 'importPackage(');
}

function generateBundle(_, bundle) {
  const chunks = Object.values(bundle).sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const emit = (fileName, source) => this.emitFile({ type: 'asset', fileName, source });
  // Threads are started by the name of a file, which reads the rest as the program itself does.
  for (const { isEntry, name, fileName } of chunks) {
    if (isEntry) emit(`${name}.js`, `module.exports = require('../../bin/load.js')('${fileName}');\n`);
  }
  emit('package.json', '{ "type": "commonjs" }\n');
  // Tells this program from any other one.
  const hash = createHash('sha256');
  for (const { fileName, code } of chunks) hash.update(`${fileName} ${code.length}\n${code}`);
  emit('digest', hash.digest('hex'));
  for (const name of BUNDLED) emit(`LICENSE.${basename(name)}`, readFileSync(licenceOf(name)));
}

function licenceOf(name) {
  const directory = join('node_modules', name);
  return join(
    directory,
    readdirSync(directory).find((file) => /^licen[cs]e/i.test(file)),
  );
}
