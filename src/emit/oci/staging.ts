import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fse from 'fs-extra';
import { freshPart } from '../../files/part.js';
import { statIfThere } from '../../files/there.js';
import { KoalaError, reasonOf } from '../../formats/errors.js';
import { blobPath, type JsonBlob } from '../../formats/oci/digest.js';
import type { Descriptor } from '../../formats/oci/types.js';
import { pour } from '../pour.js';
import { openSink, refused } from '../sink.js';

/** A layout that is being made: a private directory, on the disk of the output. */
export interface Staging {
  readonly directory: string;
  /** Bytes of the blobs that are there, each once. */
  bytes(): number;
  /** Names of the blobs below the directory, in order. */
  blobs(): readonly { readonly name: string; readonly size: number }[];
  addJson(blob: JsonBlob): Promise<Descriptor>;
  /**
   * Adds a blob as it comes.
   *
   * @throws KoalaError `verify` where it has not the promised digest
   */
  addStream(
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    promised?: string,
  ): Promise<{ readonly digest: string; readonly size: number }>;
  addFile(name: string, bytes: Uint8Array): Promise<void>;
  discard(): Promise<void>;
}

/**
 * @param output the path of the output; `-` for standard output
 * @param isDirectory whether the output is to be a directory: then nothing may be there, or an empty one
 * @throws KoalaError `emit` where it cannot be written, as far as that can be told before anything is built
 */
export async function createStaging(output: string, isDirectory: boolean): Promise<Staging> {
  const target = output === '-' ? join(tmpdir(), 'koala-bootstrap') : resolve(output);
  if (output !== '-') refuseTaken(output, isDirectory);
  const directory = await freshPart(target);
  try {
    mkdirSync(directory);
    fse.ensureDirSync(join(directory, 'blobs/sha256'));
  } catch (error) {
    throw refused(output, error);
  }
  const sizes = new Map<string, number>();
  const addFile = async (name: string, bytes: Uint8Array): Promise<void> => {
    const sink = await openSink(join(directory, name), process.stdout);
    await sink.write(bytes);
    await sink.finish();
  };
  return {
    directory,
    bytes: () => [...sizes.values()].reduce((sum, size) => sum + size, 0),
    blobs: () => [...sizes].map(([name, size]) => ({ name, size })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    addFile,
    async addJson({ bytes, descriptor }) {
      const name = blobPath(descriptor.digest, output);
      if (!sizes.has(name)) await addFile(name, bytes);
      sizes.set(name, bytes.byteLength);
      return descriptor;
    },
    async addStream(chunks, promised) {
      const part = join(directory, `blobs/${randomBytes(6).toString('hex')}.part`);
      const sink = await openSink(part, process.stdout);
      const { bytes, sha256 } = await pour(chunks, sink, (poured) => {
        if (promised === undefined || promised === `sha256:${poured.sha256}`) return;
        throw new KoalaError('verify', `cannot accept the layer ${promised}: its digest is sha256:${poured.sha256}`);
      });
      const digest = `sha256:${sha256}`;
      const name = blobPath(digest, output);
      await rename(part, join(directory, name));
      sizes.set(name, bytes);
      return { digest, size: bytes };
    },
    discard: () => fse.remove(directory),
  };
}

function refuseTaken(output: string, isDirectory: boolean): void {
  const there = statIfThere(output);
  if (there === undefined) return;
  if (!isDirectory) {
    if (there.isDirectory()) throw new KoalaError('emit', `cannot write ${output}: it is a directory`);
  } else if (!there.isDirectory() || readdirSync(output).length > 0) throw taken(output);
}

function taken(output: string, cause?: unknown): KoalaError {
  const why = 'it is there already, and not an empty directory';
  return new KoalaError('emit', `cannot write the directory ${output}: ${why}`, { cause });
}

/** Gives a staged layout its name. @throws KoalaError `emit` where something other than an empty directory is there */
export async function publishDirectory(staging: Staging, output: string): Promise<void> {
  try {
    await rename(staging.directory, resolve(output));
  } catch (error) {
    if (existsSync(output)) throw taken(output, error);
    throw new KoalaError('emit', `cannot write the directory ${output}: ${reasonOf(error)}`, { cause: error });
  }
}
