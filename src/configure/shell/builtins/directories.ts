import { bytesOf } from '../bytes.js';
import { tryStat } from '../filesystem.js';
import type { Shell } from '../shell.js';
import type { Bytes } from '../types.js';
import { parseOptions } from './arguments.js';

/** `cd [-L|-P] [directory|-]` */
export function cd(shell: Shell, args: readonly Bytes[]): number {
  const { options, rest } = parseOptions(shell, args, 'LP');
  const physical = options.at(-1)?.[0] === 'P';
  const previous = rest[0] === '-';
  const wanted = previous ? shell.getVariable('OLDPWD') : (rest[0] ?? shell.getVariable('HOME'));
  const target = wanted ?? '';
  const paths = /^\/|^\.\.?(?:\/|$)/.test(target) ? [target] : searched(shell, target === '' ? '.' : target);
  for (const { path, print } of paths.map((each) => (typeof each === 'string' ? { path: each, print: false } : each))) {
    const logical = physical ? path : logicalPath(shell.logicalCwd, path);
    const stat = tryStat(shell, logical);
    if (stat?.type !== 'directory') continue;
    shell.setVariable('OLDPWD', shell.logicalCwd, { exported: true });
    shell.cwd = stat.path;
    shell.logicalCwd = physical ? bytesOf(stat.path) : logical;
    shell.setVariable('PWD', shell.logicalCwd, { exported: true });
    if (print || previous) shell.write(1, `${shell.logicalCwd}\n`);
    return 0;
  }
  return shell.fail(`can't cd to ${target}`);
}

function searched(shell: Shell, target: Bytes): { path: Bytes; print: boolean }[] {
  const directories = (shell.getVariable('CDPATH') ?? '').split(':');
  const found = directories.map((directory) => {
    return { path: directory === '' ? target : `${directory}/${target}`, print: directory !== '' };
  });
  return [...found, { path: target, print: false }];
}

/** `..` takes away the last name, whatever link that was. */
function logicalPath(from: Bytes, path: Bytes): Bytes {
  const names: Bytes[] = [];
  for (const name of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

/** `pwd [-L|-P]` */
export function pwd(shell: Shell, args: readonly Bytes[]): number {
  const { options } = parseOptions(shell, args, 'LP');
  shell.write(1, `${options.at(-1)?.[0] === 'P' ? bytesOf(shell.cwd) : shell.logicalCwd}\n`);
  return 0;
}

/** `umask [-S] [mask]` */
export function umask(shell: Shell, args: readonly Bytes[]): number {
  const { options, rest } = parseOptions(shell, args, 'S');
  const [mask] = rest;
  if (mask === undefined) {
    const text = options.length > 0 ? symbolicMask(shell.umask) : shell.umask.toString(8).padStart(4, '0');
    shell.write(1, `${text}\n`);
  } else if (/^[0-9]/.test(mask)) {
    if (!/^[0-7]+$/.test(mask)) shell.fail(`Illegal number: ${mask}`);
    shell.umask = Number.parseInt(mask, 8) & 0o777;
  } else {
    const granted = applyClauses(~shell.umask & 0o777, mask) ?? shell.fail(`Illegal mode: ${mask}`);
    shell.umask = ~granted & 0o777;
  }
  return 0;
}

function symbolicMask(mask: number): Bytes {
  return ['u', 'g', 'o']
    .map((who, index) => {
      const bits = (~mask >> (6 - 3 * index)) & 7;
      return `${who}=${bits & 4 ? 'r' : ''}${bits & 2 ? 'w' : ''}${bits & 1 ? 'x' : ''}`;
    })
    .join(',');
}

const BITS: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1, X: 1, s: 0 };
const WHO: Readonly<Record<string, number>> = { a: 0o111, u: 0o100, g: 0o010, o: 0o001 };

function applyClauses(mode: number, clauses: Bytes): number | undefined {
  let result = mode;
  for (const clause of clauses.split(',')) {
    const [, who, actions] = /^([augo]*)((?:[-+=][rwxXugos]*)+)$/.exec(clause) ?? [];
    if (who === undefined || actions === undefined) return undefined;
    const places = [...(who || 'a')].reduce((sum, letter) => sum | (WHO[letter] ?? 0), 0);
    for (const [, operator, letters] of actions.matchAll(/([-+=])([rwxXugos]*)/g)) {
      const copied: Readonly<Record<string, number>> = { u: result >> 6, g: result >> 3, o: result };
      const value = [...(letters ?? '')].reduce((sum, letter) => sum | (BITS[letter] ?? (copied[letter] ?? 0) & 7), 0);
      const bits = places * value;
      if (operator === '-') result &= ~bits;
      else if (operator === '+') result |= bits;
      else result = (result & ~(places * 7)) | bits;
    }
  }
  return result;
}

/** `ulimit`: nothing is limited in here but by our budgets; what is asked for is accepted. */
export function ulimit(shell: Shell, args: readonly Bytes[]): number {
  const { rest } = parseOptions(shell, args, 'HSatfdscmlpnvwr');
  if (rest.length === 0) shell.write(1, 'unlimited\n');
  return 0;
}
