import { readdir } from 'node:fs/promises';
import type { Updated } from '../build-types.js';
import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { formatChanges } from './changes.js';
import type { LockedArguments, ManyArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { writeLock } from './lock.js';
import { choiceOfLock, profileReference, readLock } from './lock-file.js';
import { architecturesOf, listedNames } from './options.js';
import { noticesTo, type TalkArguments } from './progress.js';
import { counted, lookOf, printable, reportColumns } from './text.js';

/** The options of `update` as the parser gives them. */
export interface UpdateArguments extends ManyArguments, LockedArguments, TalkArguments {
  readonly allowDifferences: boolean;
  readonly check: boolean;
  readonly securityOnly: boolean;
  readonly package: readonly string[];
  readonly json: boolean;
}

/** What `--check` ends with where something is newer. */
const SOMETHING_NEWER = 3;

/**
 * Renews a lock and shows what changed. A lock that would get the same packages by the same profile stays as it is.
 *
 * @returns the exit status
 */
export async function runUpdate(given: UpdateArguments, io: Io, interruption: Interruption): Promise<number> {
  const file = given.lock ?? (await onlyLock());
  const lock = await readLock(file, given, io);
  const architectures = architecturesOf(given.arch, Object.keys(lock.architectures));
  const choice = await choiceOfLock({ ...given, arch: architectures[0] }, lock, file, io, [
    'suite',
    'include',
    'updates',
  ]);
  const { update } = await import('../update.js');
  const updated = await update({
    ...choice,
    architectures,
    from: given.profile === undefined ? lock.config.from : profileReference(given.profile, file),
    allowDifferences: given.allowDifferences,
    previous: { lock, origin: file, snapshotMirrors: given.snapshotMirror },
    securityOnly: given.securityOnly,
    packages: listedNames(given.package),
    signal: interruption.signal,
    onEvent: noticesTo(io, given),
  });
  const isNewer = updated.changes.length > 0 || updated.profile.length > 0;
  const isWritten = isNewer && !given.check;
  if (isWritten) await writeLock(updated.lock, file, io);
  if (given.json) {
    const { changes, profile } = updated;
    io.stdout.write(jsonText({ lock: file, written: isWritten, profile, changes }));
  } else if (!given.quiet) {
    io.stdout.write(textOf(updated, file, isWritten, io));
  }
  return given.check && isNewer ? SOMETHING_NEWER : 0;
}

/** The lock of the current directory, if it has one. */
async function onlyLock(): Promise<string> {
  const [file, other] = (await readdir('.')).filter((name) => name.endsWith('.lock.json')).sort();
  if (file !== undefined && other === undefined) return file;
  const why = file === undefined ? 'there is none here' : `${file} and ${other} are here`;
  throw new KoalaError('usage', `cannot tell which lock is meant: ${why}`, { hint: 'give --lock FILE' });
}

function textOf({ lock, changes, profile }: Updated, file: string, isWritten: boolean, io: Io): string {
  const look = lookOf(io.stdout, io.environment);
  const columns = reportColumns(io.stdout);
  const fixes = changes.filter(({ security }) => security).length;
  const what = [
    ...(changes.length === 0 ? [] : [counted(changes.length, 'change')]),
    ...(fixes === 0 ? [] : [`${fixes} for security`]),
    ...(profile.length === 0 ? [] : [`the profile changed (${profile.join(', ')})`]),
  ];
  const said = what.length === 0 ? 'nothing is newer' : what.join(', ');
  const lines = [
    ...formatChanges(changes, Object.keys(lock.architectures).length, look, columns),
    `${printable(`${file}: ${said}`, look)}${isWritten ? ', written' : ''}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}
