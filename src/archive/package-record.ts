import { formatParagraph, type Paragraph, parseParagraph } from '../formats/deb822.js';
import { KoalaError } from '../formats/errors.js';
import { type Alternatives, parseRelations } from '../formats/relation.js';
import { isVersion } from '../formats/version.js';
import { isRelativePath } from './relative-path.js';
import type { ArchiveSource, PackageRecord, Promise256 } from './types.js';

const MULTI_ARCH = ['no', 'same', 'foreign', 'allowed'] as const;

/**
 * Reads the stanza of a package in an index. What names the package and its file is checked at once, relations are read
 * when they are asked for, and once.
 *
 * @param origin the index's URL, for messages
 * @throws KoalaError `archive` that names the package and the index
 */
export function readPackageRecord(text: string, origin: string, archive: ArchiveSource): PackageRecord {
  return new StanzaRecord(parseParagraph(text, origin), origin, archive);
}

/** The stanza that an index has of a package: its control paragraph, and where the .deb is, and what it promises of it. */
export function packageStanza(
  control: Iterable<readonly [name: string, value: string]>,
  filename: string,
  { size, sha256 }: Promise256,
): string {
  const own = [...control].filter(([field]) => !/^(?:filename|size|sha256)$/i.test(field));
  return formatParagraph([...own, ['Filename', filename], ['Size', String(size)], ['SHA256', sha256]]);
}

class StanzaRecord implements PackageRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly multiArch: PackageRecord['multiArch'];
  readonly essential: boolean;
  readonly priority: string;
  readonly source: PackageRecord['source'];
  readonly filename: string;
  readonly size: number;
  readonly sha256: string;
  readonly installedSize: number;
  readonly archive: ArchiveSource;
  readonly #paragraph: Paragraph;
  readonly #origin: string;
  readonly #relations = new Map<string, readonly Alternatives[]>();

  constructor(paragraph: Paragraph, origin: string, archive: ArchiveSource) {
    this.#paragraph = paragraph;
    this.#origin = origin;
    this.archive = archive;
    // Policy 5.6.7, 5.6.12 and, for architectures, 5.6.8.
    this.name = this.#checked('Package', (text) => /^[a-z0-9][a-z0-9+.-]+$/.test(text));
    this.version = this.#checked('Version', isVersion);
    this.architecture = this.#checked('Architecture', (text) => /^[a-z0-9][a-z0-9-]*$/.test(text));
    this.filename = this.#checked('Filename', isRelativePath);
    this.sha256 = this.#checked('SHA256', (text) => /^[0-9a-f]{64}$/.test(text));
    this.size = Number(this.#checked('Size', isCount));
    this.installedSize = Number(this.#checked('Installed-Size', isCount, '0'));
    this.multiArch = this.#multiArch();
    this.essential = paragraph.get('Essential') === 'yes';
    this.priority = paragraph.get('Priority') ?? '';
    this.source = this.#source();
  }

  get depends(): readonly Alternatives[] {
    return this.#relation('Depends');
  }

  get preDepends(): readonly Alternatives[] {
    return this.#relation('Pre-Depends');
  }

  get recommends(): readonly Alternatives[] {
    return this.#relation('Recommends');
  }

  get conflicts(): readonly Alternatives[] {
    return this.#relation('Conflicts');
  }

  get breaks(): readonly Alternatives[] {
    return this.#relation('Breaks');
  }

  get replaces(): readonly Alternatives[] {
    return this.#relation('Replaces');
  }

  get provides(): readonly Alternatives[] {
    return this.#relation('Provides');
  }

  stanza(): Paragraph {
    return this.#paragraph;
  }

  #relation(field: string): readonly Alternatives[] {
    let relations = this.#relations.get(field);
    if (relations === undefined) {
      const text = this.#paragraph.get(field) ?? '';
      const asker = this.architecture === 'all' ? {} : { asker: this.architecture };
      relations = parseRelations(text, `${field} of ${this.name} ${this.version} in ${this.#origin}`, asker);
      this.#relations.set(field, relations);
    }
    return relations;
  }

  #checked(field: string, isGood: (text: string) => boolean, otherwise?: string): string {
    const text = this.#paragraph.get(field) ?? otherwise;
    if (text === undefined) throw this.#refused(`field ${field} is missing`);
    if (!isGood(text)) throw this.#refused(`its ${field} is ${JSON.stringify(text)}`);
    return text;
  }

  #multiArch(): PackageRecord['multiArch'] {
    const text = this.#paragraph.get('Multi-Arch') ?? 'no';
    const known = MULTI_ARCH.find((one) => one === text);
    if (known === undefined) throw this.#refused(`its Multi-Arch is ${JSON.stringify(text)}`);
    return known;
  }

  /** `Source: name (version)`, both as the package's own where the field, or the version in it, is missing (Policy 5.6.1). */
  #source(): PackageRecord['source'] {
    const text = this.#paragraph.get('Source') ?? this.name;
    const [, name, version = this.version] = /^([a-z0-9][a-z0-9+.-]+)(?:\s*\(([^()\s]+)\))?$/.exec(text) ?? [];
    if (name === undefined || !isVersion(version)) throw this.#refused(`its Source is ${JSON.stringify(text)}`);
    return { name, version };
  }

  #refused(why: string): KoalaError {
    const name = JSON.stringify(this.#paragraph.get('Package') ?? '');
    return new KoalaError('archive', `cannot accept the package ${name} of ${this.#origin}: ${why}`);
  }
}

function isCount(text: string): boolean {
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text));
}
