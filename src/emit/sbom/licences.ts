import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { type Copyright, parseCopyright } from '../../formats/copyright.js';
import { reasonOf } from '../../formats/errors.js';
import { licenceExpression, type UnlistedLicence } from '../../formats/licence-expression.js';
import { parentOf } from '../../formats/path.js';
import { readContent, readText } from '../../rootfs/content.js';
import type { MergeInput } from '../../rootfs/merge.js';
import type { Tree } from '../../rootfs/tree.js';
import type { PackageEntry } from '../../unpack/types.js';
import type { ReferredLicence, SbomLicence } from './types.js';

/** Links from one package's documentation to another's are seldom more than one. */
const MAX_LINKS = 8;

/**
 * Says of each package under which licences its copyright file puts it (Policy 12.5). The file is the one in the .deb, whether the
 * tree has it or not.
 */
export function createLicenceReader(packages: readonly MergeInput[]): (one: MergeInput) => SbomLicence {
  const entries = new Map<string, { readonly entry: PackageEntry; readonly spool: string }>();
  for (const { unpacked } of packages) {
    for (const entry of unpacked.entries) {
      if (/^\/usr\/share\/doc\/[^/]+(?:\/copyright)?$/.test(entry.path)) {
        if (entry.type !== 'directory') entries.set(entry.path, { entry, spool: unpacked.spool });
      }
    }
  }
  const textAt = (path: string, links = 0): string | undefined => {
    const linked = entries.get(path) ?? entries.get(parentOf(path));
    if (linked === undefined || links > MAX_LINKS) return undefined;
    const { entry, spool } = linked;
    if (entry.type === 'symlink') {
      const target = posix.resolve(parentOf(entry.path), entry.target);
      return textAt(`${target}${path.slice(entry.path.length)}`, links + 1);
    }
    if (entry.type === 'hardlink') return textAt(entry.target, links + 1);
    const content = { type: 'slice', file: spool, offset: entry.offset, size: entry.size } as const;
    return entry.type === 'file' ? Buffer.from(readContent(content)).toString() : undefined;
  };
  return ({ record: { name } }) => {
    const path = `/usr/share/doc/${name}/copyright`;
    const text = textAt(path);
    return text === undefined ? unknown(`the package has no ${path}`) : licenceOf(text, `${name}'s copyright file`);
  };
}

/** The same of a package that is in the tree already, by its copyright file there. */
export function licenceInTree(tree: Tree, name: string): SbomLicence {
  const path = `/usr/share/doc/${name}/copyright`;
  const text = readText(tree, path);
  return text === undefined ? unknown(`the tree has no ${path}`) : licenceOf(text, `${name}'s copyright file`);
}

/**
 * What a copyright file says.
 *
 * @param origin the file, for messages
 */
function licenceOf(text: string, origin: string): SbomLicence {
  let copyright: Copyright | undefined;
  try {
    copyright = parseCopyright(text, origin);
  } catch (error) {
    return unknown(reasonOf(error));
  }
  if (copyright === undefined) {
    const common = [
      ...new Set(Array.from(text.matchAll(/common-licenses\/([A-Za-z0-9.-]*[A-Za-z0-9])/g), ([, one]) => one)),
    ];
    const named = common.length === 0 ? '' : `; it points to the common licences ${common.sort().join(', ')}`;
    return unknown(`${origin} is not machine-readable${named}`);
  }
  const unlisted = new Map<string, ReferredLicence>();
  const expression = licenceExpression(copyright, (licence) => {
    const id = referenceTo(licence);
    unlisted.set(id, { id, ...licence });
    return id;
  });
  if (expression === undefined) return unknown(`${origin} names no licence`);
  return { expression, reason: undefined, unlisted: [...unlisted.values()] };
}

function unknown(reason: string): SbomLicence {
  return { expression: undefined, reason, unlisted: [] };
}

/** One name for one text: what is called public-domain here and there is seldom the same. */
function referenceTo({ name, text }: UnlistedLicence): string {
  const digest = createHash('sha256')
    .update(`${name}\0${text ?? ''}`)
    .digest('hex')
    .slice(0, 8);
  return `LicenseRef-${name.replace(/[^A-Za-z0-9.]+/g, '-').slice(0, 100)}-${digest}`;
}
