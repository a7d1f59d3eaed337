import { randomUUID } from 'node:crypto';
import {
  accessSync,
  appendFileSync,
  constants,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../archive/store.js';
import type { BuildEvent } from '../build-types.js';

export interface UpkeepOptions {
  /** Bytes; absent: no limit. */
  readonly cacheLimit?: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: BuildEvent) => void;
}

const DAY = 86_400_000;
/** Room for some builds, so that not every one of them has to look at all entries. */
const DOWN_TO = 0.9;

/**
 * Keeps the store to its limit; at the end of a command. All entries are looked at only once a day, or where the limit may
 * have been reached: what was added since the last look is written down in a small file. Where anything fails, a later
 * command does it.
 */
export async function keepUp(store: Store, { cacheLimit, signal, onEvent }: UpkeepOptions): Promise<void> {
  if (signal.aborted) return;
  const file = join(store.directory, 'usage');
  try {
    const added = store.growth();
    const known = readUsage(file);
    const now = Date.now();
    const isFresh = known !== undefined && known.at <= now && now < known.at + DAY;
    if (isFresh && known.bytes + added <= (cacheLimit ?? Number.POSITIVE_INFINITY)) {
      if (added > 0) appendFileSync(file, `+${added}\n`, { mode: 0o600 });
      return;
    }
    accessSync(store.directory, constants.W_OK);
    const { prune } = await import('./prune.js');
    const downTo = cacheLimit === undefined ? undefined : cacheLimit * DOWN_TO;
    const limits = { kinds: [], maxSize: cacheLimit, downTo, usedBefore: undefined, all: false };
    const { kept, removed } = prune(store.directory, { ...limits, dryRun: false });
    writeUsage(store.directory, file, `${kept.size} ${now}\n`);
    const what = removed.length === 1 ? '1 entry of the cache was' : `${removed.length} entries of the cache were`;
    if (removed.length > 0) onEvent({ type: 'note', text: `${what} pruned` });
  } catch {
    // It may be read-only, or the disk full.
  }
}

/** The bytes that are in the cache, about, and when all of it was looked at last. */
function readUsage(file: string): { readonly bytes: number; readonly at: number } | undefined {
  try {
    const [first = '', ...lines] = readFileSync(file, 'latin1').trim().split('\n');
    const [bytes, at] = first.split(' ').map(Number);
    const added = lines.reduce((sum, line) => sum + Number(line), 0);
    if (bytes === undefined || at === undefined || !Number.isFinite(bytes + added + at)) return undefined;
    return { bytes: bytes + added, at };
  } catch {
    return undefined;
  }
}

function writeUsage(cacheDir: string, file: string, text: string): void {
  const temporary = join(cacheDir, 'tmp', randomUUID());
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
    // A directory in its place is damage; a file is replaced.
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) rmSync(file, { recursive: true });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
