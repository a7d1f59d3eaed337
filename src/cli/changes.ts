import type { PackageChange } from '../solve/lock/changes.js';
import { clip, type Look, printable, styled } from './text.js';

const GAP = '  ';

/**
 * A line for each package: what became of it, its versions, where it comes from now, and the architectures where these are
 * not all.
 *
 * @param all how many architectures there are
 * @param columns the width to keep to: what is wider takes a second line; Infinity for a pipe
 */
export function formatChanges(changes: readonly PackageChange[], all: number, look: Look, columns: number): string[] {
  const rows = changes.map((change) => ({ change, cells: cellsOf(change, all, look) }));
  const widths = [0, 1, 2].map((at) => Math.max(0, ...rows.map(({ cells }) => cells[at]?.length ?? 0)));
  return rows.flatMap(({ change, cells }) => {
    const [kind = '', name = '', ...rest] = cells;
    const mark = styled(change.security ? 'red' : 'dim', kind.padEnd(widths[0] ?? 0), look);
    const line = [name.padEnd(widths[1] ?? 0), (rest[0] ?? '').padEnd(widths[2] ?? 0), ...rest.slice(1)]
      .join(GAP)
      .trimEnd();
    const room = columns - (widths[0] ?? 0) - GAP.length;
    if (line.length <= room) return [`${mark}${GAP}${line}`];
    const detail = rest.filter((cell) => cell !== '').join(GAP);
    return [`${mark}${GAP}${clip(name, room, look)}`, `${GAP}${GAP}${clip(detail, columns - 2 * GAP.length, look)}`];
  });
}

function cellsOf({ name, from, to, suite, security, architectures }: PackageChange, all: number, look: Look): string[] {
  const kind = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed';
  const arrow = look.unicode ? '→' : '->';
  const versions = from === undefined || to === undefined ? (to ?? from ?? '') : `${from} ${arrow} ${to}`;
  const cells = [security ? 'security' : kind, name, versions, suite ?? ''];
  return [...cells, ...(architectures.length < all ? [architectures.join(' ')] : [])].map((cell) =>
    printable(cell, look),
  );
}
