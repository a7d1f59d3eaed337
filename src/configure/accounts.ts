import { KoalaError } from '../formats/errors.js';
import type { Accounts, Group, User } from '../profile/types.js';
import { readText } from '../rootfs/content.js';
import type { Editor } from '../rootfs/editor.js';
import type { Tree } from '../rootfs/tree.js';

/** What a profile, or what it extends, has put into the account files so far. */
export type AddedAccounts = Set<string>;

/**
 * Adds a profile's users and groups to `/etc/passwd` and `/etc/group` (passwd(5), group(5)), and to their shadow files
 * where the tree has these. An account that is there already must agree, and stays as it is unless a profile has added it.
 *
 * @param epoch the build date in seconds; shadow's day of the last change.
 * @param added the lines of profiles; gets those that are added here.
 * @throws KoalaError where a name or id is taken by another account.
 */
export function addAccounts(
  tree: Tree,
  editor: Editor,
  accounts: Pick<Accounts, 'users' | 'groups'>,
  epoch: number,
  added: AddedAccounts,
): void {
  const add = (path: string, lines: readonly string[]): void => addLines({ tree, editor, path, added }, lines);
  add('/etc/group', accounts.groups.map(groupLine));
  add('/etc/passwd', accounts.users.map(userLine));
  if (tree.resolve('/etc/shadow') !== undefined) {
    const day = Math.floor(epoch / 86_400);
    add(
      '/etc/shadow',
      accounts.users.map(({ username }) => `${username}:*:${day}:0:99999:7:::`),
    );
  }
  if (tree.resolve('/etc/gshadow') !== undefined) {
    add(
      '/etc/gshadow',
      accounts.groups.map(({ groupname, members }) => `${groupname}:*::${members.join(',')}`),
    );
  }
}

function userLine({ username, uid, gid, gecos, homedir, shell }: User): string {
  return `${username}:x:${uid}:${gid}:${gecos}:${homedir}:${shell}`;
}

function groupLine({ groupname, gid, members }: Group): string {
  return `${groupname}:x:${gid}:${members.join(',')}`;
}

interface AccountFile {
  readonly tree: Tree;
  readonly editor: Editor;
  readonly path: string;
  readonly added: AddedAccounts;
}

/**
 * Adds the lines whose first field is not there yet, each in place of the one that a profile added for that name; a line whose
 * name is there with another id is an error.
 */
function addLines({ tree, editor, path, added }: AccountFile, wanted: readonly string[]): void {
  if (wanted.length === 0) return;
  const text = readText(tree, path) ?? '';
  const names = new Map(wanted.map((line) => [nameIn(line), line]));
  const known = (line: string): string => `${path}\0${line}`;
  const lines = text.split('\n').filter((line) => line !== '');
  const replaced = lines.map((line) => (added.has(known(line)) ? (names.get(nameIn(line)) ?? line) : line));
  const missing = wanted.filter((line) => !isPresent(path, replaced, line));
  const ours = [...missing, ...replaced.filter((line, at) => line !== lines[at])];
  for (const line of ours) added.add(known(line));
  if (ours.length > 0) editor.writeFile(path, [...replaced, ...missing].map((line) => `${line}\n`).join(''));
}

function nameIn(line: string): string {
  return line.slice(0, line.indexOf(':'));
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
