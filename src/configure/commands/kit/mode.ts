import type { Bytes } from '../../shell/types.js';

/** What a mode makes of an old one. */
export type ModeChange = (mode: number, isDirectory: boolean) => number;

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };
const SET_IDS = 0o6000;

/**
 * Reads a mode as chmod(1) takes it: octal, or clauses such as `u+rwX,g-s,o=u`. Without `ugoa` the umask's bits are left
 * alone; an octal mode of at most four digits leaves a directory's set-id bits alone (coreutils, "Directory Setuid and
 * Setgid").
 *
 * @returns undefined where it is no mode.
 */
export function parseMode(text: Bytes, umask: number): ModeChange | undefined {
  if (/^[0-7]+$/.test(text)) {
    const value = Number.parseInt(text, 8);
    if (value > 0o7777) return undefined;
    return (mode, isDirectory) => (isDirectory && text.length < 5 ? value | (mode & SET_IDS) : value);
  }
  const clauses: ModeChange[] = [];
  for (const clause of text.split(',')) {
    const parsed = parseClause(clause, umask);
    if (parsed === undefined) return undefined;
    clauses.push(...parsed);
  }
  return (mode, isDirectory) => clauses.reduce((value, change) => change(value, isDirectory), mode);
}

function parseClause(clause: Bytes, umask: number): ModeChange[] | undefined {
  const [, who = '', actions = ''] = /^([ugoa]*)((?:[-+=](?:[0-7]+|[ugo]|[rwxXst]*))+)$/.exec(clause) ?? [];
  if (actions === '') return undefined;
  const named = [...who].reduce((mask, letter) => mask | (WHO[letter] ?? 0), 0);
  return Array.from(actions.matchAll(/([-+=])([0-7]+|[ugo]|[rwxXst]*)/g), ([, operator = '', what = '']) => {
    return action(operator, what, named, umask);
  });
}

function action(operator: string, what: string, named: number, umask: number): ModeChange {
  const isOctal = /^[0-7]/.test(what);
  const affected = named === 0 ? 0o7777 : named;
  const allowed = isOctal || named !== 0 ? affected : 0o7777 & ~umask;
  return (mode, isDirectory) => {
    const bits = isOctal ? Number.parseInt(what, 8) : bitsOf(what, mode, isDirectory);
    const value = bits & allowed;
    if (operator === '+') return mode | value;
    if (operator === '-') return mode & ~value;
    const keptByDirectory = isDirectory && !/s/.test(what) && !isOctal ? SET_IDS : 0;
    return (mode & (~affected | keptByDirectory)) | value;
  };
}

function bitsOf(what: string, mode: number, isDirectory: boolean): number {
  if (what === 'u') return spread(mode >> 6);
  if (what === 'g') return spread(mode >> 3);
  if (what === 'o') return spread(mode);
  let bits = 0;
  for (const letter of what) {
    if (letter === 'r') bits |= 0o444;
    else if (letter === 'w') bits |= 0o222;
    else if (letter === 'x' || (letter === 'X' && (isDirectory || (mode & 0o111) !== 0))) bits |= 0o111;
    else if (letter === 's') bits |= SET_IDS;
    else if (letter === 't') bits |= 0o1000;
  }
  return bits;
}

/** Three permission bits for each of user, group and others. */
function spread(mode: number): number {
  return (mode & 7) * 0o111;
}

/** A mode as `ls -l` writes it: `drwxr-xr-x`. */
export function modeString(type: string, mode: number): string {
  const first = { file: '-', directory: 'd', symlink: 'l', char: 'c', block: 'b', fifo: 'p' }[type] ?? '?';
  const triple = (bits: number, special: boolean, letter: string): string => {
    const execute = (bits & 1) !== 0;
    const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-';
    return `${(bits & 4) !== 0 ? 'r' : '-'}${(bits & 2) !== 0 ? 'w' : '-'}${last}`;
  };
  return (
    first +
    triple(mode >> 6, (mode & 0o4000) !== 0, 's') +
    triple(mode >> 3, (mode & 0o2000) !== 0, 's') +
    triple(mode, (mode & 0o1000) !== 0, 't')
  );
}
