import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import type { LockedArguments, ManyArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { choiceOfLock, readLock } from './lock-file.js';
import { architecturesOf } from './options.js';
import { type TalkArguments, withProgress } from './progress.js';
import { formatRows, LABEL_COLUMNS } from './summary.js';
import { formatBytes, lookOf, printable, tableColumns, wrap } from './text.js';

/** The options of `fetch` as the parser gives them. */
export interface FetchArguments extends ManyArguments, LockedArguments, TalkArguments {
  readonly json: boolean;
}

/** Fills the store with all that a lock names. */
export async function runFetch(given: FetchArguments, io: Io, interruption: Interruption): Promise<void> {
  if (given.lock === undefined) {
    throw new KoalaError('usage', 'cannot fetch without a lock: give --lock FILE', {
      hint: 'koala-bootstrap lock writes one',
    });
  }
  const lock = await readLock(given.lock, given, io);
  const architectures = architecturesOf(given.arch, Object.keys(lock.architectures));
  const choice = await choiceOfLock({ ...given, arch: architectures[0] }, lock, given.lock, io);
  const { fetchLocked } = await import('../fetch.js');
  const locked = { lock, origin: given.lock, snapshotMirrors: given.snapshotMirror };
  const summary = await withProgress(io, given, interruption, (_, watch) =>
    fetchLocked({ ...choice, architectures, locked, ...watch }),
  );
  if (given.json) io.stdout.write(jsonText(summary));
  if (given.json || given.quiet) return;
  const look = lookOf(io.stdout, io.environment);
  const columns = tableColumns(io.stdout) - LABEL_COLUMNS;
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
