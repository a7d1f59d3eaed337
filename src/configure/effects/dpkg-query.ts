import { bytesOf, compareStrings, pathOf } from '../shell/bytes.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, say, unsupported, withFailures } from './console.js';
import { formatPackage, statusParagraph } from './dpkg-query-format.js';
import { Files } from './files.js';
import { globMatches } from './glob.js';
import { parseOptions } from './options.js';
import { binaryName, debianState, findPackage, type InstalledPackage } from './state.js';

const OPTIONS =
  'W,show s,status l,list L,listfiles S,search p,print-avail control-list c,control-path control-show admindir: root: load-avail no-pager f,showformat: help version';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the format's own syntax
const DEFAULT_FORMAT = '${binary:Package}\t${Version}\n';
// biome-ignore lint/suspicious/noTemplateCurlyInString: the format's own syntax
const STATUS_FORMAT = '${db:Status-Abbrev}';

/** dpkg-query(1) over the set that is built, as of dpkg 1.21 and 1.22. */
export const dpkgQuery: Command = (process) => query(process, process.args.slice(1));

/** Also what `dpkg -s`, `-l`, `-L` and `-S` hand over. */
export function query(process: Process, args: readonly Bytes[]): number {
  return withFailures(process, 'dpkg-query: ', () => {
    const options = parseOptions(
      args.map((arg) => arg.replace(/^-f=/, '--showformat=')),
      OPTIONS,
      2,
    );
    const { operands } = options;
    if (options.has('show')) return show(process, operands, options.get('showformat') ?? DEFAULT_FORMAT);
    if (options.has('status')) return status(process, operands);
    if (options.has('list')) return list(process, operands);
    if (options.has('listfiles')) return listFiles(process, operands);
    if (options.has('search')) return search(process, operands);
    if (options.has('control-path')) return controlPath(process, operands);
    if (options.has('control-list')) return controlList(process, operands);
    unsupported(process, args.join(' '));
    throw new Failure('error: need an action option', 2);
  });
}

/** The packages that a pattern means, in the order of their names. */
function matching(
  process: Process,
  patterns: readonly Bytes[],
): { readonly found: InstalledPackage[]; readonly missing: Bytes[] } {
  const all = [...debianState(process).packages].sort((a, b) => compareStrings(a.name, b.name));
  if (patterns.length === 0) return { found: all, missing: [] };
  const found = all.filter((item) => patterns.some((pattern) => matches(pattern, item)));
  const missing = patterns.filter((pattern) => !all.some((item) => matches(pattern, item)));
  return { found, missing };
}

function matches(pattern: Bytes, { name, architecture }: InstalledPackage): boolean {
  const [bare = '', qualifier] = pattern.split(':');
  return globMatches(bare, name) && (qualifier === undefined || globMatches(qualifier, architecture));
}

function show(process: Process, patterns: readonly Bytes[], format: Bytes): number {
  const { found, missing } = matching(process, patterns);
  for (const item of found) process.descriptors.get(1)?.write(formatPackage(format, item));
  for (const pattern of missing) complain(process, `dpkg-query: no packages found matching ${pattern}`);
  return missing.length > 0 ? 1 : 0;
}

function status(process: Process, names: readonly Bytes[]): number {
  let missing = 0;
  for (const [index, name] of names.entries()) {
    const item = findPackage(process, name);
    if (item === undefined) {
      complain(process, `dpkg-query: package '${name}' is not installed and no information is available`);
      missing += 1;
    } else {
      const gap = index < names.length - 1 ? '\n' : '';
      process.descriptors.get(1)?.write(statusParagraph(item) + gap);
    }
  }
  if (missing === 0) return 0;
  complain(process, 'Use dpkg --info (= dpkg-deb --info) to examine archive files.');
  return 1;
}

/** The least widths of the columns. */
const LIST_WIDTHS = [14, 12, 12, 33];

