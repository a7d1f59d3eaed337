import { type Paragraph, parseParagraphs } from '../../formats/deb822.js';

const STATUS = '/var/lib/dpkg/status';
/** Where trees without dpkg have a file for each package. */
const STATUS_DIRECTORY = '/var/lib/dpkg/status.d/';

/** Whether a file says what is installed. */
export function isDatabaseFile(path: string): boolean {
  return path === STATUS || (path.startsWith(STATUS_DIRECTORY) && !path.endsWith('.md5sums'));
}

/**
 * The stanzas of what dpkg's database says is installed, by name.
 *
 * @param database contents by path
 * @throws KoalaError `archive` where it cannot be read
 */
export function installedStanzas(database: ReadonlyMap<string, Uint8Array>, origin: string): Paragraph[] {
  const stanzas = [...database].flatMap(([path, bytes]) => {
    return parseParagraphs(Buffer.from(bytes).toString(), `${origin}:${path}`);
  });
  const keyOf = (stanza: Paragraph): string => `${stanza.require('Package')} ${stanza.get('Architecture') ?? 'all'}`;
  return stanzas
    .filter((stanza) => / installed$/.test(stanza.get('Status') ?? ' installed'))
    .map((stanza) => [keyOf(stanza), stanza] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, stanza]) => stanza);
}
