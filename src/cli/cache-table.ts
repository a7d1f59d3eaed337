import { type Entry, sizeOf } from '../cache/entries.js';
import { formatRows, LABEL_COLUMNS } from './summary.js';
import { clip, counted, formatBytes, type Look, printable, styled, wrap } from './text.js';

/** An entry with what it is, where that is known. */
export interface NamedEntry extends Entry {
  readonly name: string | undefined;
}

export const SORTS = ['kind', 'name', 'size', 'used'] as const;
export type Sort = (typeof SORTS)[number];

const GAP = '  ';
/** What names are cut to, at least, before an entry takes two lines. */
const MIN_NAME = 16;
type Cells = Readonly<Record<'kind' | 'name' | 'size' | 'used', string>>;
const HEAD: Cells = { kind: 'KIND', name: 'NAME', size: 'SIZE', used: 'LAST USED' };

/** By kind and name; by name; the largest first; the last used first. */
export function sortEntries(entries: readonly NamedEntry[], by: Sort): NamedEntry[] {
  const byName = (a: NamedEntry, b: NamedEntry): number => compare(nameOf(a), nameOf(b)) || compare(a.path, b.path);
  const orders: Readonly<Record<Sort, (a: NamedEntry, b: NamedEntry) => number>> = {
    kind: (a, b) => compare(a.kind, b.kind) || byName(a, b),
    name: byName,
    size: (a, b) => b.size - a.size || byName(a, b),
    used: (a, b) => b.lastUsed - a.lastUsed || byName(a, b),
  };
  return [...entries].sort(orders[by]);
}

/**
 * A line for each entry; two where a line is too short.
 *
 * @param columns the width to keep to; Infinity cuts nothing
 */
export function formatEntries(entries: readonly NamedEntry[], look: Look, columns: number): string {
  if (entries.length === 0) return '';
  const rows = entries.map((entry) => ({
    kind: entry.kind,
    name: printable(`${nameOf(entry)}${entry.state === 'whole' ? '' : ` (${entry.state})`}`, look),
    size: formatBytes(entry.size),
    used: new Date(entry.lastUsed).toISOString().slice(0, 16).replace('T', ' '),
  }));
  const all = [HEAD, ...rows];
  const longest = (cell: keyof Cells): number => Math.max(...all.map((row) => row[cell].length));
  const [kind, size, used] = [longest('kind'), longest('size'), longest('used')];
  const name = Math.min(longest('name'), columns - kind - size - used - 3 * GAP.length);
  const oneLine = (row: Cells): string => {
    return [row.kind.padEnd(kind), clip(row.name, name, look).padEnd(name), row.size.padStart(size), row.used].join(
      GAP,
    );
  };
  const twoLines = (row: Cells): string[] => {
    return [row.name, `${GAP}${row.kind}, ${row.size}, ${row.used}`].map((line) => clip(line, columns, look));
  };
  const fits = name >= Math.min(MIN_NAME, longest('name'));
  const lines = fits ? [styled('bold', oneLine(HEAD), look), ...rows.map(oneLine)] : rows.flatMap(twoLines);
  return lines.map((line) => `${line}\n`).join('');
}

/** How much there is of each kind, and of the limit. */
export function formatTotals(
  entries: readonly Entry[],
  limit: number | undefined,
  look: Look,
  columns: number,
): string {
  const total = `${sumText(entries)}${limit === undefined ? ', no limit' : `, limit ${formatBytes(limit)}`}`;
  const rows = [...kindRows(entries), ['total', wrap(total, columns - LABEL_COLUMNS)] as const];
  return `${entries.length === 0 ? '' : '\n'}${formatRows(rows, look)}`;
}

/** What went of each kind, and what is there now. */
export function formatKinds(
  removed: readonly Entry[],
  kept: { readonly entries: number; readonly size: number },
  { verb, notes }: { readonly verb: string; readonly notes: readonly string[] },
  look: Look,
  columns: number,
): string {
  const width = columns - LABEL_COLUMNS;
  const rows = [
    ...(removed.length === 0 ? [] : kindRows(removed)),
    [verb, wrap(sumText(removed), width)] as const,
    ['kept', wrap(`${counted(kept.entries, 'entry')}, ${formatBytes(kept.size)}`, width)] as const,
    ...notes.map((note) => ['note', wrap(note, width)] as const),
  ];
  return formatRows(rows, look);
}

function kindRows(entries: readonly Entry[]) {
  const kinds = [...new Set(entries.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => [kind, [sumText(entries.filter((entry) => entry.kind === kind))]] as const);
}

function sumText(entries: readonly Entry[]): string {
  return `${counted(entries.length, 'entry')}, ${formatBytes(sizeOf(entries))}`;
}

/** What nobody can name goes by its digest. */
function nameOf({ name, key }: NamedEntry): string {
  return name ?? key;
}

/** Not by the locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
