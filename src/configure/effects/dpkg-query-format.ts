import type { Bytes } from '../shell/types.js';
import { binaryName, type InstalledPackage } from './state.js';

/** The virtual fields of dpkg-query(1), which no control paragraph has. */
function virtualField(item: InstalledPackage, name: string): string | undefined {
  const [want = '', , status = ''] = item.status.split(' ');
  switch (name) {
    case 'package':
      return item.name;
    case 'version':
      return item.version;
    case 'architecture':
      return item.architecture;
    case 'status':
      return item.status;
    case 'binary:package':
      return binaryName(item);
    case 'binary:summary':
      return (item.fields.get('description') ?? '').split('\n')[0] ?? '';
    case 'db:status-want':
      return want;
    case 'db:status-status':
      return status;
    case 'db:status-eflag':
      return item.status.split(' ')[1] ?? '';
    case 'db:status-abbrev':
      return `${abbreviate('uihdp', WANT, want)}${abbreviate('ncHUFWti', STATUS, status)} `;
    case 'source:package':
      return (item.fields.get('source') ?? item.name).replace(/ .*/, '');
    case 'source:version':
      return /\((.*)\)/.exec(item.fields.get('source') ?? '')?.[1] ?? item.version;
    case 'source:upstream-version':
      return (/\((.*)\)/.exec(item.fields.get('source') ?? '')?.[1] ?? item.version)
        .replace(/^\d+:/, '')
        .replace(/-[^-]*$/, '');
    default:
      return item.fields.get(name);
  }
}

const WANT = ['unknown', 'install', 'hold', 'deinstall', 'purge'];
const STATUS = [
  'not-installed',
  'config-files',
  'half-installed',
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
  'installed',
];

function abbreviate(letters: string, words: readonly string[], word: string): string {
  return letters[words.indexOf(word)] ?? '?';
}

/** dpkg-query's `--showformat`: `${field;width}`, the escapes \n, \r, \t and \\, all else as it is. */
export function formatPackage(format: Bytes, item: InstalledPackage): Bytes {
  return format.replace(
    /\\([nrt\\])|\$\{([^};]+)(?:;(-?\d+))?\}/g,
    (_, letter?: string, name?: string, width?: string) => {
      if (letter !== undefined) return { n: '\n', r: '\r', t: '\t' }[letter] ?? '\\';
      const value = virtualField(item, (name ?? '').toLowerCase()) ?? '';
      const columns = Number(width ?? 0);
      if (columns === 0) return value;
      const size = Math.abs(columns);
      return (columns > 0 ? value.padStart(size) : value.padEnd(size)).slice(0, size);
    },
  );
}

/** The order in which dpkg writes the fields that it knows (lib/dpkg/parse.c, fieldinfos); others follow as they came. */
const FIELDS =
  'Package Essential Protected Status Priority Section Installed-Size Maintainer Architecture Multi-Arch Source Version Config-Version Replaces Provides Depends Pre-Depends Recommends Suggests Enhances Breaks Conflicts Conffiles Description'.split(
    ' ',
  );

/** The paragraph that `dpkg -s` prints: the fields as they stand in the database. */
export function statusParagraph(item: InstalledPackage): Bytes {
  const known = new Set(FIELDS.map((name) => name.toLowerCase()));
  const others = [...item.fields.keys()].filter((name) => !known.has(name)).map(capitalised);
  const lines = [...FIELDS, ...others].flatMap((name) => {
    const value = virtualField(item, name.toLowerCase());
    if (value === undefined) return [];
    return [`${name}:${value.startsWith('\n') ? '' : ' '}${value.split('\n').join('\n ')}`];
  });
  return `${lines.join('\n')}\n`;
}

function capitalised(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}
