import { Failure } from './console.js';
import { GlibHashTable } from './glib-hash-table.js';
import { type Match, matchesOf, type TreeMatch, treeMatchesOf } from './mime-magic.js';
import { elementsOf, parseXml, type XmlElement } from './xml.js';

export interface Glob {
  readonly pattern: string;
  readonly type: string;
  readonly weight: number;
  readonly caseSensitive: boolean;
}

export interface Magic<Rule> {
  readonly type: string;
  readonly priority: number;
  /** Takes away what other packages say of the type. */
  readonly deletes: boolean;
  readonly matches: readonly Rule[];
}

const NAMESPACE = 'http://www.freedesktop.org/standards/shared-mime-info';
/** What stands in place of a pattern or a rule where all of a type's are taken away. */
const NO_GLOBS = '__NOGLOBS__';
const NO_MAGIC: Match = {
  start: 0,
  length: 1,
  wordSize: 1,
  data: Buffer.from('__NOMAGIC__'),
  mask: undefined,
  matches: [],
};

/** What the packages' files say of MIME types (Shared MIME-info Database), in tables ordered as update-mime-database's. */
export class MimeTypes {
  /** The elements of each type's own file. */
  readonly types = new GlibHashTable<XmlElement[]>();
  readonly globs = new GlibHashTable<Glob[]>();
  /** `<namespace> <local name>` */
  readonly namespaces = new GlibHashTable<string>();
  readonly parents = new GlibHashTable<string[]>();
  readonly aliases = new GlibHashTable<string>();
  readonly icons = new GlibHashTable<string>();
  readonly genericIcons = new GlibHashTable<string>();
  magic: Magic<Match>[] = [];
  treeMagic: Magic<TreeMatch>[] = [];

  /**
   * Adds one file.
   *
   * @returns what was wrong in it: such a type is taken up to there.
   * @throws Failure where it is no such file at all.
   */
  add(source: string): string[] {
    const root = parseXml(source);
    if (root.name !== 'mime-info' || root.attributes.get('xmlns') !== NAMESPACE) {
      throw new Failure(`Wrong namespace on document element (should be ${NAMESPACE})`);
    }
    const warnings: string[] = [];
    for (const element of elementsOf(root)) {
      const name = element.attributes.get('type') ?? '';
      try {
        if (element.name !== 'mime-type') throw new Failure('Excepted <mime-type>, but got wrong name or namespace');
        if (name.split('/').length !== 2) throw new Failure(`Invalid MIME-type '${name}'`);
        this.#addType(name, element);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        warnings.push(`Error in type '${name}': ${error.message}.`);
      }
    }
    return warnings;
  }

  /** Puts the rules into the order in which they are tried. */
  sort(): void {
    this.magic = [...this.magic].sort(compareMagic);
    this.treeMagic = [...this.treeMagic].sort(compareMagic);
  }

  #addType(type: string, element: XmlElement): void {
    const own = this.types.get(type) ?? [];
    this.types.set(type, own);
    for (const field of elementsOf(element)) {
      if (!this.#addField(type, field)) continue;
      // A later comment in the same language replaces an earlier one.
      const language = field.attributes.get('xml:lang');
      const isSame = (other: XmlElement): boolean =>
        other.name === 'comment' && other.attributes.get('xml:lang') === language;
      const earlier = field.name === 'comment' ? own.findIndex(isSame) : -1;
      if (earlier >= 0) own.splice(earlier, 1);
      own.push(field);
    }
  }

  /** Says whether the field goes into the type's own file. */
  #addField(type: string, field: XmlElement): boolean {
    const attribute = (name: string): string | undefined => field.attributes.get(name);
    const append = <Item>(table: GlibHashTable<Item[]>, key: string, item: Item): void => {
      table.set(key, [...(table.get(key) ?? []), item]);
    };
    switch (field.name) {
      case 'glob': {
        const weight = percentage(attribute('weight'), 'weight');
        const given = attribute('pattern') ?? '';
        if (given === '') throw new Failure("Missing 'pattern' attribute in <glob> element");
        const caseSensitive = attribute('case-sensitive') === 'true';
        const pattern = caseSensitive ? given : given.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
        append(this.globs, pattern, { pattern, type, weight, caseSensitive });
        return true;
      }
      case 'glob-deleteall':
        append(this.globs, NO_GLOBS, { pattern: NO_GLOBS, type, weight: 0, caseSensitive: false });
        return true;
      case 'magic': {
        const matches = matchesOf(field);
        if (matches.length === 0) throw new Failure('Incomplete <magic> element');
        this.magic.push({ type, priority: percentage(attribute('priority'), 'priority'), deletes: false, matches });
        return false;
      }
      case 'magic-deleteall':
        this.magic.push({ type, priority: 0, deletes: true, matches: [NO_MAGIC] });
        return false;
      case 'treemagic': {
        const priority = percentage(attribute('priority'), 'priority');
        this.treeMagic.push({ type, priority, deletes: false, matches: treeMatchesOf(field) });
        return false;
      }
      case 'alias':
      case 'sub-class-of': {
        const other = attribute('type') ?? '';
        if (!other.includes('/')) throw new Failure(`Incorrect or missing 'type' attribute in <${field.name}>`);
        if (field.name === 'alias') this.aliases.set(other, type);
        else append(this.parents, type, other);
        return true;
      }
      case 'root-XML': {
        const [namespace, local] = [attribute('namespaceURI'), attribute('localName')];
        if (namespace === undefined) throw new Failure("Missing 'namespaceURI' attribute'");
        if (local === undefined) throw new Failure("Missing 'localName' attribute'");
        if (/[ \n]/.test(namespace + local) || namespace + local === '') {
          throw new Failure('namespaceURI and localName cannot contain spaces or newlines');
        }
        this.namespaces.set(`${namespace} ${local}`, type);
        return false;
      }
      case 'icon':
      case 'generic-icon': {
        const name = attribute('name');
        if (name === undefined) return false;
        (field.name === 'icon' ? this.icons : this.genericIcons).set(type, name);
        return true;
      }
      case 'comment':
      case 'acronym':
      case 'expanded-acronym':
        return true;
      default:
        // What others say goes through; an unknown element of this namespace does as well.
        return true;
    }
  }
}

/** A number from 0 to 100; 50 where there is none. */
function percentage(text: string | undefined, name: string): number {
  const number = text === undefined ? 50 : /^\s*[-+]?\d+$/.test(text) ? Number(text) : -1;
  if (number < 0 || number > 100) throw new Failure(`Bad ${name} (-1)`);
  return number;
}

function compareMagic<Rule>(a: Magic<Rule>, b: Magic<Rule>): number {
  if (a.deletes || b.deletes) return Number(b.deletes) - Number(a.deletes);
  if (a.priority !== b.priority) return b.priority - a.priority;
  const [mediaA = '', nameA = ''] = a.type.split('/');
  const [mediaB = '', nameB = ''] = b.type.split('/');
  const [left, right] = mediaA === mediaB ? [nameA, nameB] : [mediaA, mediaB];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** All patterns, those with the most weight first, after those that take away. */
export function sortedGlobs({ globs }: MimeTypes): Glob[] {
  const deletes = ({ pattern }: Glob): number => Number(pattern === NO_GLOBS);
  return globs
    .entries()
    .flatMap(([, list]) => list)
    .sort((a, b) => deletes(b) - deletes(a) || b.weight - a.weight);
}
