// Makes dist/program of what the compiler made: what is run. A hundred modules are read faster as a few files, which is a
// fifth of the CPU time of a build from a warm cache. Packages of others stay what and where they are.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineConfig } from 'rolldown';

/** The command, and what worker threads run: the modules that call `serve`. */
const threads = readdirSync('dist', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.js') && !name.startsWith('program'))
  .map((name) => join('dist', name))
  .filter((path) => /^import \{ serve \} from '\.\.\/threads\/serve\.js'/m.test(readFileSync(path, 'utf8')));

export default defineConfig({
  input: Object.fromEntries(['dist/cli/main.js', ...threads].map((path) => [basename(path, '.js'), path])),
  platform: 'node',
  external: (id) => !/^[./]/.test(id),
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
}
