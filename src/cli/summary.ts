import type { BuildSummary } from '../build-types.js';
import { STEPS } from './progress-state.js';
import { clip, counted, formatBytes, type Look, printable, styled, wrap } from './text.js';

export const LABEL_COLUMNS = 12;

/** A label, and lines beside it. */
export type Row = readonly [label: string, lines: readonly string[]];

const SIZE_COLUMNS = 8;
const LARGEST = 5;

/**
 * The table at the end of a build. Digests and paths are never cut, so that they can be copied; names of packages are.
 *
 * @param columns the width to keep to
 */
export function formatSummary(summary: BuildSummary, look: Look, columns: number): string {
  const { output, packages, seconds } = summary;
  const rows: Row[] = [
    ['packages', wrap(packagesText(summary), columns - LABEL_COLUMNS)],
    ['largest', largest(packages, look, columns - LABEL_COLUMNS)],
    ['size', wrap(`${formatBytes(output.bytes)}, ${counted(output.entries, 'entry')}`, columns - LABEL_COLUMNS)],
    ['output', [output.path === '-' ? 'standard output' : printable(output.path, look)]],
    ['sha256', [output.sha256]],
    ...sbomRows(summary.sboms, look),
    ['fetched', wrap(fetchedText(summary), columns - LABEL_COLUMNS)],
    ...archiveRows(summary.archives, summary.unread, columns - LABEL_COLUMNS),
    ['date', [new Date(summary.epoch * 1000).toISOString().replace('.000', '')]],
    ['seconds', wrap(secondsText(seconds), columns - LABEL_COLUMNS)],
    ...warningRows(summary, look, columns - LABEL_COLUMNS),
  ];
  return formatRows(rows, look);
}

/** Labels in a column, what they are of beside them. */
export function formatRows(rows: readonly Row[], look: Look): string {
  return rows
    .flatMap(([label, lines]) => lines.map((line, index) => row(index === 0 ? label : '', line, look)))
    .join('');
}

function row(label: string, line: string, look: Look): string {
  const padded = label.padEnd(LABEL_COLUMNS);
  return `${styled(label.startsWith('warning') ? 'yellow' : 'bold', padded, look)}${line}`.trimEnd().concat('\n');
}

function packagesText({ packages, stages, profile, suite, architecture }: BuildSummary): string {
  const perStage = stages.map((stage) => `${stage.packages} ${stage.name}`).join(', ');
  const split = stages.length > 1 ? ` (${perStage})` : '';
  return `${packages.length}${split}, profile ${profile}, ${suite}, ${architecture}`;
}

function fetchedText({ reused, bytes: { fetched, fromStore, unpacked } }: BuildSummary): string {
  if (reused) return 'nothing: the same was built before, and copied';
  return `${formatBytes(fetched)}, ${formatBytes(fromStore)} from the store, ${formatBytes(unpacked)} unpacked`;
}

/** What was written where. */
export function sbomRows(sboms: BuildSummary['sboms'], look: Look): Row[] {
  if (sboms.length === 0) return [];
  const lines = sboms.map(({ path, inside, bytes }) => {
    return `${printable(path, look)}${inside ? ' in the output' : ''}, ${formatBytes(bytes)}`;
  });
  return [['sbom', lines]];
}

/** What was read, of which day, and what was not. */
export function archiveRows(
  archives: readonly { readonly suite: string; readonly date: string }[],
  unread: readonly string[],
  columns: number,
): [string, string[]][] {
  const read = archives.map(({ suite, date }) => `${suite} ${date.slice(0, 10)}`).join(', ');
  const rows: [string, string[]][] = [['archives', wrap(read, columns)]];
  if (unread.length > 0) rows.push(['updates', wrap(`not read: --updates adds ${unread.join(', ')}`, columns)]);
  return rows;
}

/** Only what took long enough to be worth a word. */
function secondsText(seconds: BuildSummary['seconds']): string {
  const steps = STEPS.filter((step) => seconds[step] >= 0.05).map((step) => `${step} ${seconds[step].toFixed(1)}`);
  const total = seconds.total.toFixed(1);
  return steps.length === 0 ? total : `${total} (${steps.join(', ')})`;
}

function largest(packages: BuildSummary['packages'], look: Look, columns: number): string[] {
  const shown = [...packages].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1)).slice(0, LARGEST);
  const names = shown.map(({ name }) => printable(name, look));
  const longest = Math.max(0, ...names.map((name) => name.length));
  const width = Math.max(1, Math.min(longest, columns - SIZE_COLUMNS - 2));
  return shown.map(({ bytes }, index) => {
    const name = clip(names[index] ?? '', width, look);
    return `${name.padEnd(width)}  ${formatBytes(bytes).padStart(SIZE_COLUMNS)}`;
  });
}

function warningRows({ warnings }: BuildSummary, look: Look, columns: number): [string, string[]][] {
  return warnings.map((text) => ['warning', wrap(printable(text, look), columns)]);
}
