import { readText } from '../rootfs/content.js';
import type { Editor } from '../rootfs/editor.js';
import type { Tree } from '../rootfs/tree.js';

/** The groups that every Debian system has, with the ids that are the same on all (Policy 9.2.2; base-passwd). */
const GROUPS: Readonly<Record<string, number>> = {
  root: 0,
  daemon: 1,
  bin: 2,
  sys: 3,
  adm: 4,
  tty: 5,
  disk: 6,
  lp: 7,
  mail: 8,
  news: 9,
  uucp: 10,
  man: 12,
  proxy: 13,
  kmem: 15,
  dialout: 20,
  fax: 21,
  voice: 22,
  cdrom: 24,
  floppy: 25,
  tape: 26,
  sudo: 27,
  audio: 29,
  dip: 30,
  'www-data': 33,
  backup: 34,
  operator: 37,
  list: 38,
  irc: 39,
  src: 40,
  shadow: 42,
  utmp: 43,
  video: 44,
  sasl: 45,
  plugdev: 46,
  staff: 50,
  games: 60,
  users: 100,
  nogroup: 65534,
};

/** The users likewise, with their groups. */
const USERS: Readonly<Record<string, readonly [uid: number, gid: number]>> = {
  root: [0, 0],
  daemon: [1, 1],
  bin: [2, 2],
  sys: [3, 3],
  sync: [4, 65534],
  games: [5, 60],
  man: [6, 12],
  lp: [7, 7],
  mail: [8, 8],
  news: [9, 9],
  uucp: [10, 10],
  proxy: [13, 13],
  'www-data': [33, 33],
  backup: [34, 34],
  list: [38, 38],
  irc: [39, 39],
  nobody: [65534, 65534],
};

/**
 * Lends a tree without base-passwd the accounts that scripts rely on, so that `chown root:mail` means what it means
 * everywhere.
 *
 * @returns takes them away again; what scripts have added or changed stays.
 */
export function lendStaticAccounts(tree: Tree, editor: Editor): () => void {
  const groups = Object.entries(GROUPS).map(([name, gid]) => `${name}:x:${gid}:`);
  const users = Object.entries(USERS).map(
    ([name, [uid, gid]]) => `${name}:x:${uid}:${gid}:${name}:/:/usr/sbin/nologin`,
  );
  const returns = [lend(tree, editor, '/etc/group', groups), lend(tree, editor, '/etc/passwd', users)];
  return () => {
    for (const giveBack of returns) giveBack();
  };
}

function lend(tree: Tree, editor: Editor, path: string, lines: readonly string[]): () => void {
  const node = tree.resolve(path);
  const before = node?.type === 'file' ? { ...node } : undefined;
  const text = readText(tree, path) ?? '';
  const there = text.split('\n').map((line) => line.split(':'));
  const lent = new Set(
    lines.filter((line) => {
      const [name, , id] = line.split(':');
      return !there.some((fields) => fields[0] === name || fields[2] === id);
    }),
  );
  const full = [text, ...[...lent].map((line) => `${line}\n`)].join('');
  editor.writeFile(path, full);
  return () => {
    const after = readText(tree, path) ?? '';
    if (after !== full) {
      editor.writeFile(
        path,
        after
          .split('\n')
          .filter((line) => !lent.has(line))
          .join('\n'),
      );
    } else if (before === undefined) tree.remove(path);
    else tree.set(path, before);
  };
}
