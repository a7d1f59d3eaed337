import { KoalaError } from '../formats/errors.js';
import type { ChoiceArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { choiceOfLock, readLock } from './lock-file.js';
import { architecturesOf } from './options.js';
import { createProgress } from './progress.js';
import { formatRows, LABEL_COLUMNS } from './summary.js';
import { DEFAULT_COLUMNS, formatBytes, lookOf, printable, wrap } from './text.js';

/** The options of `fetch` as the parser gives them. */
export interface FetchArguments extends Omit<ChoiceArguments, 'arch'> {
  readonly lock: string | undefined;
  readonly snapshotMirror: readonly string[];
  readonly arch: readonly string[];
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Fills the store with all that a lock names. */
export async function runFetch(given: FetchArguments, io: Io, interruption: Interruption): Promise<void> {
  if (given.lock === undefined) {
    throw new KoalaError('usage', 'cannot fetch without a lock: give --lock FILE', {
      hint: 'koala-bootstrap lock writes one',
    });
  }
  const lock = await readLock(given.lock);
  const architectures = architecturesOf(given.arch, Object.keys(lock.architectures));
  const choice = await choiceOfLock({ ...given, arch: architectures[0] }, lock, given.lock, io);
  const progress = await createProgress(io, given);
  const { fetchLocked } = await import('../fetch.js');
  const locked = { lock, origin: given.lock, snapshotMirrors: given.snapshotMirror };
  const onEvent = progress.onEvent.bind(progress);
  const summary = await fetchLocked({ ...choice, architectures, locked, signal: interruption.signal, onEvent }).finally(
    () => progress.stop(),
  );
  if (given.json) io.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  if (given.json || given.quiet) return;
  const look = lookOf(io.stdout, io.environment);
  const columns = (io.stdout.columns || DEFAULT_COLUMNS) - LABEL_COLUMNS;
  const { fetched, fromStore } = summary.bytes;
  io.stdout.write(
    formatRows(
      [
        ['packages', wrap(`${summary.packages} for ${architectures.join(', ')}`, columns)],
        ['fetched', wrap(`${formatBytes(fetched)}, ${formatBytes(fromStore)} from the store`, columns)],
        ['store', [printable(choice.cacheDir, look)]],
      ],
      look,
    ),
  );
}
