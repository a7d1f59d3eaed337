import type { CheckReport } from '../build-types.js';
import type { CheckedFinding } from '../check/check-tree.js';
import type { Suggestion } from '../check/suggest.js';
import { chainOf } from './check-chain.js';
import { counted, formatBytes, type Look, printable, type Style, styled, wrap } from './text.js';

interface Layout {
  /** Whether everything is shown: what is only worth knowing, and all files that need a thing. */
  readonly verbose: boolean;
  readonly look: Look;
  /** The width to keep to; Infinity cuts nothing. */
  readonly columns: number;
}

const LABEL_COLUMNS = 13;
const SHOWN = 3;
const STYLES: Readonly<Record<CheckedFinding['severity'], Style>> = {
  error: 'red',
  warning: 'yellow',
  information: 'dim',
};
const WORDS: Readonly<Record<CheckedFinding['type'], string>> = {
  library: 'library',
  'symbol-version': 'symbol version',
  interpreter: 'interpreter',
  architecture: 'architecture',
  cpu: 'CPU',
  link: 'target of a link',
  dlopen: 'library to open',
  command: 'command',
  data: 'data',
};

/** A block for each missing thing: who needs it, by which chain that came in, what would supply it. */
export function formatCheckTable(report: CheckReport, layout: Layout): string {
  const { look, columns, verbose } = layout;
  const shown = report.findings.filter(({ severity }) => verbose || severity !== 'information');
  const chain = chainOf(report);
  const blocks = shown.flatMap((finding) => {
    const name = finding.needs.find((need) => need.package !== undefined)?.package;
    const rows: [string, string][] = [
      ...(finding.detail === undefined ? [] : [['', finding.detail] as [string, string]]),
      ...listed('needed by', needTexts(finding), verbose),
      ...listed('stops', finding.stops.programs, verbose),
      ...(finding.accepted === undefined ? [] : [['accepted', finding.accepted] as [string, string]]),
      ...(finding.accepted === undefined ? [chain(name, look.unicode ? '→' : '->')] : [])
        .flatMap((text) => text ?? [])
        .map((text): [string, string] => ['came in by', text]),
      ...(report.suggestions.get(finding) ?? [])
        .map(suggestionText)
        .map((text, at): [string, string] => [at === 0 ? 'supplied by' : '', text]),
    ];
    return [titleOf(finding, look), ...rows.flatMap((row) => rowLines(row, look, columns)), ''];
  });
  const foot: [string, string][] = [
    ['tree', sumText(report)],
    ...(verbose ? report.unusedAccepts : []).map(({ missing }): [string, string] => [
      'accepted',
      `${missing}, which is not missing`,
    ]),
    [report.closed ? 'closed' : 'open', verdictText(report)],
  ];
  return [...blocks, ...foot.flatMap((row) => rowLines(row, look, columns, ''))]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** `error: interpreter /bin/sh (stops 3 scripts)` */
function titleOf({ severity, type, missing, accepted, stops }: CheckedFinding, look: Look): string {
  const word = styled(
    accepted === undefined ? STYLES[severity] : 'dim',
    accepted === undefined ? severity : 'accepted',
    look,
  );
  const name = styled('bold', printable(missing, look), look);
  const stopped = stopsText(stops);
  return `${word}: ${WORDS[type]} ${name}${stopped === '' ? '' : ` (stops ${stopped})`}`;
}

function stopsText({ programs, scripts }: CheckedFinding['stops']): string {
  return [
    ...(programs.length > 0 ? [counted(programs.length, 'program')] : []),
    ...(scripts.length > 0 ? [counted(scripts.length, 'script')] : []),
  ].join(' and ');
}

function needTexts({ needs }: CheckedFinding): string[] {
  return needs.map((need) => `${need.path}${need.package === undefined ? '' : ` of ${need.package}`} (${need.how})`);
}

function listed(label: string, texts: readonly string[], all: boolean): [string, string][] {
  const shown = all ? texts : texts.slice(0, SHOWN);
  const more = texts.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].map((text, at) => [at === 0 ? label : '', text]);
}

function suggestionText({ package: name, packages, bytes }: Suggestion): string {
  return `${name}: ${counted(packages, 'package')}, ${formatBytes(bytes)} installed`;
}

function rowLines([label, text]: [string, string], look: Look, columns: number, indent = '  '): string[] {
  const lines = wrap(printable(text, look), columns - LABEL_COLUMNS - indent.length);
  return lines.map(
    (line, at) => `${indent}${styled('bold', (at === 0 ? label : '').padEnd(LABEL_COLUMNS), look)}${line}`,
  );
}

function sumText({ architecture, kernel, counts }: CheckReport): string {
  return [
    architecture ?? 'no programs',
    counted(counts.files, 'file'),
    `${counts.elf} of ELF (${counted(counts.programs, 'program')})`,
    counted(counts.scripts, 'script'),
    counted(counts.links, 'link'),
    ...(kernel === undefined ? [] : [`Linux ${kernel} or newer`]),
  ].join(', ');
}

function verdictText({ findings }: CheckReport): string {
  const open = findings.filter(({ accepted }) => accepted === undefined);
  const count = (severity: CheckedFinding['severity']): number =>
    open.filter((one) => one.severity === severity).length;
  const accepted = findings.length - open.length;
  const scriptsOnly = open.filter(({ severity, stops }) => {
    return severity === 'error' && stops.programs.length === 0 && stops.scripts.length > 0;
  });
  const only = scriptsOnly.length > 0 ? ` (${scriptsOnly.length} of them of scripts only)` : '';
  return [
    `${counted(count('error'), 'error')}${only}`,
    counted(count('warning'), 'warning'),
    ...(accepted > 0 ? [`${accepted} accepted`] : []),
    ...(count('information') > 0 ? [`${count('information')} worth knowing (--verbose)`] : []),
  ].join(', ');
}
