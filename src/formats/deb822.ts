import { KoalaError } from './errors.js';

interface Field {
  /** As it is spelled in the text. */
  readonly name: string;
  value: string;
  readonly line: number;
}

const TAB = 0x09;
const CR = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;
const HYPHEN = 0x2d;
const COLON = 0x3a;
const TILDE = 0x7e;

/** One paragraph (stanza): fields in the order of the text, looked up without regard to case (Policy 5.1). */
export class Paragraph {
  /** `file:line` where the paragraph starts. */
  readonly origin: string;
  /** By lower-case name; a Map keeps the order. */
  readonly #fields: ReadonlyMap<string, Field>;

  constructor(origin: string, fields: ReadonlyMap<string, Field>) {
    this.origin = origin;
    this.#fields = fields;
  }

  /**
   * The value of a field: the first line without blanks around it, then each continuation line after a `\n`, without the
   * one blank that it begins with. So a field that has nothing beside its name has a value that begins with `\n`.
   */
  get(name: string): string | undefined {
    return this.#fields.get(name.toLowerCase())?.value;
  }

  /** @throws KoalaError `archive` where the paragraph has no such field */
  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw new KoalaError('archive', `cannot read ${this.origin}: field ${name} is missing`);
    return value;
  }

  /** The fields as they are spelled, in order. */
  *fields(): IterableIterator<[name: string, value: string]> {
    for (const field of this.#fields.values()) yield [field.name, field.value];
  }

  /** The line of the file, from 1, on which a field starts. */
  lineOf(name: string): number | undefined {
    return this.#fields.get(name.toLowerCase())?.line;
  }
}

/**
 * Reads paragraphs as Policy 5.1 and deb822(5) define them, strictly: a duplicate field, a continuation line before the
 * first field, a line without a colon and a bad field name are errors. Lines that begin with `#` are comments. A carriage
 * return before the end of a line is dropped, as apt and dpkg do; a line of blanks inside a field is refused, as dpkg does
 * (Policy lets parsers differ, and what two parsers read differently must not pass here).
 *
 * @param text the text, without an OpenPGP armour
 * @param origin the file, for messages
 * @throws KoalaError `archive` with `file:line`
 */
export function parseParagraphs(text: string, origin: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let fields = new Map<string, Field>();
  let field: Field | undefined;
  let start = 0;
  let line = 0;
  for (let at = 0, next = 0; at < text.length; at = next) {
    let end = text.indexOf('\n', at);
    if (end === -1) end = text.length;
    next = end + 1;
    line++;
    if (end > at && text.charCodeAt(end - 1) === CR) end--;
    if (at === end) {
      if (field !== undefined) {
        paragraphs.push(new Paragraph(`${origin}:${start}`, fields));
        fields = new Map();
        field = undefined;
      }
      continue;
    }
    const first = text.charCodeAt(at);
    if (first === HASH) continue;
    if (isBlank(first)) {
      if (field === undefined) throw wrong(origin, line, 'a continuation line stands before the first field');
      if (skipBlanks(text, at, end) === end) throw wrong(origin, line, `field ${field.name} has a blank line`);
      field.value += `\n${text.slice(at + 1, end)}`;
      continue;
    }
    const colon = endOfName(text, at, end);
    if (text.charCodeAt(colon) !== COLON || colon === end || colon === at || first === HYPHEN) {
      throw wrong(origin, line, `${JSON.stringify(text.slice(at, Math.min(end, at + 60)))} is not a field`);
    }
    if (field === undefined) start = line;
    const name = text.slice(at, colon);
    const key = name.toLowerCase();
    if (fields.has(key)) throw wrong(origin, line, `field ${name} occurs twice in a paragraph`);
    const from = skipBlanks(text, colon + 1, end);
    while (end > from && isBlank(text.charCodeAt(end - 1))) end--;
    field = { name, value: text.slice(from, end), line };
    fields.set(key, field);
  }
  if (field !== undefined) paragraphs.push(new Paragraph(`${origin}:${start}`, fields));
  return paragraphs;
}

/** Reads a text that must hold exactly one paragraph, by the rules of `parseParagraphs`. */
export function parseParagraph(text: string, origin: string): Paragraph {
  const [first, second] = parseParagraphs(text, origin);
  if (first === undefined) throw new KoalaError('archive', `cannot read ${origin}: it holds no paragraph`);
  if (second !== undefined) {
    throw new KoalaError('archive', `cannot read ${second.origin}: there is a paragraph too many`);
  }
  return first;
}

/**
 * Writes a paragraph, one that `parseParagraph` reads back to the same names and values.
 *
 * @throws KoalaError `archive` for what deb822 cannot say: a bad or duplicate name, blanks around the first line, or a
 * continuation line without text
 */
export function formatParagraph(fields: Iterable<readonly [string, string]>): string {
  let text = '';
  const seen = new Set<string>();
  for (const [name, value] of fields) {
    const refuse = (why: string) => new KoalaError('archive', `cannot write the field ${JSON.stringify(name)}: ${why}`);
    if (!/^[!"$-,.-9;-~][!-9;-~]*$/.test(name)) throw refuse('the name is not one of deb822(5)');
    if (seen.has(name.toLowerCase())) throw refuse('it occurs twice');
    seen.add(name.toLowerCase());
    const [first = '', ...continuation] = value.split('\n');
    if (/^[ \t]|[ \t]$/.test(first)) throw refuse('its first line has blanks around it');
    if (value.includes('\r')) throw refuse('it has a carriage return');
    if (continuation.some((line) => /^[ \t]*$/.test(line))) throw refuse('it has a blank line');
    text += first === '' ? `${name}:\n` : `${name}: ${first}\n`;
    for (const line of continuation) text += ` ${line}\n`;
  }
  return text;
}

/** The end of the run of characters that Policy 5.1 allows in a field name. */
function endOfName(text: string, at: number, end: number): number {
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === COLON || code <= SPACE || code > TILDE) break;
    at++;
  }
  return at;
}

function skipBlanks(text: string, at: number, end: number): number {
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function wrong(origin: string, line: number, why: string): KoalaError {
  return new KoalaError('archive', `cannot read ${origin}:${line}: ${why}`);
}
