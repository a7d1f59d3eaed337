import type { Reader } from './reader.js';
import type { Redirect, Word } from './syntax.js';
import type { Bytes } from './types.js';
import { readHereDocument } from './word-parser.js';

interface PendingDocument {
  readonly redirect: Redirect;
  readonly delimiter: Bytes;
  readonly quoted: boolean;
  readonly stripTabs: boolean;
}

/** The here-documents of a line: announced by their operators, and read when the line is at its end. */
export class HereDocuments {
  readonly #reader: Reader;
  readonly #aliases: ReadonlyMap<Bytes, Bytes>;
  #pending: PendingDocument[] = [];

  constructor(reader: Reader, aliases: ReadonlyMap<Bytes, Bytes>) {
    this.#reader = reader;
    this.#aliases = aliases;
  }

  /** @param word the delimiter, as a word. */
  expect(redirect: Redirect, word: Word, stripTabs: boolean): void {
    const quoted = word.some(({ type }) => type === 'quoted' || type === 'double');
    this.#pending.push({ redirect, delimiter: literal(word), quoted, stripTabs });
  }

  /** Those that were not read stay empty. */
  forget(): void {
    this.#pending = [];
  }

  /** Reads what is announced, and puts each text into its redirection. */
  read(): void {
    const documents = this.#pending;
    this.#pending = [];
    for (const document of documents) document.redirect.target = this.#readDocument(document);
  }

  /** Without quotes, a backslash joins a line to the next, and then that one cannot be the delimiter. */
  #readDocument({ delimiter, quoted, stripTabs }: PendingDocument): Word {
    const first = this.#reader.line;
    const lines: Bytes[] = [];
    let joined = false;
    for (;;) {
      let line = this.#reader.takeLine();
      if (line === undefined) break;
      if (stripTabs && !joined) line = line.replace(/^\t+/, '');
      if (line === delimiter && !joined) break;
      lines.push(`${line}\n`);
      joined = !quoted && /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
    }
    const text = lines.join('');
    return quoted ? [{ type: 'quoted', text }] : readHereDocument(text, first, this.#aliases);
  }
}

/** A here-document's delimiter as it is written, only without its quotes. */
function literal(word: Word): Bytes {
  return word
    .map((part) => {
      if (part.type === 'text' || part.type === 'quoted') return part.text;
      return part.type === 'double' ? literal(part.parts) : '';
    })
    .join('');
}