const LIST_HEAD = [
  'Desired=Unknown/Install/Remove/Purge/Hold',
  '| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend',
  '|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)',
];

function list(process: Process, patterns: readonly Bytes[]): number {
  const { found, missing } = matching(process, patterns);
  const columns: [string, (item: InstalledPackage) => string][] = [
    ['Name', binaryName],
    ['Version', (item) => item.version],
    ['Architecture', (item) => item.architecture],
    ['Description', (item) => (item.fields.get('description') ?? '').split('\n')[0] ?? ''],
  ];
  const widths = columns.map(([title, value], at) => {
    const least = LIST_WIDTHS[at] ?? 0;
    return Math.max(least, title.length, ...found.map((item) => value(item).length));
  });
  const row = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 3 ? cell : cell.padEnd(widths[at] ?? 0))).join(' ');
  if (found.length > 0) {
    for (const line of LIST_HEAD) say(process, line);
    say(process, `||/ ${row(columns.map(([title]) => title))}`);
    say(process, `+++-${widths.map((width) => '='.repeat(width)).join('-')}`);
  }
  for (const item of found)
    say(process, `${formatPackage(STATUS_FORMAT, item)} ${row(columns.map(([, value]) => value(item)))}`);
  for (const pattern of missing) complain(process, `dpkg-query: no packages found matching ${pattern}`);
  return missing.length > 0 ? 1 : 0;
}

function listFiles(process: Process, names: readonly Bytes[]): number {
  let failed = 0;
  for (const name of names) {
    const item = findPackage(process, name);
    if (item === undefined) {
      complain(process, `dpkg-query: package '${name}' is not installed`);
      failed = 1;
    } else {
      for (const path of item.files()) say(process, bytesOf(path === '/' ? '/.' : path));
    }
  }
  if (failed > 0) complain(process, 'Use dpkg --contents (= dpkg-deb --contents) to list archive files contents.');
  return failed;
}

/** A pattern that is not a path is looked for anywhere in one. */
function search(process: Process, patterns: readonly Bytes[]): number {
  let failed = 0;
  for (const given of patterns) {
    const pattern = /^[*[?/]/.test(given) ? given : `*${given}*`;
    const owners = new Map<string, Bytes[]>();
    for (const item of matching(process, []).found) {
      const hits = /[*[?\\]/.test(pattern)
        ? item.files().filter((path) => globMatches(pattern, bytesOf(path)))
        : item.files().filter((path) => path === pathOf(pattern));
      for (const path of hits) owners.set(path, [binaryName(item), ...(owners.get(path) ?? [])]);
    }
    for (const [path, names] of owners) say(process, `${names.join(', ')}: ${bytesOf(path)}`);
    if (owners.size === 0) {
      complain(process, `dpkg-query: no path found matching pattern ${given}`);
      failed = 1;
    }
  }
  return failed;
}

function controlFiles(process: Process, name: Bytes): { readonly base: Bytes; readonly kinds: Bytes[] } {
  const item = findPackage(process, name);
  if (item === undefined) throw new Failure(`error: package '${name}' is not installed`, 2);
  const base = binaryName(item);
  const files = new Files(process).list('/var/lib/dpkg/info').filter((file) => file.startsWith(`${base}.`));
  const kinds = files
    .map((file) => file.slice(base.length + 1))
    .filter((kind) => !['list', 'md5sums-old'].includes(kind));
  return { base, kinds };
}

function controlPath(process: Process, [name = '', wanted]: readonly Bytes[]): number {
  const { base, kinds } = controlFiles(process, name);
  for (const kind of kinds)
    if (wanted === undefined || kind === wanted) say(process, `/var/lib/dpkg/info/${base}.${kind}`);
  return 0;
}

function controlList(process: Process, [name = '']: readonly Bytes[]): number {
  for (const kind of controlFiles(process, name).kinds) say(process, kind);
  return 0;
}
