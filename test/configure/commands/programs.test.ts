import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasProgram, runOurs, runReal } from './oracle.js';

const CORPUS = new URL('./corpus/', import.meta.url);

/**
 * The snippets of one file, each behind a line `### title`. The file's first line names the programs whose output is
 * expected (`# needs: mawk`), a snippet's title can name more: `### title [gawk]`.
 */
function snippetsOf(file: string) {
  const [head = '', ...parts] = readFileSync(new URL(file, CORPUS), 'latin1').split(/^### /m);
  const needs = /^# needs: (.*)/.exec(head)?.[1]?.split(' ') ?? [];
  return { needs, snippets: parts.map((part) => [part.split('\n')[0] ?? '', part.replace(/^.*\n/, '')] as const) };
}

describe.each(readdirSync(CORPUS).sort())('%s', (file) => {
  const { needs, snippets } = snippetsOf(file);
  const missing = [...needs, 'dash'].filter((name) => !hasProgram(name));
  const why = missing.length === 0 ? '' : ` (skipped where this machine has no ${missing.join(', ')})`;
  describe.skipIf(missing.length > 0)(`as the machine's programs${why}`, () => {
    it.each(snippets)('%s', (_, script) => {
      expect(runOurs(script)).toEqual(runReal(script, file.endsWith('.bash') ? 'bash' : 'dash'));
    });
  });
});
