import { Regex } from '../regex/regex.js';

/**
 * A test for shell patterns as fnmatch(3) without flags takes them, which is find's way for `-name` and `-path`: `*` and
 * `?` also match a slash and a leading dot.
 */
export function fnmatcher(pattern: string, ignoreCase = false): (text: string) => boolean {
  let source = '';
  for (let at = 0; at < pattern.length; ) {
    const bracket = /^\[[!^]?\]?(?:\[[:.=][^\]]*\]|\\.|[^\]\\])*\]/s.exec(pattern.slice(at))?.[0];
    const character = pattern[at] ?? '';
    if (bracket !== undefined) {
      source += bracket.replace(/^\[!/, '[^').replace(/\\(.)/gs, '$1');
      at += bracket.length;
    } else if (character === '\\' && at + 1 < pattern.length) {
      source += literal(pattern[at + 1] ?? '');
      at += 2;
    } else {
      source += character === '*' ? '.*' : character === '?' ? '.' : literal(character);
      at += 1;
    }
  }
  const regex = new Regex(source, { dialect: 'extended', ignoreCase, whole: 'text' });
  return (text) => regex.test(text);
}

function literal(character: string): string {
  return /[\\.*+?^${}()|[\]]/.test(character) ? `\\${character}` : character;
}
