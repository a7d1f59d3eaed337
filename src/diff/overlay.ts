import { KoalaError } from '../formats/errors.js';
import { nameOf, parentOf } from '../formats/path.js';
import { installedPackages } from './installed.js';
import type { Layer } from './layer.js';
import type { FileFacts, TreeFacts } from './types.js';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/**
 * Lays layers over each other, the lowest first, as the OCI image specification (layer.md, "Applying Changesets") says:
 * `.wh.name` takes a name of the layers below away, `.wh..wh..opq` all that they have in a directory.
 *
 * @throws KoalaError `unpack` for a hard link to nothing
 */
export function overlay(layers: readonly Layer[], origin: string): TreeFacts {
  const files = new Map<string, FileFacts>();
  const database = new Map<string, Uint8Array>();
  const remove = (path: string, self: boolean): void => {
    for (const map of [files, database]) {
      if (self) map.delete(path);
      const prefix = path === '/' ? '/' : `${path}/`;
      for (const other of map.keys()) if (other !== '/' && other.startsWith(prefix)) map.delete(other);
    }
  };
  const isWhiteout = (path: string): boolean => layers.length > 1 && nameOf(path).startsWith(WHITEOUT);
  for (const layer of layers) {
    // Whiteouts speak of the layers below, wherever they stand in the tar.
    for (const path of [...layer.entries.keys()].filter(isWhiteout)) {
      const name = nameOf(path);
      const parent = parentOf(path);
      if (name === OPAQUE) remove(parent, false);
      else remove(`${parent === '/' ? '' : parent}/${name.slice(WHITEOUT.length)}`, true);
    }
    const put = (path: string, facts: FileFacts): void => {
      const before = files.get(path);
      if (before !== undefined && !(before.type === 'directory' && facts.type === 'directory')) {
        if (before.type === 'directory') remove(path, true);
        database.delete(path);
      }
      files.set(path, facts);
    };
    for (const [path, facts] of layer.entries) if (!isWhiteout(path)) put(path, facts);
    for (const [path, target] of layer.links) {
      const facts = files.get(target);
      if (facts === undefined)
        throw new KoalaError(
          'unpack',
          `cannot read ${origin}: ${path} is a hard link to ${target}, which is not there`,
        );
      put(path, facts);
    }
    for (const [path, bytes] of layer.database) database.set(path, bytes);
  }
  return { files, packages: installedPackages(database, origin) };
}
