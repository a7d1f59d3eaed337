import { stat } from 'node:fs/promises';
import { compareArtifacts, type Difference, type FileChange, isSame, type Totals } from '../diff/compare.js';
import { readArtifact } from '../diff/read.js';
import type { Artifact, FileFacts } from '../diff/types.js';
import { jsonText } from '../formats/json-text.js';
import { isFile } from '../profile/files.js';
import { formatChanges } from './changes.js';
import { choiceOf, type ManyArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { architecturesOf, listedNames } from './options.js';
import { defaultCacheDirectory } from './paths.js';
import { noticesTo, type TalkArguments } from './progress.js';
import { clip, counted, formatBytes, type Look, lookOf, printable, reportColumns, styled, wrap } from './text.js';

/** What is asked of `diff`, as the parser gives it. */
export interface DiffArguments extends ManyArguments, TalkArguments {
  readonly before: string;
  readonly after: string;
  readonly times: boolean;
  readonly check: boolean;
  readonly json: boolean;
}

/** What `--check` ends with where they differ. */
const THEY_DIFFER = 3;

/**
 * Compares two locks, profiles, root filesystems or images, or one with another.
 *
 * @returns the exit status
 */
export async function runDiff(given: DiffArguments, io: Io, interruption: Interruption): Promise<number> {
  const [before, after] = [
    await artifactOf(given.before, given, io, interruption),
    await artifactOf(given.after, given, io, interruption),
  ];
  const difference = compareArtifacts(before, after, given);
  if (given.json) io.stdout.write(jsonText({ ...difference, same: isSame(difference) }));
  else if (!given.quiet) io.stdout.write(textOf(difference, io));
  return given.check && !isSame(difference) ? THEY_DIFFER : 0;
}

async function artifactOf(name: string, given: DiffArguments, io: Io, interruption: Interruption): Promise<Artifact> {
  const isThere = await stat(name).then(
    () => true,
    () => false,
  );
  const isBuiltIn = !isFile(name) && !name.includes('.');
  if (isThere || !isBuiltIn) {
    const artifact = await readArtifact(name, {
      architecture: listedNames(given.arch)[0],
      cacheDir: given.cacheDir ?? defaultCacheDirectory(io.environment),
    });
    if (artifact !== undefined) return artifact;
  }
  return planOf(name, given, io, interruption);
}

/** What a profile would give now. */
async function planOf(name: string, given: DiffArguments, io: Io, { signal }: Interruption): Promise<Artifact> {
  const profile = name.includes('/') || isFile(name) || !name.includes('.') ? name : `./${name}`;
  const choice = await choiceOf({ ...given, profile, arch: listedNames(given.arch)[0] }, io);
  const { lock } = await import('../lock.js');
  const made = await lock({
    ...choice,
    architectures: architecturesOf(given.arch, choice.profile.architectures),
    from: profile,
    allowDifferences: true,
    signal,
    onEvent: noticesTo(io, given),
  });
  return { type: 'plan', origin: name, lock: made };
}

function textOf({ architectures, packages, profile, files, before, after }: Difference, io: Io): string {
  const look = lookOf(io.stdout, io.environment);
  const columns = reportColumns(io.stdout);
  const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [styled('bold', title, look), ...indent(lines), ''];
  const lines = [
    ...section('packages', formatChanges(packages, architectures.length, look, columns - 2)),
    ...section(
      'profile',
      profile.flatMap((part) => wrap(printable(part, look), columns - 2)),
    ),
    ...section(
      'files',
      (files ?? []).map((change) => clip(fileText(change, look), columns - 2, look)),
    ),
    ...wrap(`${totalsText(before, after, look)}`, columns),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** `~ /etc/passwd  mode 0644 → 0600, 1.2 kB → 1.3 kB` */
export function fileText({ path, before, after, fields }: FileChange, look: Look): string {
  const name = printable(path, look);
  const facts = after ?? before;
  if (facts === undefined) return name;
  if (before === undefined) return `${styled('green', '+', look)} ${name}  ${factsText(facts, look)}`;
  if (after === undefined) return `${styled('red', '-', look)} ${name}  ${factsText(facts, look)}`;
  const arrow = look.unicode ? ' → ' : ' -> ';
  const words = fields.flatMap((field): string[] => {
    // Where the size tells it already, digests do not say more.
    if (field === 'sha256') return fields.includes('size') ? [] : ['content'];
    const [one, other] = [before, after].map((of) => printable(FIELD_TEXTS[field](of), look));
    const label = field === 'size' || field === 'type' ? '' : `${field} `;
    return [`${label}${one}${arrow}${other}`];
  });
  return `${styled('yellow', '~', look)} ${name}  ${words.join(', ')}`;
}

const FIELD_TEXTS = {
  type: ({ type }: FileFacts) => type,
  mode: ({ mode }: FileFacts) => modeText(mode),
  owner: ({ uid, gid }: FileFacts) => `${uid}:${gid}`,
  size: ({ size }: FileFacts) => `${size} B`,
  target: ({ target }: FileFacts) => target || 'none',
  xattrs: ({ xattrs }: FileFacts) => xattrs.join(' ') || 'none',
  mtime: ({ mtime }: FileFacts) => new Date(mtime * 1000).toISOString().replace('.000', ''),
} as const;

function factsText({ type, mode, uid, gid, size, target }: FileFacts, look: Look): string {
  const words = [type, ...(type === 'symlink' ? [] : [modeText(mode)]), `${uid}:${gid}`];
  if (type === 'file') words.push(formatBytes(size));
  else if (target !== '') words.push(type === 'symlink' ? '->' : '', target);
  return printable(words.filter(Boolean).join(' '), look);
}

function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function totalsText(before: Totals, after: Totals, look: Look): string {
  const arrow = look.unicode ? '→' : '->';
  const change = after.bytes - before.bytes;
  const sign = change < 0 ? '-' : '+';
  const count = (noun: string, one: number, other: number): string =>
    one === other ? counted(one, noun) : `${one} ${arrow} ${counted(other, noun)}`;
  const sizes =
    change === 0
      ? formatBytes(after.bytes)
      : `${formatBytes(before.bytes)} ${arrow} ${formatBytes(after.bytes)} (${sign}${formatBytes(Math.abs(change))})`;
  const files =
    before.files === undefined || after.files === undefined ? [] : [count('file', before.files, after.files)];
  return [count('package', before.packages, after.packages), ...files, sizes].join(', ');
}
