import type { Bytes, Process } from '../shell/types.js';
import type { User } from './accounts-database.js';
import { Files } from './files.js';

interface Skeleton {
  readonly mode: number;
  /** The directory whose contents a new home starts with; undefined for an empty home. */
  readonly skeleton: Bytes | undefined;
}

/** Makes a user's home directory where it is missing, owned by the user, with copies of the skeleton's files. */
export function copySkeleton(
  process: Process,
  { home, uid, gid }: Pick<User, 'home' | 'uid' | 'gid'>,
  { mode, skeleton }: Skeleton,
): void {
  const files = new Files(process);
  if (files.exists(home)) return;
  files.makeDirectories(home);
  if (skeleton !== undefined) copyInto(files, skeleton, home, uid, gid);
  files.chown(home, uid, gid);
  files.chmod(home, mode);
}

function copyInto(files: Files, from: Bytes, to: Bytes, uid: number, gid: number): void {
  for (const name of files.list(from)) {
    const node = files.lstat(`${from}/${name}`);
    const goal = `${to}/${name}`;
    if (node?.type === 'symlink') {
      files.symlink(files.readlink(`${from}/${name}`) ?? '', goal);
      files.chown(goal, uid, gid, false);
    } else if (node?.type === 'directory') {
      files.makeDirectories(goal);
      copyInto(files, `${from}/${name}`, goal, uid, gid);
      files.chown(goal, uid, gid);
      files.chmod(goal, node.mode);
    } else if (node?.type === 'file') {
      files.write(goal, files.read(`${from}/${name}`) ?? '', { uid, gid, mode: node.mode });
    }
  }
}
