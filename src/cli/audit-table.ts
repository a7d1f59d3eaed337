import type { AuditReport } from '../build-types.js';
import type { ScriptAudit } from '../configure/audit.js';
import { clip, counted, type Look, printable, type Style, styled, wrap } from './text.js';

type Outcome = ScriptAudit['outcome'];

/** The worst first: a package has the outcome of the script that went worst. */
const OUTCOMES: Readonly<Record<Outcome, { readonly word: string; readonly style: Style }>> = {
  'not-understood': { word: 'not understood', style: 'red' },
  'not-run': { word: 'not run', style: 'yellow' },
  'native-effect': { word: 'native effect', style: 'green' },
  interpreted: { word: 'interpreted', style: 'green' },
  'no-effect': { word: 'no effect', style: 'dim' },
};
const RANKED = Object.keys(OUTCOMES) as Outcome[];

const GAP = '  ';
const LABEL_COLUMNS = 12;
/** What names and lists of scripts are cut to, at least, before a package takes two lines. */
const MIN_NAME = 16;
const MIN_SCRIPTS = 8;

interface Row {
  readonly name: string;
  readonly outcome: Outcome;
  readonly changed: string;
  readonly leftOut: string;
  readonly scripts: string;
}

interface Widths {
  readonly name: number;
  readonly outcome: number;
  readonly changed: number;
  readonly leftOut: number;
  readonly scripts: number;
}

interface Layout {
  /** Whether each script is shown, with all that it changed and that was left out. */
  readonly verbose: boolean;
  readonly look: Look;
  /** The width to keep to; Infinity cuts nothing. */
  readonly columns: number;
}

/** How many scripts have each outcome. */
export function outcomeCounts(scripts: readonly ScriptAudit[]): Record<Outcome, number> {
  const counts = { interpreted: 0, 'no-effect': 0, 'native-effect': 0, 'not-understood': 0, 'not-run': 0 };
  for (const { outcome } of scripts) counts[outcome] += 1;
  return counts;
}

/** A line for each package that has scripts, below it what was not understood, at last the sums. */
export function formatAuditTable({ chosen, scripts }: AuditReport, layout: Layout): string {
  const { look, columns } = layout;
  const packages = chosen.plan.stages.reduce((sum, stage) => sum + stage.packages.length, 0);
  const byPackage = new Map<string, ScriptAudit[]>();
  for (const script of scripts) byPackage.set(script.package, [...(byPackage.get(script.package) ?? []), script]);
  const rows = [...byPackage].map(([name, own]) => ({ row: rowOf(name, own), own }));
  const widths = widthsOf(
    rows.map(({ row }) => row),
    columns,
  );
  const lines = rows.flatMap(({ row, own }) => [
    ...(widths === undefined ? twoLines(row, layout) : [oneLine(row, widths, look)]),
    ...own.flatMap((script) => detailsOf(script, layout)),
  ]);
  const head = widths === undefined || rows.length === 0 ? [] : [headLine(widths, look)];
  const gap = rows.length === 0 ? [] : [''];
  const foot: [string, string][] = [
    ['packages', `${packages}, ${byPackage.size} with maintainer scripts`],
    ['scripts', scriptsText(scripts)],
    ...leftOutText(scripts).map((text): [string, string] => ['left out', text]),
  ];
  const footLines = foot.flatMap(([label, text]) =>
    wrap(text, columns - LABEL_COLUMNS).map(
      (line, at) => `${styled('bold', (at === 0 ? label : '').padEnd(LABEL_COLUMNS), look)}${line}`,
    ),
  );
  return [...head, ...lines, ...gap, ...footLines].map((line) => `${line.trimEnd()}\n`).join('');
}

