/** The fields in which apt meets a package's name while it reads an index, in lower case. */
const NAMING_FIELDS: ReadonlySet<string> = new Set([
  'package',
  'depends',
  'pre-depends',
  'recommends',
  'suggests',
  'enhances',
  'conflicts',
  'breaks',
  'replaces',
  'provides',
]);

const TAB = 0x09;
const LF = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const BAR = 0x7c;

/**
 * The byte of a Packages index at which a package is named first, as a package or in a relation field; undefined where it
 * is not. Asked for few names, so it searches instead of keeping a table of all of them.
 */
export function firstMentionIn(bytes: Buffer, name: string): number | undefined {
  for (let at = bytes.indexOf(name); at !== -1; at = bytes.indexOf(name, at + 1)) {
    const isWord = !isNameByte(bytes[at - 1]) && !isNameByte(bytes[at + name.length]);
    if (isWord && startsEntry(bytes, at)) return at;
  }
  return undefined;
}

/** Whether an entry of a naming field starts here: after the field's colon, a comma or a bar, and blanks. */
function startsEntry(bytes: Buffer, at: number): boolean {
  let start = lineStart(bytes, at);
  while (start > 0 && isBlank(bytes[start])) start = lineStart(bytes, start - 1);
  const colon = bytes.indexOf(COLON, start);
  if (colon === -1 || colon >= at || !NAMING_FIELDS.has(bytes.toString('latin1', start, colon).toLowerCase()))
    return false;
  let before = at - 1;
  while (isBlank(bytes[before]) || bytes[before] === LF) before--;
  return before === colon || bytes[before] === COMMA || bytes[before] === BAR;
}

function lineStart(bytes: Buffer, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(LF, at - 1) + 1;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function isNameByte(byte: number | undefined): boolean {
  return byte !== undefined && /[A-Za-z0-9+._-]/.test(String.fromCharCode(byte));
}
