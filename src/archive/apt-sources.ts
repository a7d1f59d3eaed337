import { type Paragraph, parseParagraphs } from '../formats/deb822.js';
import { KoalaError } from '../formats/errors.js';

/** An entry of the machine's apt configuration, as sources.list(5) describes it: the product of its URIs and suites. */
export interface AptSource {
  /** `deb`, `deb-src`. */
  readonly types: readonly string[];
  /** Without a trailing slash. */
  readonly uris: readonly string[];
  /** A suite that ends in `/` names a flat archive, which has no components. */
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly architectures: { readonly only: readonly string[] | undefined; readonly not: readonly string[] };
  /** Key files, fingerprints, or one armoured key block. */
  readonly signedBy: readonly string[];
  readonly enabled: boolean;
  readonly trusted: boolean;
  readonly checkValidUntil: boolean;
  /** `file:line`. */
  readonly origin: string;
}

/**
 * Reads a deb822-style `.sources` file.
 *
 * @throws KoalaError `archive` with `file:line`
 */
export function parseDeb822Sources(text: string, file: string): AptSource[] {
  return parseParagraphs(text, file).map(sourceOfParagraph);
}

/**
 * Reads a `.list` file of one-line entries: `deb [signed-by=/k.asc arch=amd64] URI SUITE COMPONENT…`. As in apt, `#` starts
 * a comment unless it stands in brackets, words may be quoted, and `%` escapes are decoded.
 *
 * @throws KoalaError `archive` with `file:line`
 */
export function parseOneLineSources(text: string, file: string): AptSource[] {
  return text.split('\n').flatMap((line, index) => {
    const words = wordsOf(withoutComment(line));
    return words.length === 0 ? [] : [sourceOfWords(words, `${file}:${index + 1}`)];
  });
}

function sourceOfParagraph(paragraph: Paragraph): AptSource {
  const { origin } = paragraph;
  const list = (name: string) => (paragraph.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
  const required = (name: string) => {
    paragraph.require(name);
    return list(name);
  };
  const signedBy = paragraph.get('Signed-By') ?? '';
  return checked({
    types: required('Types'),
    uris: required('URIs').map(withoutTrailingSlash),
    suites: required('Suites'),
    components: list('Components'),
    architectures: architectures(list('Architectures'), list('Architectures-Add'), list('Architectures-Remove')),
    signedBy: signedBy.includes('-----BEGIN PGP') ? [keyBlock(signedBy)] : list('Signed-By'),
    enabled: boolean(paragraph.get('Enabled'), true, origin),
    trusted: boolean(paragraph.get('Trusted'), false, origin),
    checkValidUntil: boolean(paragraph.get('Check-Valid-Until'), true, origin),
    origin,
  });
}

function sourceOfWords(words: readonly string[], origin: string): AptSource {
  const [type = '', ...rest] = words;
  const bracket = rest[0]?.startsWith('[') === true ? rest[0] : undefined;
  const [uri, suite, ...components] = (bracket === undefined ? rest : rest.slice(1)).map(unescaped);
  if (uri === undefined || suite === undefined) {
    throw new KoalaError('archive', `cannot read ${origin}: a ${type} entry needs a URI and a suite`);
  }
  const options = new Map<string, string>();
  for (const option of wordsOf(bracket === undefined ? '' : bracket.slice(1, -1))) {
    const [, key, value] = /^([a-z-]+[+-]?)=(.*)$/i.exec(option) ?? [];
    if (key === undefined || value === undefined) {
      throw new KoalaError('archive', `cannot read ${origin}: ${JSON.stringify(option)} is not an option`);
    }
    options.set(key.toLowerCase(), unescaped(value));
  }
  const list = (name: string) => (options.get(name) ?? '').split(',').filter((word) => word !== '');
  return checked({
    types: [type],
    uris: [withoutTrailingSlash(uri)],
    suites: [suite],
    components,
    architectures: architectures(list('arch'), list('arch+'), list('arch-')),
    signedBy: list('signed-by'),
    enabled: true,
    trusted: boolean(options.get('trusted'), false, origin),
    checkValidUntil: boolean(options.get('check-valid-until'), true, origin),
    origin,
  });
}

/** What both styles demand of an entry. */
function checked(source: AptSource): AptSource {
  const refuse = (why: string) => new KoalaError('archive', `cannot read ${source.origin}: ${why}`);
  const type = source.types.find((one) => one !== 'deb' && one !== 'deb-src');
  if (type !== undefined) throw refuse(`${JSON.stringify(type)} is neither deb nor deb-src`);
  for (const suite of source.suites) {
    const flat = suite.endsWith('/');
    if (flat && source.components.length > 0) throw refuse(`the flat archive ${suite} cannot have components`);
    if (!flat && source.components.length === 0) throw refuse(`the suite ${suite} has no components`);
  }
  return source;
}

/** Without a list apt takes the machine's own architectures; what a build asks for is not limited by that. */
function architectures(only: readonly string[], add: readonly string[], not: readonly string[]) {
  return { only: only.length === 0 ? undefined : [...only, ...add], not };
}

/** A key inside the field: a line of ` .` stands for an empty one, as in any deb822 field of several lines. */
function keyBlock(value: string): string {
  const lines = value.split('\n').map((line) => line.trim());
  return `${lines.map((line) => (line === '.' ? '' : line)).join('\n')}\n`.trimStart();
}

/** The words that apt's `StringToBool` takes. */
function boolean(text: string | undefined, otherwise: boolean, origin: string): boolean {
  if (text === undefined) return otherwise;
  const word = text.toLowerCase();
  if (['yes', 'true', 'with', 'on', 'enable', '1'].includes(word)) return true;
  if (['no', 'false', 'without', 'off', 'disable', '0'].includes(word)) return false;
  throw new KoalaError('archive', `cannot read ${origin}: ${JSON.stringify(text)} is neither yes nor no`);
}

function withoutComment(line: string): string {
  return /^(?:[^#[]|\[[^\]]*\]?)*/.exec(line)?.[0] ?? '';
}

/** Words as in apt: quotes and brackets hold blanks together. */
function wordsOf(line: string): string[] {
  return line.match(/(?:"[^"]*"|\[[^\]]*\]|[^\s"[])+/g) ?? [];
}

function unescaped(word: string): string {
  const plain = word.replaceAll('"', '');
  return plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function withoutTrailingSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}
