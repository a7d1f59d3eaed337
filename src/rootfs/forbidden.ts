import { KoalaError } from '../formats/errors.js';
import type { Tree } from './tree.js';
import type { TreeNode } from './types.js';

/** What a profile can want nowhere in its tree. */
type Forbiddable = 'setuid' | 'setgid' | 'devices' | 'capabilities';

/** As many as a message lists. */
const MOST = 20;

const HAS: Readonly<Record<Forbiddable, (node: TreeNode) => boolean>> = {
  setuid: ({ type, mode }) => type === 'file' && (mode & 0o4000) !== 0,
  // On a directory it says who owns what is made in it, and lends nobody a group.
  setgid: ({ type, mode }) => type === 'file' && (mode & 0o2000) !== 0,
  devices: ({ type }) => type === 'char' || type === 'block',
  capabilities: ({ xattrs }) => xattrs.has('security.capability'),
};

/** @throws KoalaError `tree` that lists the entries which are what the profile forbids, and who brought them */
export function refuseForbidden(tree: Pick<Tree, 'walk'>, forbidden: readonly Forbiddable[]): void {
  const found: string[] = [];
  for (const [path, node] of tree.walk()) {
    const kinds = forbidden.filter((kind) => HAS[kind](node));
    if (kinds.length > 0) found.push(`${path}, of ${node.owner.name}: ${kinds.join(', ')}`);
  }
  if (found.length === 0) return;
  const rest = found.length > MOST ? [`and ${found.length - MOST} more`] : [];
  throw new KoalaError('tree', `cannot accept the tree: it has what the profile forbids, ${found[0]}`, {
    details: [...found.slice(0, MOST), ...rest],
    hint: 'leave them out with exclude-paths, or set their permissions in paths',
  });
}
