import { architectureMatches } from './architecture.js';
import { KoalaError } from './errors.js';
import { isVersion, type VersionOperator } from './version.js';

/** One package that a relation field names, with what it asks of it. */
export interface Relation {
  readonly name: string;
  /** `any`, `native` or an architecture: what stands after the colon. */
  readonly qualifier: string | undefined;
  readonly constraint: { readonly operator: VersionOperator; readonly version: string } | undefined;
  /**
   * The architecture of the package that asks, where it has one of its own: a name without a qualifier means a package of that
   * architecture. Without it, the one that is built for.
   */
  readonly asker?: string;
}

/** Relations of which one is enough, best first: what stands between two commas. */
export type Alternatives = readonly Relation[];

/** One or more architectures or build profiles, each perhaps negated. */
const TERM = '!?[a-z0-9][a-z0-9.+-]*';
const TERMS = String.raw`\s*${TERM}(?:\s+${TERM})*\s*`;

/** Name, qualifier, operator, version, architectures, build profiles; every part but the name may be missing. */
const RELATION = new RegExp(
  String.raw`\s*([A-Za-z0-9][A-Za-z0-9+._-]*)(?::([A-Za-z0-9][A-Za-z0-9-]*))?\s*` +
    String.raw`(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s()]+)\s*\)\s*)?` +
    String.raw`(?:\[(${TERMS})\]\s*)?` +
    String.raw`((?:<${TERMS}>\s*)*)`,
  'y',
);

/** Policy 7.1: the legacy operators mean what they never should have meant. */
const LEGACY: Readonly<Record<string, VersionOperator>> = { '<': '<=', '>': '>=' };

/**
 * Reads a relation field (Policy 7.1): `a (>= 1) | b:any, c [amd64] <!nocheck>`. Line breaks count as blanks, and one comma
 * may end the field, as in dpkg. A relation whose build profiles do not hold while none is active is left out, and so is,
 * where `options.architecture` is given, one that is restricted to other architectures; an entry of which nothing is left
 * is left out. What such restrictions were is not kept.
 *
 * @param origin the file and field, for messages
 * @param options `asker` is kept in the relations
 * @throws KoalaError `archive` that quotes what cannot be read
 */
export function parseRelations(
  text: string,
  origin: string,
  options: { readonly architecture?: string; readonly asker?: string } = {},
): Alternatives[] {
  const asker = options.asker === undefined ? {} : { asker: options.asker };
  const all: Alternatives[] = [];
  let alternatives: Relation[] = [];
  let at = 0;
  while (!isBlankFrom(text, at)) {
    RELATION.lastIndex = at;
    const match = RELATION.exec(text);
    const end = RELATION.lastIndex;
    const separator = text[end];
    const [, name = '', qualifier, operator, version = '', architectures, profiles = ''] = match ?? [];
    const applies = architectures === undefined || appliesTo(architectures, options.architecture);
    if (
      match === null ||
      (separator !== undefined && separator !== ',' && separator !== '|') ||
      (separator === '|' && isBlankFrom(text, end + 1)) ||
      (operator !== undefined && !isVersion(version)) ||
      applies === undefined
    ) {
      const entry = text.slice(at).split(',', 1).join().trim();
      throw new KoalaError('archive', `cannot read ${origin}: ${JSON.stringify(entry)} is not a relation`);
    }
    if (applies && holdsWithoutProfiles(profiles)) {
      alternatives.push({
        name,
        qualifier,
        constraint:
          operator === undefined ? undefined : { operator: LEGACY[operator] ?? (operator as VersionOperator), version },
        ...asker,
      });
    }
    if (separator !== '|') {
      if (alternatives.length > 0) all.push(alternatives);
      alternatives = [];
    }
    at = end + 1;
  }
  return all;
}

/** `name:qualifier (>= version)`, which `parseRelations` reads back. */
export function formatRelation(relation: Relation): string {
  const { name, qualifier, constraint } = relation;
  const qualified = qualifier === undefined ? name : `${name}:${qualifier}`;
  return constraint === undefined ? qualified : `${qualified} (${constraint.operator} ${constraint.version})`;
}

/** `a (>= 1) | b:any`, which `parseRelations` reads back. */
export function formatAlternatives(alternatives: Alternatives): string {
  return alternatives.map(formatRelation).join(' | ');
}

/**
 * Whether a list such as `amd64 linux-any` or `!i386 !armel` speaks of the architecture; with no architecture given it
 * always does. Undefined where only some of the names are negated, which Policy 7.1 forbids.
 */
function appliesTo(list: string, architecture: string | undefined): boolean | undefined {
  const terms = termsOf(list);
  const negated = terms.filter(isNegated).length;
  if (negated !== 0 && negated !== terms.length) return undefined;
  if (architecture === undefined) return true;
  return terms.some((term) => architectureMatches(term.replace('!', ''), architecture)) !== negated > 0;
}

/** `<a b> <!c>` holds where all terms of one list hold (Policy 7.1); with no profile active, only negated terms do. */
function holdsWithoutProfiles(profiles: string): boolean {
  if (profiles === '') return true;
  return [...profiles.matchAll(/<([^<>]*)>/g)].some(([, list = '']) => termsOf(list).every(isNegated));
}

function termsOf(list: string): string[] {
  return list.trim().split(/\s+/);
}

function isNegated(term: string): boolean {
  return term.startsWith('!');
}

function isBlankFrom(text: string, at: number): boolean {
  while (at < text.length && /\s/.test(text.charAt(at))) at++;
  return at >= text.length;
}
