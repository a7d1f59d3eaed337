import { readText } from '../rootfs/content.js';
import type { Tree } from '../rootfs/tree.js';

const INFO = '/var/lib/dpkg/info';
const MERGED = /^\/(?:bin|sbin|lib[0-9a-z]*)\//;

/** Which package brought a path, as the lists of dpkg's database say; read when somebody first asks. */
export function packagesOfTree(tree: Tree): (path: string) => string | undefined {
  let owners: Map<string, string> | undefined;
  return (path) => {
    owners ??= readLists(tree);
    return owners.get(path);
  };
}

function readLists(tree: Tree): Map<string, string> {
  const owners = new Map<string, string>();
  const directory = tree.resolve(INFO);
  if (directory?.type !== 'directory') return owners;
  for (const name of directory.children.keys()) {
    if (!name.endsWith('.list')) continue;
    const owner = name.replace(/(?::[a-z0-9-]+)?\.list$/, '');
    for (const path of (readText(tree, `${INFO}/${name}`) ?? '').split('\n')) {
      if (path === '') continue;
      owners.set(path, owner);
      // Lists of a time before /usr was merged.
      if (MERGED.test(path)) owners.set(`/usr${path}`, owner);
    }
  }
  return owners;
}
