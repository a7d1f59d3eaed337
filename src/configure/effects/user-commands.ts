import type { Bytes, Process } from '../shell/types.js';
import {
  addGroup,
  addMember,
  checkName,
  command,
  freeId,
  groupIdOf,
  listOf,
  removeMember,
  settings,
} from './account-edits.js';
import { type AccountsDatabase, formatUser, parseId, type User } from './accounts-database.js';
import { Failure } from './console.js';
import { Files } from './files.js';
import { copySkeleton } from './home-directory.js';
import { type ParsedOptions, parseOptions } from './options.js';

/* The user commands of the shadow suite, as 4.13 and 4.17 leave the tables of a fresh system. */

const USERADD =
  'b,base-dir: c,comment: d,home-dir: D,defaults e,expiredate: f,inactive: F,add-subids-for-system g,gid: G,groups: k,skel: K,key: l,no-log-init m,create-home M,no-create-home N,no-user-group o,non-unique p,password: r,system R,root: P,prefix: s,shell: u,uid: U,user-group badname,badnames';
const USERMOD =
  'a,append b,badname,badnames c,comment: d,home: e,expiredate: f,inactive: g,gid: G,groups: l,login: L,lock m,move-home o,non-unique p,password: r,remove R,root: P,prefix: s,shell: u,uid: U,unlock v,add-subuids: V,del-subuids: w,add-subgids: W,del-subgids:';

/** useradd(8) */
export const useradd = command((process, database) => {
  const options = parseOptions(process.args.slice(1), USERADD, 2);
  const name = options.operands[0] ?? '';
  if (name === '') throw new Failure('a user name is needed', 2);
  checkName(name, 'user');
  if (database.user(name) !== undefined) throw new Failure(`user '${name}' already exists`, 9);
  const setting = settings(process, options);
  const system = options.has('system');
  const wanted = options.get('gid');
  const ownGroup = wanted === undefined && !options.has('no-user-group');
  if (ownGroup && database.group(name) !== undefined) {
    throw new Failure(`group ${name} exists - if you want to add this user to that group, use -g.`, 9);
  }
  const uid = options.has('uid')
    ? parseId(options.get('uid') ?? '', 'user ID')
    : freeId(system, setting, 'UID', (id) => database.userById(id) !== undefined);
  if (!options.has('non-unique') && database.userById(uid) !== undefined)
    throw new Failure(`UID ${uid} is not unique`, 4);
  let gid = 100;
  if (wanted !== undefined) gid = groupIdOf(database, wanted);
  else if (ownGroup) {
    gid =
      database.groupById(uid) === undefined
        ? uid
        : freeId(system, setting, 'GID', (id) => database.groupById(id) !== undefined);
    addGroup(database, name, gid, '!');
  }
  const user: User = {
    name,
    password: 'x',
    uid,
    gid,
    gecos: options.get('comment') ?? '',
    home: options.get('home-dir') ?? `${options.get('base-dir') ?? '/home'}/${name}`,
    shell: options.get('shell') ?? defaultShell(process),
  };
  addUser(database, user, options.get('password') ?? '!', system ? '::::' : ageing(setting));
  for (const group of listOf(options.get('groups'))) addMember(database, group, name);
  if (!system || options.has('add-subids-for-system')) addSubordinates(database, name, setting);
  if (options.has('create-home'))
    copySkeleton(process, user, {
      mode: setting('HOME_MODE', 0o777 & ~setting('UMASK', 0o022)),
      skeleton: options.get('skel') ?? '/etc/skel',
    });
  return 0;
});

/** usermod(8) */
export const usermod = command((process, database) => {
  const options = parseOptions(process.args.slice(1), USERMOD, 2);
  const name = options.operands[0] ?? '';
  const user = database.user(name);
  if (user === undefined) throw new Failure(`user '${name}' does not exist`, 6);
  const changed: User = {
    ...user,
    gecos: options.get('comment') ?? user.gecos,
    home: options.get('home') ?? user.home,
    shell: options.get('shell') ?? user.shell,
    name: options.get('login') ?? user.name,
    uid: options.has('uid') ? parseId(options.get('uid') ?? '', 'user ID') : user.uid,
    gid: options.has('gid') ? groupIdOf(database, options.get('gid') ?? '') : user.gid,
  };
  const before = formatUser(user);
  if (formatUser(changed) !== before || changesPassword(options)) {
    database.edit('passwd', name, () => formatUser(changed).split(':'));
    if (database.has('shadow')) {
      database.edit('shadow', name, ([, password = '', day = '', ...rest]) => {
        const [next, changedDay] = nextPassword(options, password, day, database.day);
        return [changed.name, next, changedDay, ...rest];
      });
    }
  }
  if (options.has('groups')) {
    const wanted = listOf(options.get('groups'));
    if (!options.has('append')) {
      for (const group of database.groups()) {
        if (group.members.includes(name) && !wanted.includes(group.name)) removeMember(database, group.name, name);
      }
    }
    for (const group of wanted) addMember(database, group, name);
  }
  return 0;
});

function changesPassword(options: ParsedOptions): boolean {
  return ['lock', 'unlock', 'password'].some((name) => options.has(name));
}

function nextPassword(options: ParsedOptions, password: Bytes, day: Bytes, today: number): [Bytes, Bytes] {
  if (options.has('password')) return [options.get('password') ?? '', String(today)];
  if (options.has('lock') && !password.startsWith('!')) return [`!${password}`, day];
  if (options.has('unlock') && password.startsWith('!') && password.length > 1) return [password.slice(1), day];
  return [password, day];
}

