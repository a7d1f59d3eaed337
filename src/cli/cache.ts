import { type Entry, listEntries, sizeOf } from '../cache/entries.js';
import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { didYouMean } from '../profile/nearest.js';
import { formatEntries, formatKinds, formatTotals, SORTS, type Sort, sortEntries } from './cache-table.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { jobsOf, listedNames } from './options.js';
import { defaultCacheDirectory } from './paths.js';
import type { TalkArguments } from './progress.js';
import { ageOf, bytesOf, cacheLimitOf } from './quantities.js';
import { counted, formatBytes, lookOf, printable, reportColumns } from './text.js';

/** The options of `cache` as the parser gives them. */
export interface CacheArguments extends TalkArguments {
  readonly action: string;
  readonly cacheDir: string | undefined;
  readonly cacheLimit: string | undefined;
  readonly kind: readonly string[];
  readonly sort: string | undefined;
  readonly maxSize: string | undefined;
  readonly olderThan: string | undefined;
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly jobs: string | undefined;
}

/** The options that belong to some actions only. */
const OWN_OPTIONS = {
  kind: ['--kind', 'ls', 'prune'],
  sort: ['--sort', 'ls'],
  maxSize: ['--max-size', 'prune'],
  olderThan: ['--older-than', 'prune'],
  all: ['--all', 'prune'],
  dryRun: ['--dry-run', 'prune'],
  jobs: ['--jobs', 'verify'],
  json: ['--json', 'ls', 'prune', 'verify'],
} as const satisfies Partial<Record<keyof CacheArguments, readonly string[]>>;

const ACTIONS = { ls: list, prune, verify, dir: directory };

/** Shows the cache, or keeps it in order. */
export async function runCache(given: CacheArguments, io: Io, interruption: Interruption): Promise<number> {
  const { action } = given;
  if (!isAction(action)) {
    const known = Object.keys(ACTIONS);
    throw new KoalaError('usage', `cannot do ${JSON.stringify(action)} with the cache${didYouMean(action, known)}`, {
      hint: `known are ${known.join(', ')}`,
    });
  }
  for (const [name, [option, ...actions]] of Object.entries(OWN_OPTIONS)) {
    const value = given[name as keyof typeof OWN_OPTIONS];
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
    if (!isGiven || actions.some((one) => one === action)) continue;
    throw new KoalaError('usage', `cannot use ${option} with cache ${action}: it is for cache ${actions.join(', ')}`);
  }
  return ACTIONS[action](given, io, interruption);
}

function isAction(word: string): word is keyof typeof ACTIONS {
  return Object.hasOwn(ACTIONS, word);
}

async function directory(given: CacheArguments, io: Io): Promise<number> {
  io.stdout.write(`${directoryOf(given, io)}\n`);
  return 0;
}

async function list(given: CacheArguments, io: Io): Promise<number> {
  const { KIND_NAMES } = await import('../cache/kinds.js');
  const sort = sortOf(given.sort);
  const kinds = await kindsOf(given.kind);
  const limit = cacheLimitOf(given.cacheLimit, io.environment);
  const cacheDir = directoryOf(given, io);
  const entries = listEntries(cacheDir, kinds.length === 0 ? KIND_NAMES : kinds);
  const sorted = sortEntries(await named(cacheDir, entries), sort);
  if (given.json) {
    const shown = { directory: cacheDir, limit: limit ?? null, entries: sorted.map(entryJson), ...totalsJson(entries) };
    io.stdout.write(jsonText(shown));
    return 0;
  }
  const look = lookOf(io.stdout, io.environment);
  const columns = reportColumns(io.stdout);
  io.stdout.write(formatEntries(sorted, look, columns) + formatTotals(entries, limit, look, columns));
  return 0;
}

