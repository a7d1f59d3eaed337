import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { chmod, copyFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { keepBlockFile, readBlockFile } from '../archive/block-file.js';
import { markUsed } from '../archive/last-use.js';
import { entryPath } from '../archive/layout.js';
import { moveIntoPlace, type Store } from '../archive/store.js';
import type { BuildOptions, BuildSummary, Chosen } from '../build-types.js';
import { writeAgain } from '../emit/copy.js';
import { type Recipe, recipeOf } from '../emit/recipe.js';
import { statIfThere } from '../files/there.js';
import { canonicalDigest } from '../formats/canonical-json.js';
import { programDigest } from '../formats/program.js';
import type { MergeInput } from '../rootfs/merge.js';
import type { StepClock } from './steps.js';

/** What a build has, once it knows its packages. */
interface Known {
  readonly chosen: Chosen;
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
  /** Keyrings that go into the tree. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/**
 * A digest of all that the output and the summary of a build depend on: the packages by their SHA-256, all options but for those
 * that say where things are and how fast, and this program itself.
 */
export function buildKey(options: BuildOptions, { chosen, epoch, keys }: Known): string {
  const { output: _, stdout: _1, jobs: _2, cacheDir: _3, cacheLimit: _4, signal: _5, onEvent: _6, ...rest } = options;
  const { environment: _7, offline: _8, mirrors: _9, locked: _10, reuse: _11, ...deciding } = rest;
  const stages = chosen.plan.stages.map(({ name, packages }) => ({
    name,
    packages: packages.map(({ record, reason }) => [record.name, record.sha256, 'by' in reason]),
  }));
  const keyrings = [...keys].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
  const parts = [programDigest(), deciding, stages, epoch, keyrings];
  return canonicalDigest(JSON.parse(JSON.stringify(parts)));
}

/** Entries of the store that files of a recipe are. */
type Source = readonly [kind: 'unpacked' | 'outputs', key: string];

/** What is kept of a build. */
interface KeptBuild {
  readonly summary: BuildSummary;
  /** How its output is put together, of what the store has. */
  readonly recipe: Recipe;
  /** The files of the recipe. */
  readonly sources: readonly Source[];
}

/** What lies before the blocks of the recipe. */
interface Start extends Pick<KeptBuild, 'summary' | 'sources'>, Pick<Recipe, 'size' | 'pieces'> {
  /** Sizes of the blocks. */
  readonly blocks: readonly number[];
}

/** For the size of the start. */
const SIZE_BYTES = 4;

/**
 * Writes the output of an earlier build of the same again. It is held against its SHA-256 while it is written; where what it is made
 * of was damaged or pruned, there is no output and no summary.
 */
export async function takeOutput(
  store: Store,
  key: string,
  options: BuildOptions,
  clock: StepClock,
): Promise<BuildSummary | undefined> {
  const path = entryPath(store.directory, 'builds', key);
  const kept = readKept(store, path, key);
  if (kept === undefined) return undefined;
  const { summary, recipe, sources } = kept;
  const { sha256 } = summary.output;
  const { output, signal } = options;
  const onProgress = (done: number): void => options.onEvent({ type: 'written', bytes: done, total: recipe.size });
  const found = recipe.files.map(statIfThere);
  const isThere = found.every((one) => one?.isFile() === true);
  const write = () => writeAgain(recipe, { output, sha256, signal, onProgress });
  if (!(isThere && (await clock.run('write', write)))) {
    await rm(path, { recursive: true, force: true });
    // What is unpacked is checked by who takes it next.
    for (const [at, [kind]] of sources.entries()) {
      if (kind === 'outputs') await rm(recipe.files[at] ?? path, { recursive: true, force: true });
    }
    return undefined;
  }
  await Promise.all([path, ...recipe.files].map((file, at) => markUsed(file, found[at - 1]?.mtimeMs ?? 0)));
  return summary;
}

function readKept(store: Store, path: string, key: string): KeptBuild | undefined {
  try {
    const bytes = readBlockFile(path, key);
    let at = SIZE_BYTES + bytes.readUInt32LE(0);
    const { summary, sources, size, pieces, blocks: sizes } = deserialize(bytes.subarray(SIZE_BYTES, at)) as Start;
    const blocks = sizes.map((length) => {
      at += length;
      return bytes.subarray(at - length, at);
    });
    const files = sources.map((source) => entryPath(store.directory, ...source));
    return { summary, sources, recipe: { size, pieces, blocks, files } };
  } catch {
    return undefined;
  }
}

async function writeKept(
  store: Store,
  path: string,
  key: string,
  { summary, sources, recipe }: KeptBuild,
): Promise<void> {
  const { size, pieces, blocks } = recipe;
  const start: Start = { summary, sources, size, pieces, blocks: blocks.map((block) => block.byteLength) };
  const bytes = serialize(start);
  const length = Buffer.alloc(SIZE_BYTES);
  length.writeUInt32LE(bytes.byteLength);
  await keepBlockFile(store, path, async (put) => {
    for (const piece of [length, bytes, ...blocks]) await put(piece);
    return key;
  });
}

/** What there is to keep. */
export interface Made {
  readonly summary: BuildSummary;
  /** What the output was put together by; undefined: it is packed. */
  readonly recipe: Recipe | undefined;
  /** What the output is made of. */
  readonly packages: readonly MergeInput[];
}

/**
 * Keeps what a build came to, for a later one of the same: how the output is put together of what the store has unpacked; where
 * that cannot be, a copy of the output. Where that fails, it just is not kept.
 */
export async function keepOutput(store: Store, key: string, { summary, recipe, packages }: Made): Promise<void> {
  try {
    const kept = (recipe && sharedRecipe(store, recipe, packages)) ?? (await copiedOutput(store, summary));
    await writeKept(store, entryPath(store.directory, 'builds', key), key, { summary, ...kept });
  } catch {
    // The disk may be full, or the output somewhere else by now.
  }
}

/** A recipe with what the store keeps in place of this build's own files; undefined where it does not keep all of them. */
function sharedRecipe(store: Store, recipe: Recipe, packages: readonly MergeInput[]) {
  const digests = new Map(packages.map(({ record, unpacked }) => [unpacked.spool, record.sha256]));
  const sources = recipe.files.flatMap((file): Source[] => {
    const sha256 = digests.get(file);
    const isKept = sha256 !== undefined && existsSync(entryPath(store.directory, 'unpacked', sha256));
    return isKept ? [['unpacked', sha256]] : [];
  });
  return sources.length === recipe.files.length ? { recipe, sources } : undefined;
}

async function copiedOutput(store: Store, { output }: BuildSummary): Promise<Omit<KeptBuild, 'summary'>> {
  const temporary = join(store.directory, 'tmp', randomUUID());
  try {
    // Where the filesystem can, both share their blocks until one of them is changed.
    await copyFile(output.path, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(temporary, 0o600);
    const { size } = await stat(temporary);
    if (size !== output.bytes) throw new Error('it is not whole');
    await moveIntoPlace(temporary, entryPath(store.directory, 'outputs', output.sha256));
    store.grew(size);
    const recipe = recipeOf({ type: 'slice', file: temporary, offset: 0, size });
    return { recipe, sources: recipe.files.map(() => ['outputs', output.sha256]) };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
