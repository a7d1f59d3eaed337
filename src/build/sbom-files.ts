import { realpath, stat } from 'node:fs/promises';
import fse from 'fs-extra';
import type { BuildOptions } from '../build-types.js';
import type { ConfiguredTree } from '../configured-tree.js';
import { type KnownDigests, sbomEntries } from '../emit/sbom/entries.js';
import type { SbomArtifact, SbomSubject } from '../emit/sbom/types.js';
import { plantSboms, type WrittenSbom, writeSboms } from '../emit/sbom/write.js';
import { describeBuild } from './sbom.js';

/** What the SBOMs of a tree say; those that are to be in it are. */
export interface PreparedSboms {
  readonly planted: readonly WrittenSbom[];
  /** Of the tree as it is now; undefined where none is to be written beside the output. */
  readonly subject: SbomSubject | undefined;
}

/**
 * Makes the SBOMs that are asked for, of a tree as it will be written, and puts those into it that belong there.
 *
 * @throws KoalaError where a file cannot be read; 'cancelled' on abort
 */
export async function prepareSboms(
  configured: ConfiguredTree,
  options: Pick<BuildOptions, 'sbom' | 'profile' | 'suite' | 'architecture' | 'snapshot' | 'locked'>,
): Promise<PreparedSboms> {
  const { beside = [], inside = [] } = options.sbom ?? {};
  if (beside.length + inside.length === 0) return { planted: [], subject: undefined };
  const { tree, signal, unpacked, base } = configured;
  const digests: KnownDigests = new Map();
  const { packages } = unpacked;
  const subject = await describeBuild({ ...configured, packages, installed: base?.installed ?? [], digests, options });
  const planted = plantSboms(tree, subject, inside, options.profile.name);
  if (beside.length === 0) return { planted, subject: undefined };
  const entries = planted.length === 0 ? subject.entries : await sbomEntries(tree, digests, signal);
  return { planted, subject: { ...subject, entries } };
}

/**
 * Writes the SBOMs that stand beside the output, which has been written by now; where they cannot be, it is taken away again.
 *
 * @param base their path but for its ending: the output's
 * @returns these and those in the tree
 * @throws KoalaError 'emit' where one cannot be written
 */
export async function finishSboms(
  { planted, subject }: PreparedSboms,
  artifact: SbomArtifact,
  { sbom, output, stdout }: Pick<BuildOptions, 'sbom' | 'output' | 'stdout'>,
  base: string = output,
): Promise<readonly WrittenSbom[]> {
  if (subject === undefined) return planted;
  try {
    return [...(await writeSboms({ ...subject, artifact }, sbom?.beside ?? [], base, stdout)), ...planted];
  } catch (error) {
    await takeAway(output);
    throw error;
  }
}

/** A device or a pipe stays, of course. */
async function takeAway(output: string): Promise<void> {
  const path = await realpath(output);
  const status = await stat(path);
  if (status.isFile() || status.isDirectory()) await fse.remove(path);
}
