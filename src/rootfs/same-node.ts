import { haveSameBytes } from './content.js';
import type { Content, TreeNode } from './types.js';

/** Whether two entries are the same but for their times and extended attributes. What directories hold is not looked at. */
export function isSameNode(one: TreeNode, other: TreeNode): boolean {
  if (one === other) return true;
  if (one.type !== other.type || one.mode !== other.mode) return false;
  if (one.uid !== other.uid || one.gid !== other.gid) return false;
  switch (one.type) {
    case 'file':
      return other.type === 'file' && isSameContent(one.content, other.content);
    case 'symlink':
      return other.type === 'symlink' && one.target === other.target;
    case 'char':
    case 'block':
      return 'major' in other && one.major === other.major && one.minor === other.minor;
    default:
      return true;
  }
}

/** Most contents are the very same slice of one spool file. */
function isSameContent(one: Content, other: Content): boolean {
  if (one === other) return true;
  if (one.type === 'slice' && other.type === 'slice' && one.file === other.file && one.offset === other.offset) {
    return one.size === other.size;
  }
  return haveSameBytes(one, other);
}
