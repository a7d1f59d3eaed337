import type { Bytes } from '../shell/types.js';
import type { Files } from './files.js';

/** fnmatch(3) without flags: `*`, `?`, brackets and the backslash; a slash is a character like others. */
export function globMatches(pattern: Bytes, text: Bytes): boolean {
  return globExpression(pattern).test(text);
}

function globExpression(pattern: Bytes): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    const bracket = character === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(at)) : null;
    if (character === '*') source += '[\\s\\S]*';
    else if (character === '?') source += '[\\s\\S]';
    else if (bracket !== null) {
      source += `[${bracket[1] === '' ? '' : '^'}${(bracket[2] ?? '').replace(/[\\\]]/g, '\\$&')}]`;
      at += bracket[0].length - 1;
    } else {
      if (character === '\\') at += 1;
      source += (pattern[at] ?? '\\').replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    }
  }
  return new RegExp(`^${source}$`);
}

/** glob(3): the paths that exist and match, in the order of their bytes. */
export function expandGlob(files: Files, pattern: Bytes): Bytes[] {
  let found = [pattern.startsWith('/') ? '' : '.'];
  for (const part of pattern.split('/').filter((item) => item !== '')) {
    const expression = globExpression(part);
    const hidden = part.startsWith('.');
    found = found.flatMap((base) => {
      if (!/[*?[\\]/.test(part)) return files.lstat(`${base}/${part}`) === undefined ? [] : [`${base}/${part}`];
      const names = files.list(base === '' ? '/' : base).filter((name) => hidden || !name.startsWith('.'));
      return names.filter((name) => expression.test(name)).map((name) => `${base}/${name}`);
    });
  }
  return found;
}
