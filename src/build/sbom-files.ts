import { realpath, stat } from 'node:fs/promises';
import fse from 'fs-extra';
import type { BuildOptions } from '../build-types.js';
import type { ConfiguredTree } from '../configured-tree.js';
import { type KnownDigests, sbomEntries } from '../emit/sbom/entries.js';
import { plantSboms, type WrittenSbom, writeSboms } from '../emit/sbom/write.js';
import { describeBuild } from './sbom.js';

export interface Sboms {
  /**
   * Writes those that stand beside the output, which has been written by now; where they cannot be, it is taken away again.
   *
   * @param tarSha256 of the uncompressed tar
   * @returns these and those in the tree
   * @throws KoalaError 'emit' where one cannot be written
   */
  write(tarSha256: string): Promise<readonly WrittenSbom[]>;
}

/**
 * Makes the SBOMs that are asked for, of a tree as it will be written, and puts those into it that belong there.
 *
 * @throws KoalaError where a file cannot be read; 'cancelled' on abort
 */
export async function prepareSboms(configured: ConfiguredTree, options: BuildOptions): Promise<Sboms> {
  const { beside = [], inside = [] } = options.sbom ?? {};
  if (beside.length + inside.length === 0) return { write: async () => [] };
  const { tree, signal, unpacked } = configured;
  const digests: KnownDigests = new Map();
  const subject = await describeBuild({ ...configured, packages: unpacked.packages, digests, options });
  const planted = plantSboms(tree, subject, inside, options.profile.name);
  return {
    write: async (tarSha256) => {
      if (beside.length === 0) return planted;
      const entries = planted.length === 0 ? subject.entries : await sbomEntries(tree, digests, signal);
      try {
        const whole = { ...subject, entries, tarSha256 };
        return [...(await writeSboms(whole, beside, options.output, options.stdout)), ...planted];
      } catch (error) {
        await takeAway(options.output);
        throw error;
      }
    },
  };
}

/** A device or a pipe stays, of course. */
async function takeAway(output: string): Promise<void> {
  const path = await realpath(output);
  const status = await stat(path);
  if (status.isFile() || status.isDirectory()) await fse.remove(path);
}
