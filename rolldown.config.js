// Makes dist/program of what the compiler made: what is run. A hundred modules are read faster as a few files, which is a
// fifth of the CPU time of a build from a warm cache. Packages of others stay what and where they are, but for zod: reading its hundred
// modules, half of them for languages, would take as long as reading all others.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { defineConfig } from 'rolldown';

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
  external: (id) => !/^([./]|zod$)/.test(id),
  plugins: [{ name: 'digest', generateBundle }],
  output: { dir: 'dist/program', cleanDir: true, chunkFileNames: '[name]-[hash].js' },
});

/** Tells this program from any other one. */
function generateBundle(_, bundle) {
  const hash = createHash('sha256');
  for (const { fileName, code } of Object.values(bundle).sort((a, b) => (a.fileName < b.fileName ? -1 : 1))) {
    hash.update(`${fileName} ${code.length}\n${code}`);
  }
  this.emitFile({ type: 'asset', fileName: 'digest', source: hash.digest('hex') });
  this.emitFile({ type: 'asset', fileName: 'LICENSE.zod', source: readFileSync('node_modules/zod/LICENSE') });
}
