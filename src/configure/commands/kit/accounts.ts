import { linesOf } from '../../shell/bytes.js';
import { readFile, tryStat } from '../../shell/filesystem.js';
import type { World } from '../../shell/resolve.js';
import type { Bytes } from '../../shell/types.js';

/** A line of passwd(5) or group(5). */
interface Account {
  readonly name: Bytes;
  readonly id: number;
  /** The third field: a user's group. */
  readonly gid: number;
  /** The last field: a group's members. */
  readonly members: readonly Bytes[];
  /** A user's, '' for a group. */
  readonly home: Bytes;
  readonly shell: Bytes;
}

type Database = 'passwd' | 'group';

/** The accounts of the tree's own /etc/passwd or /etc/group. */
export function accountsOf(world: World, database: Database): Account[] {
  const path = `/etc/${database}`;
  if (tryStat(world, path)?.type !== 'file') return [];
  return linesOf(readFile(world, path)).flatMap((line) => {
    const fields = line.split(':');
    const [name = '', , id = '', fourth = '', , home = '', shell = ''] = fields;
    if (name === '' || !/^[0-9]+$/.test(id)) return [];
    const members = database === 'group' ? fourth.split(',').filter((member) => member !== '') : [];
    return [{ name, id: Number(id), gid: Number(fourth), members, home, shell }];
  });
}

/** A name, or a number as it is, to an id; undefined where there is no such account. */
export function idOf(world: World, database: Database, text: Bytes): number | undefined {
  const named = accountsOf(world, database).find(({ name }) => name === text)?.id;
  if (named !== undefined) return named;
  const number = /^\+?([0-9]+)$/.exec(text)?.[1];
  return number === undefined || Number(number) > 0xffffffff ? undefined : Number(number);
}

/** The name of an id; undefined where it has none. */
export function nameOfId(world: World, database: Database, id: number): Bytes | undefined {
  return accountsOf(world, database).find((account) => account.id === id)?.name;
}
