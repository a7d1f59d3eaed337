import { KoalaError } from '../formats/errors.js';
import type { Accounts, Group, User } from '../profile/types.js';
import { readText } from '../rootfs/content.js';
import type { Editor } from '../rootfs/editor.js';
import type { Tree } from '../rootfs/tree.js';

/**
 * Adds the profile's users and groups to `/etc/passwd` and `/etc/group` (passwd(5), group(5)), and to their shadow files
 * where the tree has these. An account that is there already must agree.
 *
 * @param epoch the build date in seconds; shadow's day of the last change.
 * @throws KoalaError where a name or id is taken by another account.
 */
export function addAccounts(tree: Tree, editor: Editor, accounts: Accounts, epoch: number): void {
  addLines(tree, editor, '/etc/group', accounts.groups.map(groupLine));
  addLines(tree, editor, '/etc/passwd', accounts.users.map(userLine));
  if (tree.resolve('/etc/shadow') !== undefined) {
    const day = Math.floor(epoch / 86_400);
    const lines = accounts.users.map(({ username }) => `${username}:*:${day}:0:99999:7:::`);
    addLines(tree, editor, '/etc/shadow', lines);
  }
  if (tree.resolve('/etc/gshadow') !== undefined) {
    const lines = accounts.groups.map(({ groupname, members }) => `${groupname}:*::${members.join(',')}`);
    addLines(tree, editor, '/etc/gshadow', lines);
  }
}

function userLine({ username, uid, gid, gecos, homedir, shell }: User): string {
  return `${username}:x:${uid}:${gid}:${gecos}:${homedir}:${shell}`;
}

function groupLine({ groupname, gid, members }: Group): string {
  return `${groupname}:x:${gid}:${members.join(',')}`;
}

/** Adds the lines whose first field is not there yet; a line whose name is there with another id is an error. */
function addLines(tree: Tree, editor: Editor, path: string, wanted: readonly string[]): void {
  if (wanted.length === 0) return;
  const text = readText(tree, path) ?? '';
  const present = text.split('\n').filter((line) => line !== '');
  const missing = wanted.filter((line) => !isPresent(path, present, line));
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (missing.length > 0) editor.writeFile(path, start + missing.map((line) => `${line}\n`).join(''));
}

function isPresent(path: string, present: readonly string[], line: string): boolean {
  const [name, , id] = line.split(':');
  const found = present.find((other) => other.startsWith(`${name}:`));
  if (path.endsWith('shadow')) return found !== undefined;
  const holder = present.find((other) => other.split(':')[2] === id);
  if (found === undefined && holder === undefined) return false;
  if (found !== undefined && found.split(':')[2] === id) return true;
  const clash = found ?? holder;
  throw new KoalaError('configure', `cannot add the account ${name} with id ${id}: ${path} has "${clash}"`);
}
