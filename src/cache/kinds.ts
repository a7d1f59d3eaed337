import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { checkBlockFile } from '../archive/block-file.js';
import type { KindName } from '../archive/layout.js';
import { parseReleaseState } from '../archive/release-state.js';
import { checkSpool } from '../unpack/kept.js';
import type { Entry } from './entries.js';

const CHUNK = 1024 * 1024;

const DAY = 86_400_000;

interface Kind {
  /**
   * Reads all of an entry.
   *
   * @throws Error that says what is wrong with it
   */
  readonly check: (entry: Entry) => void;
  /** After so many milliseconds without use it is of no use any more. */
  readonly unusedFor: number;
  /** Whether it goes only where it is asked for by its name. */
  readonly isState: boolean;
}

/** The kinds of `LAYOUT`, and what there is to know of them for keeping the cache in order. */
const KINDS: Readonly<Record<KindName, Kind>> = {
  downloads: {
    check: checkDigest,
    unusedFor: Number.POSITIVE_INFINITY,
    isState: false,
  },
  unpacked: {
    check: ({ path, key }) => checkSpool(path, key),
    unusedFor: Number.POSITIVE_INFINITY,
    isState: false,
  },
  stages: {
    check: checkTag,
    // With newer archives they are other ones.
    unusedFor: 30 * DAY,
    isState: false,
  },
  builds: {
    check: checkTag,
    unusedFor: Number.POSITIVE_INFINITY,
    isState: false,
  },
  outputs: {
    check: checkDigest,
    unusedFor: Number.POSITIVE_INFINITY,
    isState: false,
  },
  indices: {
    check: ({ path }) => {
      checkBlockFile(path);
    },
    // A newer one took its place.
    unusedFor: 7 * DAY,
    isState: false,
  },
  verified: {
    check: checkTag,
    // An answer holds for a day.
    unusedFor: 7 * DAY,
    isState: false,
  },
  releases: {
    check: ({ path }) => {
      parseReleaseState(readFileSync(path, 'utf8'));
    },
    unusedFor: Number.POSITIVE_INFINITY,
    // Without it, an old Release file that is played back is not told from a new one.
    isState: true,
  },
};

export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

/** What is pruned where no kind is named. */
export const PRUNED_KINDS = KIND_NAMES.filter((name) => !KINDS[name].isState);

/** Milliseconds without use after which an entry is of no use any more. */
export function unusedFor(kind: KindName): number {
  return KINDS[kind].unusedFor;
}

/** @throws Error that says what is wrong with it; `code` is `ENOENT` where it is gone */
export function checkEntry(entry: Entry): void {
  if (entry.state === 'odd') throw new Error('it is not a plain file');
  KINDS[entry.kind].check(entry);
}

/** Of a file that is named by the digest of its bytes. */
function checkDigest({ path, key }: Entry): void {
  if (digestOfFile(path) !== key) throw new Error('it is damaged');
}

/** Of a file of blocks that is named by its tag. */
function checkTag({ path, key }: Entry): void {
  if (checkBlockFile(path) !== key) throw new Error('it is damaged');
}

function digestOfFile(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK);
  const descriptor = openSync(path, 'r');
  try {
    for (let count = -1; count !== 0; ) {
      count = readSync(descriptor, buffer, 0, CHUNK, null);
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}
