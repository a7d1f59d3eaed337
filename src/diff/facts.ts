import { createHash } from 'node:crypto';
import { IMPLIED } from '../artifact/owners.js';
import { isDatabaseFile } from '../configure/database/installed.js';
import { fileBytes } from '../image/file-bytes.js';
import { contentSize, readContent } from '../rootfs/content.js';
import type { Tree } from '../rootfs/tree.js';
import type { Content, TreeNode } from '../rootfs/types.js';
import { installedPackages } from './installed.js';
import type { FileFacts, TreeFacts } from './types.js';

/** All that is compared of a tree. */
export function factsOfTree(tree: Tree, origin: string): TreeFacts {
  const files = new Map<string, FileFacts>();
  const database = new Map<string, Uint8Array>();
  // Names of one file have the same value.
  const known = new Map<TreeNode, FileFacts>();
  for (const [path, node] of [['/', tree.root] as const, ...tree.walk()]) {
    if (node.owner === IMPLIED) continue;
    const facts = known.get(node) ?? factsOf(node);
    known.set(node, facts);
    files.set(path, facts);
    if (node.type === 'file' && isDatabaseFile(path)) database.set(path, readContent(node.content));
  }
  return { files, packages: installedPackages(database, origin) };
}

function factsOf(node: TreeNode): FileFacts {
  const { type, uid, gid, mtime } = node;
  const isDevice = node.type === 'char' || node.type === 'block';
  return {
    type,
    mode: type === 'symlink' ? 0o777 : node.mode,
    uid,
    gid,
    mtime,
    size: node.type === 'file' ? contentSize(node.content) : 0,
    sha256: node.type === 'file' ? digestOf(node.content) : '',
    target: isDevice ? `${node.major},${node.minor}` : node.type === 'symlink' ? node.target : '',
    xattrs: [...node.xattrs].map(([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`).sort(),
  };
}

function digestOf(content: Content): string {
  const hash = createHash('sha256');
  if (content.type === 'bytes') hash.update(content.bytes);
  else for (const chunk of fileBytes(content.file, content.offset, content.size)) hash.update(chunk);
  return hash.digest('hex');
}
