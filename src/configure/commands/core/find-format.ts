import { nameOf } from '../../../formats/path.js';
import { bytesOf } from '../../shell/bytes.js';
import type { Stat } from '../../shell/filesystem.js';
import type { Bytes } from '../../shell/types.js';
import { nameOfId } from '../kit/accounts.js';
import type { Call } from '../kit/call.js';
import { cEscape } from '../regex/escapes.js';
import { Regex } from '../regex/regex.js';

const TYPES: Readonly<Record<Stat['type'], string>> = {
  file: 'f',
  directory: 'd',
  symlink: 'l',
  fifo: 'p',
  char: 'c',
  block: 'b',
};

/** What `-printf` of find(1) writes for a file; directives that are not here are reported. */
export function fileFormat(call: Call, format: Bytes): (path: Bytes, stat: Stat) => Bytes {
  const { process } = call;
  const fields: Readonly<Record<string, (path: Bytes, stat: Stat) => Bytes>> = {
    '%': () => '%',
    f: (path) => nameOf(path) || '/',
    h: (path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'),
    p: (path) => path,
    s: (_, { size }) => String(size),
    m: (_, { mode }) => mode.toString(8),
    U: (_, { uid }) => String(uid),
    G: (_, { gid }) => String(gid),
    u: (_, { uid }) => nameOfId(process, 'passwd', uid) ?? String(uid),
    g: (_, { gid }) => nameOfId(process, 'group', gid) ?? String(gid),
    y: (_, { type }) => TYPES[type],
    l: (_, { node }) => (node.type === 'symlink' ? bytesOf(node.target) : ''),
  };
  const parts: ((path: Bytes, stat: Stat) => Bytes)[] = [];
  for (let at = 0; at < format.length; ) {
    const escaped = format[at] === '\\' ? cEscape(format, at + 1) : undefined;
    const letter = format[at] === '%' ? (format[at + 1] ?? '') : undefined;
    const text = escaped?.byte ?? format[at] ?? '';
    if (letter === undefined) parts.push(() => text);
    else parts.push((Object.hasOwn(fields, letter) && fields[letter]) || call.unsupported(`-printf %${letter}`));
    at = escaped?.next ?? at + (letter === undefined ? 1 : 2);
  }
  return (path, stat) => parts.map((part) => part(path, stat)).join('');
}

/**
 * Whether all of a path matches, in the syntax of Emacs that find(1) takes without `-regextype`: groups and alternatives have
 * backslashes, `+` and `?` have none.
 */
export function pathMatcher(call: Call, pattern: Bytes, ignoreCase: boolean): (path: Bytes) => boolean {
  const source = pattern.replace(/\[\^?\]?[^\]]*\]|\\.|[+?]/gs, (token) => {
    if (token === '+' || token === '?') return `\\${token}`;
    return token === '\\+' || token === '\\?' ? `[${token[1]}]` : token;
  });
  const regex = new Regex(source, { dialect: 'basic', whole: 'text', ignoreCase }, call.spend);
  return (path) => regex.test(path);
}
