import { parseParagraph } from '../../formats/deb822.js';

/** The order in which dpkg writes the fields that it knows (fieldinfos in lib/dpkg/parse.c). */
const KNOWN_FIELDS = [
  'Package',
  'Essential',
  'Protected',
  'Status',
  'Priority',
  'Section',
  'Installed-Size',
  'Origin',
  'Maintainer',
  'Bugs',
  'Architecture',
  'Multi-Arch',
  'Source',
  'Version',
  'Replaces',
  'Provides',
  'Depends',
  'Pre-Depends',
  'Recommends',
  'Suggests',
  'Breaks',
  'Conflicts',
  'Enhances',
  'Conffiles',
  'Description',
];
const RELATIONS = new Set(KNOWN_FIELDS.slice(14, 23));

/**
 * A stanza as dpkg writes it into its database: the fields that it knows in its own order, the others behind them in the
 * order of the control file, relations on one line.
 *
 * @param text the control file.
 * @param origin what to call it in messages.
 * @param extra fields that the control file does not have (`Status`, `Conffiles`); values may span lines.
 * @returns the stanza with a newline at its end.
 */
export function databaseStanza(text: string, origin: string, extra: ReadonlyMap<string, string>): string {
  const fields = new Map([...asWritten(text, origin), ...extra]);
  const byName = new Map([...fields].map(([name, value]) => [name.toLowerCase(), value]));
  const known = KNOWN_FIELDS.flatMap((name) => {
    const value = byName.get(name.toLowerCase());
    return value === undefined ? [] : [formatField(name, value)];
  });
  const knownNames = new Set(KNOWN_FIELDS.map((name) => name.toLowerCase()));
  const others = [...fields].filter(([name]) => !knownNames.has(name.toLowerCase()));
  return [...known, ...others.map(([name, value]) => formatField(name, value))].join('');
}

/**
 * The fields with the blanks that the control file has behind their first lines: dpkg takes away only those at the end of a whole
 * value (parse_stanza in lib/dpkg/parse.c).
 */
function asWritten(text: string, origin: string): (readonly [name: string, value: string])[] {
  const control = parseParagraph(text, origin);
  const lines = text.split('\n');
  return [...control.fields()].map(([name, value]) => {
    const line = lines[(control.lineOf(name) ?? 0) - 1] ?? '';
    const blanks = /[^ \t]([ \t]+)$/.exec(line)?.[1] ?? '';
    return [name, value.replace('\n', `${blanks}\n`)];
  });
}

function formatField(name: string, value: string): string {
  const text = RELATIONS.has(name) ? value.replace(/\s*\n\s*/g, ' ').trim() : value;
  const lines = text.split('\n');
  const first = lines[0] === '' ? `${name}:` : `${name}: ${lines[0]}`;
  return `${[first, ...lines.slice(1).map((line) => ` ${line}`)].join('\n')}\n`;
}