/** `61: 40 interpreted, 15 no effect, 1 not understood` */
function scriptsText(scripts: readonly ScriptAudit[]): string {
  const counts = outcomeCounts(scripts);
  const parts = RANKED.toReversed()
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${OUTCOMES[outcome].word}`);
  return parts.length === 0 ? '0' : `${scripts.length}: ${parts.join(', ')}`;
}

/** `invoke-rc.d 12, systemctl 5`: the commands that scripts called and that are left out, with the number of scripts. */
function leftOutText(scripts: readonly ScriptAudit[]): string[] {
  const counts = new Map<string, number>();
  for (const { leftOut } of scripts) {
    for (const command of new Set(leftOut.map((one) => one.command))) {
      counts.set(command, (counts.get(command) ?? 0) + 1);
    }
  }
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return sorted.length === 0 ? [] : [sorted.map(([command, count]) => `${command} ${count}`).join(', ')];
}

function rowOf(name: string, scripts: readonly ScriptAudit[]): Row {
  const outcome = RANKED.find((each) => scripts.some((script) => script.outcome === each)) ?? 'no-effect';
  const leftOut = scripts.reduce((sum, script) => sum + script.leftOut.length, 0);
  return {
    name,
    outcome,
    changed: blankForZero(new Set(scripts.flatMap((script) => script.changed)).size),
    leftOut: blankForZero(leftOut),
    scripts: [...new Set(scripts.map(({ script }) => script))].join(', '),
  };
}

function blankForZero(count: number): string {
  return count === 0 ? '' : String(count);
}

const TITLES = { name: 'package', outcome: 'outcome', changed: 'changed', leftOut: 'left out', scripts: 'scripts' };

/** How wide each column is; undefined where a line is too short for all of them. */
function widthsOf(rows: readonly Row[], columns: number): Widths | undefined {
  const longest = (cell: (row: Row) => string, title: string): number => {
    return Math.max(title.length, ...rows.map((row) => cell(row).length));
  };
  const outcome = longest((row) => OUTCOMES[row.outcome].word, TITLES.outcome);
  const [changed, leftOut] = [TITLES.changed.length, TITLES.leftOut.length];
  const cells = {
    name: longest((row) => row.name, TITLES.name),
    scripts: longest((row) => row.scripts, TITLES.scripts),
  };
  const room = columns - outcome - changed - leftOut - 4 * GAP.length;
  const least = { name: Math.min(cells.name, MIN_NAME), scripts: Math.min(cells.scripts, MIN_SCRIPTS) };
  for (const cell of ['scripts', 'name'] as const) {
    const excess = cells.name + cells.scripts - room;
    if (excess > 0) cells[cell] = Math.max(least[cell], cells[cell] - excess);
  }
  return cells.name + cells.scripts > room ? undefined : { ...cells, outcome, changed, leftOut };
}

function headLine(widths: Widths, look: Look): string {
  return styled('bold', cellsOf(TITLES, widths, look).join(GAP), look);
}

function oneLine(row: Row, widths: Widths, look: Look): string {
  const { word, style } = OUTCOMES[row.outcome];
  const [name = '', outcome = '', ...rest] = cellsOf({ ...row, outcome: word }, widths, look);
  return [name, styled(style, outcome, look), ...rest].join(GAP);
}

function cellsOf(cells: typeof TITLES, widths: Widths, look: Look): string[] {
  return [
    clip(cells.name, widths.name, look).padEnd(widths.name),
    cells.outcome.padEnd(widths.outcome),
    cells.changed.padStart(widths.changed),
    cells.leftOut.padStart(widths.leftOut),
    clip(cells.scripts, widths.scripts, look),
  ];
}

function twoLines({ name, outcome, changed, leftOut, scripts }: Row, { look, columns }: Layout): string[] {
  const { word, style } = OUTCOMES[outcome];
  const counts = [
    scripts,
    ...(changed === '' ? [] : [`${changed} changed`]),
    ...(leftOut === '' ? [] : [`${leftOut} left out`]),
  ];
  return [
    clip(name, columns, look),
    styled(style, clip(`${GAP}${word}`, columns, look), look),
    clip(`${GAP}${counts.join(', ')}`, columns, look),
  ];
}

/** What was not understood, always; the rest where it is asked for. */
function detailsOf(audit: ScriptAudit, { verbose, look, columns }: Layout): string[] {
  const { script, outcome, changed, leftOut, notUnderstood } = audit;
  const indented = (text: string, by: number): string[] =>
    wrap(printable(text, look), columns - by - GAP.length).map((line, at) => {
      return `${' '.repeat(by)}${at === 0 ? '' : GAP}${line}`;
    });
  const wrong = notUnderstood.map((entry) => `${placeOf(script, entry.line)}: ${textOf(script, entry)}`);
  if (!verbose) return wrong.flatMap((text) => indented(text, 2));
  return [
    ...indented(`${script}: ${OUTCOMES[outcome].word}, ${counted(changed.length, 'path')} changed`, 2),
    ...changed.flatMap((path) => indented(path, 4)),
    ...leftOut.flatMap((entry) => {
      return indented(`left out: ${placeOf(script, entry.line)}: ${textOf(script, entry)}`, 4);
    }),
    ...wrong.flatMap((text) => indented(`not understood: ${text}`, 4)),
  ];
}

/** `postinst:12`; the script alone where it is about all of it. */
function placeOf(script: string, line: number): string {
  return line === 0 ? script : `${script}:${line}`;
}

function textOf(script: string, { command, why }: { readonly command: string; readonly why: string }): string {
  return command === script ? why : `${command}: ${why}`;
}
