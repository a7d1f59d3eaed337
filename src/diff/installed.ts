import { parseParagraphs } from '../formats/deb822.js';
import type { InstalledPackage } from './types.js';

const STATUS = '/var/lib/dpkg/status';
/** Where trees without dpkg have a file for each package. */
const STATUS_DIRECTORY = '/var/lib/dpkg/status.d/';

/** Whether a file says what is installed. */
export function isDatabaseFile(path: string): boolean {
  return path === STATUS || (path.startsWith(STATUS_DIRECTORY) && !path.endsWith('.md5sums'));
}

/**
 * What dpkg's database says is installed, by name.
 *
 * @param database contents by path
 * @throws KoalaError `archive` where it cannot be read
 */
export function installedPackages(database: ReadonlyMap<string, Uint8Array>, origin: string): InstalledPackage[] {
  const stanzas = [...database].flatMap(([path, bytes]) => {
    return parseParagraphs(Buffer.from(bytes).toString(), `${origin}:${path}`);
  });
  return stanzas
    .filter((stanza) => / installed$/.test(stanza.get('Status') ?? ' installed'))
    .map((stanza) => ({
      name: stanza.require('Package'),
      version: stanza.require('Version'),
      architecture: stanza.get('Architecture') ?? 'all',
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.architecture < b.architecture ? -1 : 1));
}
