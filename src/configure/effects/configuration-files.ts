import type { Bytes } from '../shell/types.js';
import type { Files } from './files.js';

const PLACES = ['/etc', '/run', '/usr/local/lib', '/usr/lib'];

/**
 * The configuration files of systemd's tools: of all directories `<place>/<kind>`, ordered by their names, where one in /etc
 * hides those of the same name elsewhere (systemd's conf_files_list).
 *
 * @param kind for example `sysusers.d`.
 * @param wanted names or paths; all files where it is empty.
 */
export function configurationFiles(files: Files, kind: string, wanted: readonly Bytes[]): Bytes[] {
  const byName = new Map<Bytes, Bytes>();
  for (const place of PLACES) {
    for (const name of files.list(`${place}/${kind}`)) {
      if (name.endsWith('.conf') && !byName.has(name)) byName.set(name, `${place}/${kind}/${name}`);
    }
  }
  if (wanted.length === 0) return [...byName.keys()].sort().map((name) => byName.get(name) ?? '');
  return wanted.map((name) => (name.startsWith('/') ? name : (byName.get(name) ?? name)));
}

/** The fields of a line: parted by blanks, quoted or escaped as in a shell; a `-` is an empty field. */
export function configurationFields(line: Bytes): Bytes[] {
  const words = line.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? [];
  return words.map((word) => {
    const text = word.replace(
      /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g,
      (_, double?: string, single?: string, escaped?: string) => {
        return double?.replace(/\\(.)/g, '$1') ?? single ?? escaped ?? '';
      },
    );
    return text === '-' ? '' : text;
  });
}

/** Whether a line says something. */
export function isConfigurationLine(line: Bytes): boolean {
  return !/^\s*(?:[#;]|$)/.test(line);
}
