import { nameOf } from '../../formats/path.js';
import type { Bytes } from '../shell/types.js';
import type { Files } from './files.js';

/** Which manager's units are meant: the system's, or those of users' own managers. */
export type Instance = 'system' | 'user';

/** A link that enabling a unit makes. */
export interface UnitLink {
  readonly link: Bytes;
  readonly target: Bytes;
}

/** Where a unit's file is, first in the administrator's directory; the name itself where there is none. */
export function findUnit(files: Files, name: Bytes, instance: Instance): Bytes {
  const places = ['/etc/systemd', '/lib/systemd', '/usr/lib/systemd'];
  return places.map((place) => `${place}/${instance}/${name}`).find((path) => files.isFile(path)) ?? name;
}

/** The template that a unit is an instance of (`getty@.service` for `getty@tty1.service`); the name itself where it is none. */
export function templateOf(name: Bytes): Bytes {
  return name.replace(/^([^@]+@)[^@]+(\.\w+)$/, '$1$2');
}

/**
 * The links that a unit's [Install] section asks for, those of the units that it names in `Also=` before its own, as
 * deb-systemd-helper reads it (its get_link_closure).
 *
 * @param unit the unit's name, where it is not its file's: an instance of a template.
 * @returns undefined where a unit's file is missing.
 */
export function linkClosure(
  files: Files,
  path: Bytes,
  instance: Instance,
  visited: Set<Bytes> = new Set(),
  unit: Bytes = nameOf(path),
): UnitLink[] | undefined {
  const text = files.read(path);
  if (text === undefined) return undefined;
  const links: UnitLink[] = [];
  const wants: Bytes[] = [];
  let wanted = unit;
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\s*(WantedBy|RequiredBy|Also|Alias|DefaultInstance)=(.+)$/i.exec(line) ?? [];
    const words = value.split(/\s+/).filter((word) => word !== '');
    const names = words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
    switch (key.toLowerCase()) {
      case 'wantedby':
      case 'requiredby':
        wants.push(
          ...names.map(
            (name) => `/etc/systemd/${instance}/${name}.${key.toLowerCase() === 'wantedby' ? 'wants' : 'requires'}`,
          ),
        );
        break;
      case 'also':
        for (const name of names) {
          if (name === unit || visited.has(name)) continue;
          visited.add(name);
          const below = linkClosure(files, findUnit(files, name, instance), instance, visited);
          if (below === undefined) return undefined;
          links.push(...below);
        }
        break;
      case 'alias':
        links.push(
          ...names
            .filter((name) => name !== unit)
            .map((name) => ({ link: `/etc/systemd/${instance}/${name}`, target: path })),
        );
        break;
      case 'defaultinstance':
        wanted = unit.replace(/^(.*@)(\.\w+)$/, `$1${names[0] ?? ''}$2`);
        break;
      default:
        break;
    }
  }
  return [...links, ...wants.map((directory) => ({ link: `${directory}/${wanted}`, target: path }))];
}
