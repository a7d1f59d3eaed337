import { openSink } from '../emit/sink.js';
import { KoalaError } from '../formats/errors.js';
import { formatLock } from '../solve/lock/file.js';
import type { Lock } from '../solve/lock/types.js';
import { choiceOf, type ManyArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io, Output } from './io.js';
import { profileReference } from './lock-file.js';
import { architecturesOf, listedNames } from './options.js';
import { noticesTo, type TalkArguments } from './progress.js';
import { archiveRows, formatRows, LABEL_COLUMNS, type Row } from './summary.js';
import { formatBytes, lookOf, printable, tableColumns, wrap } from './text.js';

/** The options of `lock` as the parser gives them. */
export interface LockArguments extends ManyArguments, TalkArguments {
  readonly output: string | undefined;
  readonly allowDifferences: boolean;
}

/** Chooses the packages of a profile, for all of its architectures, and writes down which they are. */
export async function runLock(given: LockArguments, io: Io, interruption: Interruption): Promise<void> {
  const choice = await choiceOf({ ...given, arch: listedNames(given.arch)[0] }, io);
  const { profile, localDebs } = choice;
  if (localDebs[0] !== undefined) {
    throw new KoalaError('usage', `cannot lock ${localDebs[0]}: a lock names packages of archives`, {
      hint: 'put it into a flat archive of its own, and name that in the profile',
    });
  }
  const architectures = architecturesOf(given.arch, profile.architectures);
  const output = given.output ?? `${profile.name}.lock.json`;
  const { lock } = await import('../lock.js');
  const made = await lock({
    ...choice,
    architectures,
    from: profileReference(given.profile ?? profile.name, output),
    allowDifferences: given.allowDifferences,
    signal: interruption.signal,
    onEvent: noticesTo(io, given),
  });
  await writeLock(made, output, io);
  if (given.quiet) return;
  const stream = output === '-' ? io.stderr : io.stdout;
  stream.write(formatRows(lockRows(made, output, stream, io), lookOf(stream, io.environment)));
}

/** Writes a lock so that the file is the old one or the new one. */
export async function writeLock(lock: Lock, output: string, io: Io): Promise<void> {
  const sink = await openSink(output, io.stdout);
  try {
    await sink.write(Buffer.from(formatLock(lock)));
    await sink.finish();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

function lockRows({ config, archives, architectures }: Lock, output: string, stream: Output, io: Io): Row[] {
  const columns = tableColumns(stream) - LABEL_COLUMNS;
  const look = lookOf(stream, io.environment);
  const packages = Object.entries(architectures).map(([name, { stages }]): [string, string] => {
    const all = stages.flatMap((stage) => stage.packages);
    return [name, `${all.length} (${formatBytes(all.reduce((sum, { size }) => sum + size, 0))})`];
  });
  return [
    ['profile', wrap(printable(`${config.profile}, ${config.suite}`, look), columns)],
    ['packages', wrap(packages.map((words) => words.join(' ')).join(', '), columns)],
    ...archiveRows(
      archives.map(({ suite, codename, date }) => ({ suite: codename || suite, date })),
      [],
      columns,
    ),
    ['lock', [output === '-' ? 'standard output' : printable(output, look)]],
  ];
}
