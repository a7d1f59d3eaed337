import { packageName } from '../archive/package-name.js';
import type { Planned } from '../build-types.js';
import type { Plan } from '../solve/types.js';
import { dropText, reasonText, shortReason } from './plan-words.js';
import { archiveRows } from './summary.js';
import { clip, counted, formatBytes, type Look, printable, styled, wrap } from './text.js';

const LABEL_COLUMNS = 12;
const GAP = '  ';
/** What names and versions are cut to, at least, before a package takes two lines. */
const MIN_NAME = 16;
const MIN_VERSION = 10;
const MIN_REASON = 14;

type Stage = Plan['stages'][number];

/** The cells of a package; sizes are aligned right. */
interface Row {
  readonly name: string;
  readonly version: string;
  readonly size: string;
  readonly installed: string;
  readonly reason: string;
  readonly short: string;
}

interface Widths {
  readonly name: number;
  readonly version: number;
  readonly size: number;
  readonly installed: number;
  readonly reason: number;
  /** Whether the long reasons fit. */
  readonly long: boolean;
}

/**
 * The packages of a plan, stage by stage, then totals and what was left out.
 *
 * @param columns the width to keep to; what does not fit is cut, below 60 or so in two lines. Infinity cuts nothing
 */
export function formatPlanTable({ plan, releases, unread }: Planned, look: Look, columns: number): string {
  const rows = new Map(plan.stages.map((stage) => [stage, rowsOf(stage, plan.architecture, look)]));
  const widths = widthsOf([...rows.values()].flat(), columns);
  const blocks = plan.stages.map((stage) => {
    const own = rows.get(stage) ?? [];
    const title = `${printable(stage.name, look)}: ${sumText([stage])}`;
    return [
      styled('bold', clip(title, columns, look), look),
      ...own.flatMap((row) => (widths === undefined ? twoLines(row, columns, look) : [oneLine(row, widths, look)])),
      '',
    ];
  });
  const archives = releases.map(({ suite, codename, date }) => {
    return { suite: codename || suite, date: new Date(date * 1000).toISOString() };
  });
  const shown: [string, string[]][] = [
    ['packages', wrap(sumText(plan.stages), columns - LABEL_COLUMNS)],
    ...archiveRows(
      archives,
      unread.map(({ suite }) => suite),
      columns - LABEL_COLUMNS,
    ),
    ...dropTexts(plan).map((text): [string, string[]] => {
      return ['left out', wrap(printable(text, look), columns - LABEL_COLUMNS)];
    }),
  ];
  const foot = shown.flatMap(([label, lines]) =>
    lines.map((line, at) => `${styled('bold', (at === 0 ? label : '').padEnd(LABEL_COLUMNS), look)}${line}`),
  );
  return [...blocks.flat(), ...foot].map((line) => `${line.trimEnd()}\n`).join('');
}

/** `12 packages, 6.4 MB, 25.3 MB installed` */
function sumText(stages: readonly Stage[]): string {
  const records = stages.flatMap(({ packages }) => packages.map(({ record }) => record));
  const size = records.reduce((sum, record) => sum + record.size, 0);
  const installed = records.reduce((sum, record) => sum + record.installedSize * 1024, 0);
  return `${counted(records.length, 'package')}, ${formatBytes(size)}, ${formatBytes(installed)} installed`;
}

function dropTexts({ dropped, unusedDrops }: Plan): string[] {
  const unused = unusedDrops.map(({ package: name, from, reason }) => {
    return `${name} (${from === undefined ? 'no package here asks' : `${from} does not ask`} for it): ${reason}`;
  });
  return [...dropped.map(dropText), ...unused];
}

function rowsOf({ packages }: Stage, native: string, look: Look): Row[] {
  return packages.map(({ record, reason }) => ({
    name: packageName(record, native),
    version: record.version,
    size: formatBytes(record.size),
    installed: formatBytes(record.installedSize * 1024),
    reason: printable(reasonText(reason, packageName(record, native)), look),
    short: printable(shortReason(reason), look),
  }));
}

/** How wide each column is; undefined where a line is too short for all of them. */
function widthsOf(rows: readonly Row[], columns: number): Widths | undefined {
  const longest = (cell: (row: Row) => string): number => Math.max(0, ...rows.map((row) => cell(row).length));
  const size = longest((row) => row.size);
  const installed = longest((row) => row.installed);
  const name = longest((row) => row.name);
  const version = longest((row) => row.version);
  const room = columns - size - installed - 4 * GAP.length;
  const reason = longest((row) => row.reason);
  if (name + version + reason <= room) return { name, version, size, installed, reason, long: true };
  const short = longest((row) => row.short);
  const cells = { name, version, reason: short };
  const least = {
    reason: Math.min(short, MIN_REASON),
    version: Math.min(version, MIN_VERSION),
    name: Math.min(name, MIN_NAME),
  };
  for (const cell of ['reason', 'version', 'name'] as const) {
    const excess = cells.name + cells.version + cells.reason - room;
    if (excess > 0) cells[cell] = Math.max(least[cell], cells[cell] - excess);
  }
  if (cells.name + cells.version + cells.reason > room) return undefined;
  return { ...cells, size, installed, long: false };
}

function oneLine(row: Row, widths: Widths, look: Look): string {
  const cell = (text: string, width: number): string => clip(text, width, look).padEnd(width);
  return [
    cell(row.name, widths.name),
    cell(row.version, widths.version),
    row.size.padStart(widths.size),
    row.installed.padStart(widths.installed),
    clip(widths.long ? row.reason : row.short, widths.reason, look),
  ].join(GAP);
}

function twoLines(row: Row, columns: number, look: Look): string[] {
  const detail = `${row.size}, ${row.installed} installed, ${row.short}`;
  return [clip(`${row.name} ${row.version}`, columns, look), clip(`${GAP}${detail}`, columns, look)];
}
