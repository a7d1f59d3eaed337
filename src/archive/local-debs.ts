import { pathToFileURL } from 'node:url';
import { parseParagraph } from '../formats/deb822.js';
import { KoalaError } from '../formats/errors.js';
import { nameOf } from '../formats/path.js';
import { type PackageIndex, packageIndex, UNKNOWN_PLACE } from './package-index.js';
import { packageStanza } from './package-record.js';
import type { ArchiveSource, PackagePlace, Promise256 } from './types.js';

/** A .deb that somebody gave as a file. */
export interface LocalDeb {
  /** Absolute. */
  readonly path: string;
  /** Its control paragraph (deb-control(5)). */
  readonly control: string;
  readonly promise: Promise256;
}

const PLACE: PackagePlace = { ...UNKNOWN_PLACE, suite: 'local', codename: 'local', local: true };

/**
 * The index of one .deb: its control paragraph, and where it lies. Whoever asks for it gets it by a file: URL, checked
 * against what was hashed here.
 *
 * @throws KoalaError `archive` where its control paragraph is not that of a package, `usage` where it is of another
 * architecture
 */
export function localIndex(
  { path, control, promise }: LocalDeb,
  architecture: string,
  foreignArchitectures: readonly string[] = [],
): PackageIndex {
  const url = pathToFileURL(path).href;
  const [directory, name] = [url.slice(0, url.lastIndexOf('/')), nameOf(path)];
  const paragraph = parseParagraph(control, `${path}:control`);
  const source: ArchiveSource = {
    suite: './',
    components: [],
    uris: [directory],
    keyrings: [],
    signers: [],
    trusted: true,
    priority: undefined,
    asOf: undefined,
    checkValidUntil: false,
    origin: '--include',
  };
  const stanza = packageStanza(paragraph.fields(), `./${name}`, promise);
  const index = packageIndex(Buffer.from(stanza), path, source, PLACE);
  const { architecture: is, name: called } = index.record(0);
  if ([architecture, 'all', ...foreignArchitectures].includes(is)) return index;
  throw new KoalaError('usage', `cannot include ${path}: ${called} is for ${is}, not for ${architecture}`);
}