async function prune(given: CacheArguments, io: Io): Promise<number> {
  const { prune: pruneEntries } = await import('../cache/prune.js');
  const kinds = await kindsOf(given.kind);
  const age = given.olderThan === undefined ? undefined : ageOf(given.olderThan, '--older-than');
  const limit = cacheLimitOf(given.cacheLimit, io.environment);
  // Who asks for nothing in particular wants what a build does at its end.
  const isPlain = given.maxSize === undefined && age === undefined && !given.all && kinds.length === 0;
  const cacheDir = directoryOf(given, io);
  const asked = {
    kinds,
    maxSize: given.maxSize === undefined ? (isPlain ? limit : undefined) : bytesOf(given.maxSize, '--max-size'),
    downTo: undefined,
    usedBefore: age === undefined ? undefined : Date.now() - age,
    // A kind alone is all of that kind.
    all: given.all || (kinds.length > 0 && given.maxSize === undefined && age === undefined),
  };
  const isShown = given.dryRun || given.verbose || given.json;
  const names = isShown
    ? await namesIn(cacheDir, pruneEntries(cacheDir, { ...asked, dryRun: true }).removed)
    : new Map();
  const pruned = pruneEntries(cacheDir, { ...asked, dryRun: given.dryRun });
  const { kept, inUse, heldOffline, abandoned, failed } = pruned;
  const removed = pruned.removed.map((entry) => ({ ...entry, name: names.get(entry.path) as string | undefined }));
  const look = lookOf(io.stdout, io.environment);
  if (given.json) {
    const shown = {
      directory: cacheDir,
      dryRun: given.dryRun,
      removed: removed.map(entryJson),
      ...totalsJson(removed),
    };
    io.stdout.write(jsonText({ ...shown, kept, inUse, heldOffline, abandoned, failed }));
  } else if (!given.quiet) {
    const columns = reportColumns(io.stdout);
    const table = isShown && removed.length > 0 ? formatEntries(removed, look, columns) : '';
    const left = abandoned.length === 0 ? [] : [`${counted(abandoned.length, 'directory')} of builds that were killed`];
    const held = heldOffline
      ? ['nothing is removed: a command with --offline runs, which could not fetch it again']
      : inUse > 0
        ? [`${counted(inUse, 'entry')} of a running build ${inUse === 1 ? 'stays' : 'stay'}`]
        : [];
    const verb = given.dryRun ? 'would go' : 'removed';
    io.stdout.write(table + formatKinds(removed, kept, { verb, notes: [...left, ...held] }, look, columns));
  }
  for (const { path, why } of failed) {
    io.stderr.write(`koala-bootstrap: cannot remove ${printable(path, look)}: ${printable(why, look)}\n`);
  }
  return failed.length === 0 ? 0 : 1;
}

async function verify(given: CacheArguments, io: Io, interruption: Interruption): Promise<number> {
  const { verify: verifyEntries } = await import('../cache/verify.js');
  const jobs = jobsOf(given.jobs);
  const cacheDir = directoryOf(given, io);
  const { entries, size, damaged } = await verifyEntries(cacheDir, jobs, interruption.signal);
  if (given.json) {
    const shown = damaged.map(({ entry, name, why, stays }) => ({
      ...entryJson({ ...entry, name }),
      why,
      removed: stays === undefined,
    }));
    io.stdout.write(jsonText({ directory: cacheDir, entries, size, damaged: shown }));
  } else if (!given.quiet) {
    const look = lookOf(io.stdout, io.environment);
    for (const { entry, name, why, stays } of damaged) {
      const end = stays === undefined ? 'thrown away' : `it stays: ${stays}`;
      io.stdout.write(`${entry.kind} ${printable(name ?? entry.key, look)}: ${printable(`${why}; ${end}`, look)}\n`);
    }
    const result = damaged.length === 0 ? 'none damaged' : `${damaged.length} damaged`;
    io.stdout.write(`${counted(entries, 'entry')}, ${formatBytes(size)}: ${result}\n`);
  }
  if (damaged.some(({ stays }) => stays !== undefined)) return 1;
  return damaged.length === 0 ? 0 : 3;
}

function directoryOf({ cacheDir }: CacheArguments, io: Io): string {
  return cacheDir ?? defaultCacheDirectory(io.environment);
}

async function namesIn(cacheDir: string, entries: readonly Entry[]): Promise<ReadonlyMap<string, string>> {
  const { namesOf } = await import('../cache/names.js');
  return namesOf(cacheDir, entries);
}

async function named(cacheDir: string, entries: readonly Entry[]) {
  const names = await namesIn(cacheDir, entries);
  return entries.map((entry) => ({ ...entry, name: names.get(entry.path) }));
}

/** `--kind`: comma lists. */
async function kindsOf(lists: readonly string[]) {
  const { KIND_NAMES } = await import('../cache/kinds.js');
  return listedNames(lists).map((name) => {
    const found = KIND_NAMES.find((known) => known === name);
    if (found !== undefined) return found;
    throw new KoalaError('usage', `cannot use --kind ${JSON.stringify(name)}${didYouMean(name, KIND_NAMES)}`, {
      hint: `known are ${KIND_NAMES.join(', ')}`,
    });
  });
}

function sortOf(text: string | undefined): Sort {
  const found = SORTS.find((known) => known === (text ?? 'kind'));
  if (found !== undefined) return found;
  throw new KoalaError('usage', `cannot sort by ${JSON.stringify(text)}${didYouMean(text ?? '', SORTS)}`, {
    hint: `known are ${SORTS.join(', ')}`,
  });
}

function entryJson({ kind, key, name, path, size, lastUsed, state }: Entry & { readonly name?: string | undefined }) {
  return { kind, name: name ?? null, sha256: key, path, size, lastUsed: new Date(lastUsed).toISOString(), state };
}

function totalsJson(entries: readonly Entry[]) {
  const kinds: Record<string, { entries: number; size: number }> = {};
  for (const { kind, size } of entries) {
    const sum = kinds[kind] ?? { entries: 0, size: 0 };
    kinds[kind] = { entries: sum.entries + 1, size: sum.size + size };
  }
  return { kinds, total: { entries: entries.length, size: sizeOf(entries) } };
}
