import { type Paragraph, parseParagraphs } from './deb822.js';

/** What a machine-readable copyright file says of licences. */
export interface Copyright {
  /** The licences of its Files paragraphs, each once, in the order of the file: `GPL-2+ or Artistic`. */
  readonly synopses: readonly string[];
  /** The text of a licence by its synopsis; undefined where the file has none. */
  textOf(synopsis: string): string | undefined;
}

/**
 * Reads a copyright file of the format 1.0 (www.debian.org/doc/packaging-manuals/copyright-format/1.0) or of one of the
 * drafts before it, DEP-5.
 *
 * @param origin the file, for messages
 * @returns undefined where it does not say that it is machine-readable
 * @throws KoalaError `archive` where it says so and is not
 */
export function parseCopyright(text: string, origin: string): Copyright | undefined {
  if (!/^Format(?:-Specification)?:.*(?:copyright-format|dep-?5)/im.test(text.slice(0, MAX_HEADER))) return undefined;
  const paragraphs = parseParagraphs(text, origin);
  const licences = paragraphs.flatMap((paragraph) => licenceOf(paragraph));
  const files = licences.filter(({ paragraph }) => paragraph.get('Files') !== undefined);
  // A file may have nothing but its header: then that speaks of all files.
  const speaking = files.length > 0 ? files : licences.slice(0, 1);
  const texts = new Map<string, string>();
  for (const { synopsis, body } of licences) {
    const key = synopsis.toLowerCase();
    if (body !== '' && !texts.has(key)) texts.set(key, body);
  }
  return {
    synopses: [...new Set(speaking.map(({ synopsis }) => synopsis))],
    textOf: (synopsis) => texts.get(synopsis.toLowerCase()),
  };
}

/** Comments and blank lines may stand before the header's first field. */
const MAX_HEADER = 4096;

/** The first line of the field is the synopsis, the others are the text; a line with nothing but a dot is an empty one. */
function licenceOf(paragraph: Paragraph): { paragraph: Paragraph; synopsis: string; body: string }[] {
  const field = paragraph.get('License');
  if (field === undefined) return [];
  const [first = '', ...lines] = field.split('\n');
  const body = lines.map((line) => (line.trim() === '.' ? '' : line.trimEnd())).join('\n');
  return [{ paragraph, synopsis: first.replace(/\s+/g, ' ').trim(), body: body.trim() }];
}
