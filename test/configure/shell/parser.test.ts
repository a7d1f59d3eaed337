// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts of the shell hold expansions.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Parser } from '../../../src/configure/shell/parser.js';
import { Reader } from '../../../src/configure/shell/reader.js';
import { ShellSyntaxError } from '../../../src/configure/shell/syntax.js';
import { readCorpus, topics } from './corpus.js';
import { hasDash } from './oracle.js';

function accepts(script: string): boolean {
  const parser = new Parser(new Reader(script), new Map());
  try {
    while (parser.line() !== 'end');
    return true;
  } catch (error) {
    if (error instanceof ShellSyntaxError) return false;
    throw error;
  }
}

const INFO = '/var/lib/dpkg/info';
const installed = existsSync(INFO) ? readdirSync(INFO).filter((name) => /\.(?:pre|post)(?:inst|rm)$/.test(name)) : [];
const scripts = installed
  .map((name) => readFileSync(join(INFO, name), 'latin1'))
  .filter((script) => /^#! *\/bin\/sh\b/.test(script));

/** A script with its last characters cut off is in most cases wrong, in some not. */
function damaged(script: string): string[] {
  return [0.3, 0.6, 0.9].map((share) => script.slice(0, Math.floor(script.length * share)));
}

const ERRORS: readonly (readonly [script: string, line: number, message: string])[] = [
  ['if', 1, 'end of file unexpected (expecting "then")'],
  ['fi', 1, '"fi" unexpected'],
  ['a\n;;', 2, '";;" unexpected'],
  ['for 1 in', 1, 'Bad for loop variable'],
  ["echo 'a\n", 2, 'Unterminated quoted string'],
  ['echo "a', 1, 'Unterminated quoted string'],
  ['echo ${a', 1, "Missing '}'"],
  ['echo $((1', 1, "Missing '))'"],
  ['echo `a', 1, 'EOF in backquote substitution'],
  ['echo $(a', 1, 'end of file unexpected (expecting ")")'],
  ['case x in a b) esac', 1, 'word unexpected (expecting ")")'],
  ['{ a; )', 1, '")" unexpected (expecting "}")'],
  ['a | ', 1, 'end of file unexpected'],
  ['a && && b', 1, '"&&" unexpected'],
  ['> ', 1, 'end of file unexpected'],
  ['f() g; while :; do done', 1, '"done" unexpected'],
];

describe('parser', () => {
  it.each(ERRORS)('%j', (script, line, message) => {
    const read = () => {
      const parser = new Parser(new Reader(script), new Map());
      while (parser.line() !== 'end');
    };
    expect(read).toThrowError(new ShellSyntaxError(line, message));
    expect(read).toThrowError(expect.objectContaining({ line }));
  });

  it.skipIf(scripts.length === 0)(
    `takes this machine's ${scripts.length} maintainer scripts (skipped without dpkg)`,
    () => {
      expect(scripts.filter((script) => !accepts(script))).toEqual([]);
    },
  );

  it.skipIf(!hasDash)('takes and refuses what dash does (skipped without dash)', () => {
    const corpus = topics.flatMap(readCorpus).map(({ script }) => script);
    const samples = [...corpus.flatMap(damaged), ...scripts.slice(0, 40).flatMap(damaged)];
    const differing = samples.filter((script) => {
      const dash = spawnSync('dash', ['-n'], { input: Buffer.from(script, 'latin1') });
      return (dash.status === 0) !== accepts(script);
    });
    expect(differing).toEqual([]);
  });
});
