import type { Bytes, Command, Process } from '../shell/types.js';
import { AccountsDatabase, formatGroup, loginDefs } from './accounts-database.js';
import { commandName, Failure, withFailures } from './console.js';
import type { ParsedOptions } from './options.js';

/** A command that changes the account tables: they are saved where it did not fail. */
export function command(run: (process: Process, database: AccountsDatabase) => number): Command {
  return (process) =>
    withFailures(process, `${commandName(process)}: `, () => {
      const database = new AccountsDatabase(process);
      const status = run(process, database);
      database.save();
      return status;
    });
}

/** The settings of login.defs(5), and of `-K`. */
export function settings(process: Process, options: ParsedOptions): (name: string, fallback: number) => number {
  const read = loginDefs(process);
  const given = new Map(
    options.all('key').map((pair) => [pair.split('=')[0] ?? '', Number(pair.split('=')[1])] as const),
  );
  return (name, fallback) => given.get(name) ?? read(name, fallback);
}

/** @throws Failure where no account can have the name. */
export function checkName(name: Bytes, what: string): void {
  if (!/^[^-+~:,\s/][^:,\s/]{0,31}$/.test(name) || /^\d+$/.test(name)) {
    throw new Failure(what === 'user' ? `invalid user name '${name}'` : `'${name}' is not a valid group name`, 3);
  }
}

/** A system account gets the highest free id of its range, another one the next above the highest in use. */
export function freeId(
  system: boolean,
  setting: (name: string, fallback: number) => number,
  kind: 'UID' | 'GID',
  taken: (id: number) => boolean,
): number {
  if (system) {
    const low = setting(`SYS_${kind}_MIN`, 101);
    const high = setting(`SYS_${kind}_MAX`, setting(`${kind}_MIN`, 1000) - 1);
    for (let id = high; id >= low; id--) if (!taken(id)) return id;
  } else {
    const low = setting(`${kind}_MIN`, 1000);
    const high = setting(`${kind}_MAX`, 60_000);
    for (let id = low; id <= high; id++) if (!taken(id)) return id;
  }
  throw new Failure(`Can't get unique ${kind} (no more available ${kind}s)`, 4);
}

/** The id of a group that is named or numbered. */
export function groupIdOf(database: AccountsDatabase, text: Bytes): number {
  const group = database.group(text) ?? (/^\d+$/.test(text) ? database.groupById(Number(text)) : undefined);
  if (group === undefined) throw new Failure(`group '${text}' does not exist`, 6);
  return group.gid;
}

/** The items between commas. */
export function listOf(text: Bytes | undefined): Bytes[] {
  return (text ?? '').split(',').filter((item) => item !== '');
}

/** Adds a group's line, with its password in the shadow table where the tree has one. */
export function addGroup(database: AccountsDatabase, name: Bytes, gid: number, password: Bytes): void {
  const shadow = database.has('gshadow');
  database.add('group', formatGroup({ name, password: shadow ? 'x' : password, gid, members: [] }));
  if (shadow) database.add('gshadow', `${name}:${password}::`);
}

/** Sets all members of a group. */
export function setMembers(database: AccountsDatabase, group: Bytes, members: readonly Bytes[]): void {
  database.edit('group', group, ([name = '', password = '', gid = '']) => [name, password, gid, members.join(',')]);
  database.edit('gshadow', group, ([name = '', password = '', admins = '']) => [
    name,
    password,
    admins,
    members.join(','),
  ]);
}

export function addMember(database: AccountsDatabase, name: Bytes, member: Bytes): void {
  const group = database.group(name);
  if (group === undefined) throw new Failure(`group '${name}' does not exist`, 6);
  if (!group.members.includes(member)) setMembers(database, name, [...group.members, member]);
}

export function removeMember(database: AccountsDatabase, name: Bytes, member: Bytes): void {
  const members = database.group(name)?.members ?? [];
  setMembers(
    database,
    name,
    members.filter((item) => item !== member),
  );
}
