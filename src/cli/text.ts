import { styleText } from 'node:util';

/** Of what does not say how wide it is. */
export const DEFAULT_COLUMNS = 80;

/** How wide a table may be that goes to a stream. */
export function tableColumns({ columns }: { readonly columns?: number }): number {
  return columns || DEFAULT_COLUMNS;
}

/** How wide a report may be: what reads a pipe wants all of it. */
export function reportColumns({ columns }: { readonly columns?: number }): number {
  return columns || Number.POSITIVE_INFINITY;
}

/** What a stream can show. */
export interface Look {
  readonly color: boolean;
  /** False: nothing but ASCII, since the locale has no UTF-8. */
  readonly unicode: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** NO_COLOR is that of no-color.org; the locale's encoding is looked up in the order of locale(7). */
export function lookOf(stream: { readonly isTTY?: boolean }, environment: Environment): Look {
  const { NO_COLOR, TERM, LC_ALL, LC_CTYPE, LANG } = environment;
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return {
    color: stream.isTTY === true && !NO_COLOR && TERM !== 'dumb',
    unicode: /utf-?8/i.test(locale),
  };
}

export type Style = Parameters<typeof styleText>[0];

export function styled(style: Style, text: string, { color }: Look): string {
  return color && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}

/**
 * Controls, and what reorders or hides text: C0, DEL and C1, bidirectional and invisible formatting, separators, lone
 * surrogates.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const NOT_ASCII = /[^\x20-\x7e]/gu;

/**
 * Text from outside (an archive, a server, a file name) on one line, as a terminal may be given it: whatever could move the
 * cursor or disguise the text is shown escaped.
 */
export function printable(text: string, { unicode }: Pick<Look, 'unicode'>): string {
  return text.replace(unicode ? UNPRINTABLE : NOT_ASCII, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** Text cut to a number of columns, with a mark where it was cut. */
export function clip(text: string, columns: number, { unicode }: Pick<Look, 'unicode'>): string {
  const characters = [...text];
  if (characters.length <= columns) return text;
  const mark = unicode ? '…' : '~';
  return columns < 1 ? '' : characters.slice(0, columns - 1).join('') + mark;
}

/** `812 kB`, `10.2 MB`: decimal units (SI), three digits or so. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (unit < units.length - 1 && Number(value.toPrecision(3)) >= 1000) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `3.2 s`, `4 min 10 s`, `1 h 2 min` */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1 package`, `14 packages` */
export function counted(count: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Breaks text at blanks; a word that is wider than the line stays whole. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
