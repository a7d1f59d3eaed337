import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Tests run `dist/` (see vitest.config.ts): a build that is older than the sources would test something else. */
export default function setup(): void {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const sources = newest(`${root}src`, '.ts');
  const built = newest(`${root}dist`, '.js');
  if (built < sources) throw new Error('cannot test: dist/ is older than src/; run "npm run build" first');
}

function newest(directory: string, ending: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending));
  return Math.max(0, ...files.map((name) => statSync(`${directory}/${name}`).mtimeMs));
}
