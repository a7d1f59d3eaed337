import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keepJson, readKeptJson } from '../archive/block-file.js';
import { markUsed } from '../archive/last-use.js';
import { entryPath } from '../archive/layout.js';
import { moveIntoPlace, type Store } from '../archive/store.js';
import type { BuildOptions, BuildSummary, Chosen } from '../build-types.js';
import { copyOutput } from '../emit/copy.js';
import { canonicalDigest } from '../formats/canonical-json.js';
import { programDigest } from '../formats/program.js';

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

/**
 * Writes the output of an earlier build of the same again. It is held against its SHA-256 while it is copied; where it is damaged
 * or was pruned, there is no output and no summary.
 */
export async function takeOutput(store: Store, key: string, options: BuildOptions): Promise<BuildSummary | undefined> {
  const path = entryPath(store.directory, 'builds', key);
  const summary = readKeptJson(path, key) as BuildSummary | undefined;
  if (summary === undefined) return undefined;
  const { sha256, bytes } = summary.output;
  const source = entryPath(store.directory, 'outputs', sha256);
  const { output, signal } = options;
  const onProgress = (done: number): void => options.onEvent({ type: 'written', bytes: done, total: bytes });
  if (!(await copyOutput(source, { output, bytes, sha256, signal, onProgress }))) {
    for (const each of [path, source]) await rm(each, { recursive: true, force: true });
    return undefined;
  }
  for (const each of [path, source]) await markUsed(each, 0);
  return summary;
}

/** A second file that an output is written to, for a later build of the same. */
export interface OutputCopy {
  readonly file: FileHandle;
  /** Keeps it, once the build came to its end. */
  keep(summary: BuildSummary): Promise<void>;
  /** Where nothing was kept, nothing is left of it. */
  discard(): Promise<void>;
}

/** @returns undefined where the cache cannot be written to: then it just is not kept */
export async function openCopy(store: Store, key: string): Promise<OutputCopy | undefined> {
  const temporary = join(store.directory, 'tmp', randomUUID());
  const file = await open(temporary, 'wx', 0o600).catch(() => undefined);
  if (file === undefined) return undefined;
  const discard = async (): Promise<void> => {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
  };
  return {
    file,
    discard,
    keep: async (summary) => {
      try {
        const { size } = await file.stat();
        await file.close();
        if (size !== summary.output.bytes) throw new Error('it is not whole');
        const path = entryPath(store.directory, 'outputs', summary.output.sha256);
        await moveIntoPlace(temporary, path);
        store.grew(size);
        await keepJson(store, entryPath(store.directory, 'builds', key), summary, key);
      } catch {
        await discard();
      }
    },
  };
}
