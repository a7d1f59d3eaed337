import { linesOf } from '../shell/bytes.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { AccountsDatabase, formatGroup, formatUser, loginDefs } from './accounts-database.js';
import { configurationFields, configurationFiles, isConfigurationLine } from './configuration-files.js';
import { Failure, readInput, say, withFailures } from './console.js';
import { Files } from './files.js';
import { parseOptions } from './options.js';

/** A `u` line of sysusers.d(5), or the user that an `m` line implies. */
interface WantedUser {
  readonly name: Bytes;
  readonly id: Bytes;
  readonly gecos: Bytes;
  readonly home: Bytes;
  readonly shell: Bytes;
  /** The account is locked for good: `u!`. */
  readonly expired: boolean;
}

interface Wanted {
  readonly users: Map<Bytes, WantedUser>;
  /** Groups and their ids as they are written. */
  readonly groups: Map<Bytes, Bytes>;
  readonly members: { readonly user: Bytes; readonly group: Bytes }[];
  /** The ranges of `r` lines; without one, those of login.defs. */
  readonly ranges: { readonly low: number; readonly high: number }[];
}

/**
 * systemd-sysusers(8): the users and groups of sysusers.d(5). Ids are the highest free ones below 1000, a user's and its
 * group's the same where both are new.
 */
export const systemdSysusers: Command = (process) =>
  withFailures(process, '', () => {
    const options = parseOptions(
      process.args.slice(1),
      'root: image: replace: dry-run inline cat-config tldr no-pager h,help version',
    );
    const files = new Files(process);
    const lines = configurationLines(process, files, options.has('inline'), options.operands);
    if (options.has('dry-run') || options.has('cat-config')) return 0;
    const wanted = parseLines(lines);
    const database = new AccountsDatabase(process);
    const allocate = allocator(process, database, wanted.ranges);
    for (const [name, id] of wanted.groups) addGroup(process, files, database, name, id, allocate);
    for (const user of wanted.users.values()) addUser(process, files, database, user, allocate);
    for (const { user, group } of wanted.members) addMember(database, user, group);
    database.save();
    return 0;
  });

function configurationLines(process: Process, files: Files, inline: boolean, operands: readonly Bytes[]): Bytes[] {
  if (inline) return [...operands];
  const paths = operands.length === 1 && operands[0] === '-' ? [] : configurationFiles(files, 'sysusers.d', operands);
  if (operands[0] === '-') return linesOf(readInput(process));
  return paths.flatMap((path) => {
    if (!files.isFile(path)) throw new Failure(`Failed to open '${path}': No such file or directory`);
    return files.lines(path);
  });
}

function parseLines(lines: readonly Bytes[]): Wanted {
  const wanted: Wanted = { users: new Map(), groups: new Map(), members: [], ranges: [] };
  const user = (name: Bytes, fields: Partial<WantedUser> = {}): void => {
    const old = wanted.users.get(name);
    if (old === undefined)
      wanted.users.set(name, { name, id: '', gecos: '', home: '', shell: '', expired: false, ...fields });
  };
  for (const line of lines.filter(isConfigurationLine)) {
    const [type = '', name = '', id = '', gecos = '', home = '', shell = ''] = configurationFields(line);
    if (type.startsWith('u')) user(name, { id, gecos, home, shell, expired: type.includes('!') });
    else if (type === 'g') wanted.groups.set(name, wanted.groups.get(name) ?? id);
    else if (type === 'm') wanted.members.push({ user: name, group: id });
    else if (type === 'r') wanted.ranges.push(parseRange(id));
    else throw new Failure(`Unknown modifier '${type}'.`);
  }
  for (const member of wanted.members) {
    user(member.user);
    if (!wanted.users.has(member.group) && !wanted.groups.has(member.group)) wanted.groups.set(member.group, '');
  }
  return wanted;
}

type Allocate = () => number;

/** The next id, downward, that is neither a user's nor a group's. */
function allocator(process: Process, database: AccountsDatabase, given: Wanted['ranges']): Allocate {
  const setting = loginDefs(process);
  const system = { low: setting('SYS_UID_MIN', 100), high: setting('SYS_UID_MAX', 999) };
  const ranges = given.length > 0 ? [...given].sort((a, b) => b.high - a.high) : [system];
  const free = (id: number): boolean => database.userById(id) === undefined && database.groupById(id) === undefined;
  return () => {
    for (const { low, high } of ranges) for (let id = high; id >= low; id--) if (free(id)) return id;
    throw new Failure('No free user ID available.');
  };
}

function parseRange(text: Bytes): { readonly low: number; readonly high: number } {
  const [low = '', high = low] = text.split('-');
  return { low: Number(low), high: Number(high) };
}

function addGroup(
  process: Process,
  files: Files,
  database: AccountsDatabase,
  name: Bytes,
  id: Bytes,
  allocate: Allocate,
): void {
  if (database.group(name) !== undefined) return;
  const wanted = id.startsWith('/') ? files.stat(id)?.gid : id === '' ? undefined : Number(id);
  const sameName = database.user(name)?.uid;
  const gid =
    wanted !== undefined && database.groupById(wanted) === undefined
      ? wanted
      : sameName !== undefined && database.groupById(sameName) === undefined
        ? sameName
        : allocate();
  database.add('group', formatGroup({ name, password: 'x', gid, members: [] }));
  // systemd makes the shadow tables where they are missing, unlike the shadow suite.
  database.add('gshadow', `${name}:!*::`);
  say(process, `Creating group '${name}' with GID ${gid}.`);
}

function addUser(
  process: Process,
  files: Files,
  database: AccountsDatabase,
  user: WantedUser,
  allocate: Allocate,
): void {
  const { name, gecos, home, shell, expired } = user;
  if (database.user(name) !== undefined) return;
  // `-:group` leaves the user's own id to be chosen.
  const [uidText = '', groupText] = user.id.replace(/^-(?=:)/, '').split(':');
  if (groupText === undefined) {
    addGroup(process, files, database, name, uidText, allocate);
  }
  const group =
    groupText === undefined
      ? database.group(name)
      : (database.group(groupText) ?? database.groupById(Number(groupText)));
  if (group === undefined)
    throw new Failure(`Failed to create user '${name}', please create a group with the specified gid first.`);
  const wanted = uidText.startsWith('/') ? files.stat(uidText)?.uid : uidText === '' ? undefined : Number(uidText);
  const free = (id: number | undefined): id is number => id !== undefined && database.userById(id) === undefined;
  const uid = free(wanted) ? wanted : groupText === undefined && free(group.gid) ? group.gid : allocate();
  const nologin = uid === 0 ? '/bin/sh' : '/usr/sbin/nologin';
  database.add(
    'passwd',
    formatUser({ name, password: 'x', uid, gid: group.gid, gecos, home: home || '/', shell: shell || nologin }),
  );
  database.add('shadow', `${name}:!*:${database.day}:::::${expired ? '1' : ''}:`);
  say(process, `Creating user '${name}' (${gecos === '' ? 'n/a' : gecos}) with UID ${uid} and GID ${group.gid}.`);
}

function addMember(database: AccountsDatabase, user: Bytes, name: Bytes): void {
  const group = database.group(name);
  if (group === undefined || group.members.includes(user)) return;
  const members = [...group.members, user].join(',');
  database.edit('group', name, ([first = '', password = '', gid = '']) => [first, password, gid, members]);
  database.edit('gshadow', name, ([first = '', password = '', admins = '']) => [first, password, admins, members]);
}