/** userdel(8), without the home directory. */
export const userdel = command((process, database) => {
  const options = parseOptions(process.args.slice(1), 'f,force r,remove R,root: P,prefix:', 2);
  const name = options.operands[0] ?? '';
  const user = database.user(name);
  if (user === undefined) throw new Failure(`user '${name}' does not exist`, 6);
  for (const table of ['passwd', 'shadow', 'subuid', 'subgid'] as const) database.removeLine(table, name);
  for (const group of database.groups()) if (group.members.includes(name)) removeMember(database, group.name, name);
  if (database.group(name)?.gid === user.gid && !database.users().some(({ gid }) => gid === user.gid)) {
    for (const table of ['group', 'gshadow'] as const) database.removeLine(table, name);
  }
  return 0;
});

/** chfn(1) */
export const chfn = command((process, database) => {
  const options = parseOptions(
    process.args.slice(1),
    'f,full-name: h,home-phone: o,other: r,room: w,work-phone: u,help R,root:',
    2,
  );
  const name = options.operands[0] ?? '';
  const user = database.user(name);
  if (user === undefined) throw new Failure(`user '${name}' does not exist`);
  const [full = '', room = '', work = '', home = '', ...other] = user.gecos.split(',');
  const parts = [
    options.get('full-name') ?? full,
    options.get('room') ?? room,
    options.get('work-phone') ?? work,
    options.get('home-phone') ?? home,
  ];
  const rest = options.get('other') ?? other.join(',');
  const gecos = [...parts, ...(rest === '' ? [] : [rest])].join(',');
  database.edit('passwd', name, () => formatUser({ ...user, gecos }).split(':'));
  return 0;
});

/** chsh(1) */
export const chsh = command((process, database) => {
  const options = parseOptions(process.args.slice(1), 's,shell: R,root:', 2);
  const name = options.operands[0] ?? '';
  const user = database.user(name);
  if (user === undefined) throw new Failure(`user '${name}' does not exist`);
  database.edit('passwd', name, () => formatUser({ ...user, shell: options.get('shell') ?? user.shell }).split(':'));
  return 0;
});

/** chage(1) */
export const chage = command((process, database) => {
  const spec = 'd,lastday: E,expiredate: I,inactive: m,mindays: M,maxdays: W,warndays: l,list i,iso8601 R,root:';
  const options = parseOptions(process.args.slice(1), spec, 2);
  const name = options.operands[0] ?? '';
  if (database.user(name) === undefined) throw new Failure(`user '${name}' does not exist in /etc/passwd`);
  const fields = ['lastday', 'mindays', 'maxdays', 'warndays', 'inactive', 'expiredate'];
  const given = fields.map((field) => options.get(field));
  if (given.every((value) => value === undefined)) return 0;
  database.edit('shadow', name, (old) => {
    return old.map((value, at) => {
      const next = given[at - 2];
      if (at < 2 || next === undefined) return value;
      return next === '-1' ? '' : next;
    });
  });
  return 0;
});

/** passwd(1): -l, -u, -d, -e; a password cannot be asked for. */
export const passwd = command((process, database) => {
  const options = parseOptions(
    process.args.slice(1),
    'd,delete e,expire l,lock u,unlock q,quiet S,status x,maxdays: n,mindays: w,warndays: i,inactive: k,keep-tokens R,root:',
    2,
  );
  const name = options.operands[0] ?? '';
  if (database.user(name) === undefined) throw new Failure(`user '${name}' does not exist`);
  database.edit('shadow', name, ([user = '', password = '', day = '', ...rest]) => {
    if (options.has('delete')) return [user, '', String(database.day), ...rest];
    if (options.has('unlock') && password.replace(/^!/, '') === '') {
      const why = 'unlocking the password would result in a passwordless account.';
      throw new Failure(`${why}\nYou should set a password with usermod -p to unlock the password of this account.`, 3);
    }
    const [next] = nextPassword(options, password, day, database.day);
    return [user, next, options.has('expire') ? '0' : day, ...rest];
  });
  return 0;
});

function defaultShell(process: Process): Bytes {
  const line = new Files(process).lines('/etc/default/useradd').find((text) => text.startsWith('SHELL='));
  return line?.slice('SHELL='.length) ?? '/bin/sh';
}

function ageing(setting: (name: string, fallback: number) => number): Bytes {
  return `${setting('PASS_MIN_DAYS', 0)}:${setting('PASS_MAX_DAYS', 99_999)}:${setting('PASS_WARN_AGE', 7)}::`;
}

/** Adds a user's line, with its password in the shadow table where the tree has one. */
function addUser(database: AccountsDatabase, user: User, password: Bytes, age: Bytes): void {
  const shadow = database.has('shadow');
  database.add('passwd', formatUser({ ...user, password: shadow ? 'x' : password }));
  if (shadow) database.add('shadow', `${user.name}:${password}:${database.day}:${age}:`);
}

/** The next free range of ids for user namespaces (subuid(5)); only where the tree has the tables. */
function addSubordinates(
  database: AccountsDatabase,
  name: Bytes,
  setting: (name: string, fallback: number) => number,
): void {
  for (const [table, kind] of [
    ['subuid', 'UID'],
    ['subgid', 'GID'],
  ] as const) {
    if (!database.has(table)) continue;
    const count = setting(`SUB_${kind}_COUNT`, 65_536);
    const ends = database.lines(table).map((line) => Number(line.split(':')[1]) + Number(line.split(':')[2]));
    const start = Math.max(setting(`SUB_${kind}_MIN`, 100_000), ...ends);
    database.add(table, `${name}:${start}:${count}`);
  }
}
