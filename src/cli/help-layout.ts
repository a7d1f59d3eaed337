import { wrap } from './text.js';

/** A command, and what is to be said of it. */
export type Example = readonly [command: string, note?: string];

/** Where the notes of examples begin. */
const NOTE_COLUMN = 53;
const CONTINUED = '    ';

/**
 * The head of a command's help: how it is called, and what it does.
 *
 * @param synopsis a line each
 * @param prose a paragraph each
 */
export function layOutUsage(synopsis: readonly string[], prose: readonly string[], columns: number): string {
  const lines = (texts: readonly string[]): string[] => texts.flatMap((text) => wrap(text, columns));
  return [...lines(synopsis), '', ...lines(prose)].join('\n');
}

/** Examples with notes beside them, or below where there is no room. Commands that are too long go on behind a backslash. */
export function layOutExamples(examples: readonly Example[], columns: number): string {
  const lines = examples.flatMap(([command, note]) => {
    const line = `  ${command}`;
    if (note === undefined) return broken(line, columns);
    const beside = `${line.padEnd(NOTE_COLUMN)}${note}`;
    const hasRoom = line.length < NOTE_COLUMN - 1 && beside.length <= columns;
    return hasRoom ? [beside] : [...broken(line, columns), `      # ${note}`];
  });
  return ['Examples:', ...lines].join('\n');
}

/** Rows of a name and what it means, which may take several lines. */
export function layOutRows(
  title: string,
  rows: readonly (readonly [label: string, text: string])[],
  columns: number,
): string {
  const column = Math.max(...rows.map(([label]) => label.length)) + 4;
  const lines = rows.flatMap(([label, text]) =>
    wrap(text, columns - column).map(
      (line, at) => (at === 0 ? `  ${label}`.padEnd(column) : ' '.repeat(column)) + line,
    ),
  );
  return [...wrap(title, columns), ...lines].join('\n');
}

/** A command on several lines, as a shell takes it. */
function broken(line: string, columns: number): string[] {
  if (line.length <= columns) return [line];
  const lines = wrap(line.trimStart(), columns - CONTINUED.length - ' \\'.length);
  return lines.map((part, at) => `${at === 0 ? '  ' : CONTINUED}${part}${at === lines.length - 1 ? '' : ' \\'}`);
}
