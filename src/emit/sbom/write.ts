import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { editTree } from '../../rootfs/editor.js';
import type { Tree } from '../../rootfs/tree.js';
import { openSink } from '../sink.js';
import { cycloneDxDocument } from './cyclonedx.js';
import { type DocumentOf, documentBytes } from './document.js';
import { spdxDocument } from './spdx.js';
import type { SbomFormat, SbomSubject } from './types.js';

/** A document that was written. */
export interface WrittenSbom {
  readonly format: SbomFormat;
  /** Of the file; in the tree, absolute in that. */
  readonly path: string;
  /** Whether it is a file of the root filesystem. */
  readonly inside: boolean;
  readonly bytes: number;
  readonly sha256: string;
}

const DOCUMENTS: Readonly<Record<SbomFormat, { readonly ending: string; readonly documentOf: DocumentOf }>> = {
  spdx: { ending: '.spdx.json', documentOf: spdxDocument },
  cyclonedx: { ending: '.cdx.json', documentOf: cycloneDxDocument },
};

/** Where SBOMs are in a root filesystem. */
const SBOM_DIRECTORY = '/usr/share/sbom';

/** The path of a document beside an output, or in a tree: `base.tar.spdx.json`. */
function sbomPath(base: string, format: SbomFormat): string {
  return `${base.replace(/(?<=.)\/+$/, '')}${DOCUMENTS[format].ending}`;
}

/**
 * Writes documents beside an output. Each is complete or absent.
 *
 * @param base the output's path
 * @throws KoalaError 'emit' where one cannot be written
 */
export async function writeSboms(
  subject: SbomSubject,
  formats: readonly SbomFormat[],
  base: string,
  stdout: Writable,
): Promise<WrittenSbom[]> {
  const written: WrittenSbom[] = [];
  for (const format of formats) {
    const path = sbomPath(base, format);
    const sink = await openSink(path, stdout);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for (const chunk of documentBytes(DOCUMENTS[format].documentOf, subject)) {
        hash.update(chunk);
        bytes += chunk.byteLength;
        await sink.write(chunk);
      }
      await sink.finish();
    } catch (error) {
      await sink.discard();
      throw error;
    }
    written.push({ format, path, inside: false, bytes, sha256: hash.digest('hex') });
  }
  return written;
}

/**
 * Puts documents into a tree. They say of it what it was before: none can have its own digest.
 *
 * @param name of the files, without their endings
 */
export function plantSboms(
  tree: Tree,
  subject: SbomSubject,
  formats: readonly SbomFormat[],
  name: string,
): WrittenSbom[] {
  const editor = editTree(tree, { type: 'effect', name: 'sbom', package: undefined }, subject.epoch);
  const documents = formats.map((format) => {
    return { format, bytes: Buffer.concat([...documentBytes(DOCUMENTS[format].documentOf, subject)]) };
  });
  return documents.map(({ format, bytes }) => {
    const path = sbomPath(`${SBOM_DIRECTORY}/${name}`, format);
    editor.writeFile(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { format, path, inside: true, bytes: bytes.byteLength, sha256 };
  });
}
