import type { Bytes } from '../../shell/types.js';

/** The lines of a text with their newlines. */
export function fullLinesOf(text: Bytes, separator = '\n'): Bytes[] {
  const lines: Bytes[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf(separator, at);
    const next = end < 0 ? text.length : end + 1;
    lines.push(text.slice(at, next));
    at = next;
  }
  return lines;
}

/** A name in a message, as coreutils quotes it in the C locale: `'a b'`, `"it's"`. */
export function quote(name: Bytes): string {
  if (!name.includes("'")) return `'${name}'`;
  return /["$`\\]/.test(name) ? `'${name.replaceAll("'", "'\\''")}'` : `"${name}"`;
}

/** The path below a directory, with one slash between. */
export function join(directory: Bytes, name: Bytes): Bytes {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** The last component, as basename(1) has it. */
export function baseName(path: Bytes): Bytes {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === '') return path === '' ? '' : '/';
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** All but the last component, as dirname(1) has it. */
export function dirName(path: Bytes): Bytes {
  const trimmed = path.replace(/\/+$/, '');
  const at = trimmed.lastIndexOf('/');
  if (at < 0) return trimmed === '' && path !== '' ? '/' : '.';
  return trimmed.slice(0, at).replace(/\/+$/, '') || '/';
}
