import { lstatSync, rmSync } from 'node:fs';
import { LAST_USE_PRECISION } from '../archive/last-use.js';
import type { KindName } from '../archive/layout.js';
import { listScratch, type Running } from '../build/scratch.js';
import { reasonOf } from '../formats/errors.js';
import { type Entry, listEntries, sizeOf } from './entries.js';
import { PRUNED_KINDS, unusedFor } from './kinds.js';

/** What may go. All that is not asked for stays, but for what is of no use to anybody. */
export interface PruneOptions {
  /** None: all but `releases`, which tells a replayed Release file by the one that was seen last. */
  readonly kinds: readonly KindName[];
  /** Bytes that these kinds may have together; the least recently used entries go first. */
  readonly maxSize: number | undefined;
  /** Where they have more, they are brought down to so much. */
  readonly downTo: number | undefined;
  /** Milliseconds since the epoch: what was last used before goes. */
  readonly usedBefore: number | undefined;
  /** All of these kinds goes. */
  readonly all: boolean;
  /** Nothing is removed; the answer is what would be. */
  readonly dryRun: boolean;
}

export interface Pruned {
  /** The least recently used first. */
  readonly removed: readonly Entry[];
  /** What is there of the asked kinds afterwards. */
  readonly kept: { readonly entries: number; readonly size: number };
  /** Entries that would have gone and that a running command may use. */
  readonly inUse: number;
  /** Whether nothing was removed since a command with `--offline` runs, which could not fetch it again. */
  readonly heldOffline: boolean;
  /** Scratch directories of commands that were killed. */
  readonly abandoned: readonly string[];
  /** What could not be removed, and why. */
  readonly failed: readonly { readonly path: string; readonly why: string }[];
}

const DAY = 86_400_000;
/** Of another version of this program, which may be in use as well. */
const LEFTOVER_FOR = DAY;
/** Clocks of machines that share a cache, and the precision of times, differ by less. */
const SLACK = 2 * LAST_USE_PRECISION;

/**
 * Removes entries that nobody is going to miss, then those that are asked for. Without any lock: whatever a running command
 * has used since it began stays, as its last use tells, and what it has taken it holds by a link or reads again.
 */
export function prune(cacheDir: string, options: PruneOptions): Pruned {
  const { dryRun } = options;
  const { running, abandoned } = listScratch(cacheDir);
  const failed: { path: string; why: string }[] = [];
  const attempt = <T>(path: string, action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      failed.push({ path, why: reasonOf(error) });
      return undefined;
    }
  };
  for (const path of dryRun ? [] : abandoned) attempt(path, () => rmSync(path, { recursive: true, force: true }));

  const kinds = options.kinds.length === 0 ? PRUNED_KINDS : options.kinds;
  const entries = listEntries(cacheDir, kinds).sort((a, b) => a.lastUsed - b.lastUsed || (a.path < b.path ? -1 : 1));
  const chosen = choose(entries, options);
  const heldOffline = chosen.length > 0 && running.some(({ offline }) => offline);
  const free = heldOffline ? [] : chosen.filter((entry) => !mayBeInUse(entry, running));

  const removed: Entry[] = [];
  let inUse = heldOffline ? 0 : chosen.length - free.length;
  for (const entry of free) {
    const isGone = dryRun || attempt(entry.path, () => removeUnused(entry));
    if (isGone === true) removed.push(entry);
    if (isGone === false) inUse += 1;
  }
  const kept = { entries: entries.length - removed.length, size: sizeOf(entries) - sizeOf(removed) };
  return { removed, kept, inUse, heldOffline, abandoned, failed };
}

/** @param entries the least recently used first */
function choose(entries: readonly Entry[], { all, usedBefore = 0, maxSize, downTo = maxSize }: PruneOptions): Entry[] {
  const now = Date.now();
  const isUseless = ({ kind, state, lastUsed }: Entry): boolean => {
    if (state === 'whole') return lastUsed < now - unusedFor(kind);
    return state === 'odd' || lastUsed < now - LEFTOVER_FOR;
  };
  const chosen = new Set(entries.filter((entry) => all || entry.lastUsed < usedBefore || isUseless(entry)));
  let bytes = sizeOf(entries) - sizeOf([...chosen]);
  const most = maxSize !== undefined && bytes > maxSize ? downTo : undefined;
  for (const entry of entries) {
    if (most === undefined || bytes <= most) break;
    if (!chosen.has(entry)) bytes -= entry.size;
    chosen.add(entry);
  }
  return entries.filter((entry) => chosen.has(entry));
}

function mayBeInUse({ lastUsed }: Entry, running: readonly Running[]): boolean {
  return running.some(({ since }) => lastUsed >= since - SLACK);
}

/** False where somebody used it since we looked. */
function removeUnused({ path, lastUsed, state }: Entry): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && found.mtimeMs !== lastUsed) return false;
  rmSync(path, { recursive: state === 'odd', force: true });
  return true;
}
