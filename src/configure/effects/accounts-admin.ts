import type { Bytes, Command, Process } from '../shell/types.js';
import { AccountsDatabase } from './accounts-database.js';
import { Failure, say, withFailures } from './console.js';
import { Files } from './files.js';
import { parseOptions } from './options.js';

/** pwconv(8): gives each user whose password is not `x` a line in shadow. */
export const pwconv: Command = (process) => {
  const database = new AccountsDatabase(process);
  if (!database.has('shadow')) database.create('shadow');
  const shadowed = new Set(database.lines('shadow').map((line) => line.split(':')[0]));
  for (const { name, password } of database.users()) {
    if (password === 'x' && shadowed.has(name)) continue;
    if (!shadowed.has(name)) database.add('shadow', `${name}:${password}:${database.day}:0:99999:7:::`);
    database.edit('passwd', name, ([user = '', , ...rest]) => [user, 'x', ...rest]);
  }
  database.touch('passwd');
  database.touch('shadow');
  database.save();
  // The passwords may still be in it.
  new Files(process).chmod('/etc/passwd-', 0o600);
  return 0;
};

/** grpconv(8): gives each group whose password is not `x` a line in gshadow. */
export const grpconv: Command = (process) => {
  const database = new AccountsDatabase(process);
  if (!database.has('gshadow')) database.create('gshadow');
  const shadowed = new Set(database.lines('gshadow').map((line) => line.split(':')[0]));
  for (const { name, password, members } of database.groups()) {
    if (password === 'x' && shadowed.has(name)) continue;
    if (!shadowed.has(name)) database.add('gshadow', `${name}:${password}::${members.join(',')}`);
    database.edit('group', name, ([group = '', , ...rest]) => [group, 'x', ...rest]);
  }
  database.touch('group');
  database.touch('gshadow');
  database.save();
  return 0;
};

/** Debian's shadowconfig(8): `on` is what is left of it. */
export const shadowconfig: Command = (process) => {
  if (process.args[1] !== 'on') {
    say(process, `Usage: ${process.args[0]} on`);
    return 0;
  }
  pwconv(process);
  grpconv(process);
  const files = new Files(process);
  for (const table of ['passwd', 'group']) own(files, `/etc/${table}`, 0, 0o644);
  const shadow = new AccountsDatabase(process).group('shadow')?.gid ?? 42;
  for (const table of ['shadow', 'gshadow']) own(files, `/etc/${table}`, shadow, 0o640);
  say(process, 'Shadow passwords are now on.');
  return 0;
};

function own(files: Files, path: Bytes, gid: number, mode: number): void {
  files.chown(path, 0, gid);
  files.chmod(path, mode);
}

/** pwck(8) and grpck(8): the tables of a fresh system are sound. */
export const checkTables: Command = () => 0;

const MASTERS = { passwd: 'passwd.master', group: 'group.master' } as const;

/**
 * update-passwd(8): on a fresh install the tables are the masters already, to which it adds what a newer master has.
 * Differences in existing lines are left alone, as it asks before it touches them.
 */
export const updatePasswd: Command = (process) =>
  withFailures(process, 'update-passwd: ', () => {
    const options = parseOptions(
      process.args.slice(1),
      'v,verbose n,dry-run s,sanity-check L,no-locking p,passwd-master: g,group-master: P,passwd: S,shadow: G,group: h,help V,version',
      2,
    );
    const files = new Files(process);
    const database = new AccountsDatabase(process);
    let changes = 0;
    for (const table of ['group', 'passwd'] as const) {
      const present = new Set(database.lines(table).map((line) => line.split(':')[0]));
      for (const line of files.lines(`/usr/share/base-passwd/${MASTERS[table]}`)) {
        const [name = '', password = '', ...rest] = line.split(':');
        if (name === '' || present.has(name)) continue;
        changes += 1;
        const shadow = table === 'passwd' ? ('shadow' as const) : undefined;
        const shadowed = shadow !== undefined && database.has(shadow);
        database.add(table, [name, shadowed ? 'x' : password, ...rest].join(':'));
        if (shadowed) database.add('shadow', `${name}:*:${database.day}:0:99999:7:::`);
      }
    }
    if (!options.has('dry-run')) {
      if (changes > 0) database.save();
      return 0;
    }
    return Math.min(changes, 255);
  });

/** The databases that getent(1) reads, and which field is the numeric key of each. */
const DATABASES: Readonly<Record<string, { readonly file: string; readonly id: number | undefined }>> = {
  passwd: { file: '/etc/passwd', id: 2 },
  group: { file: '/etc/group', id: 2 },
  shadow: { file: '/etc/shadow', id: undefined },
  gshadow: { file: '/etc/gshadow', id: undefined },
};
const TABLES: Readonly<Record<string, string>> = {
  hosts: '/etc/hosts',
  services: '/etc/services',
  protocols: '/etc/protocols',
  networks: '/etc/networks',
  rpc: '/etc/rpc',
};

/** getent(1) over the tree's own files: 0 where all keys were found, 2 where one was not. */
export const getent: Command = (process) =>
  withFailures(process, 'getent: ', () => {
    const options = parseOptions(process.args.slice(1), '+s,service: i,no-idn A,no-addrconfig', 1);
    const [name = '', ...keys] = options.operands;
    const database = DATABASES[name];
    const table = TABLES[name];
    const files = new Files(process);
    if (database !== undefined)
      return lookUp(
        process,
        files.lines(database.file).filter((line) => line.includes(':')),
        keys,
        database.id,
      );
    if (table === undefined) throw new Failure(`Unknown database: ${name}`, 1);
    const lines = files.lines(table).map((line) => line.replace(/#.*/, '').trim());
    return lookUpWords(
      process,
      lines.filter((line) => line !== ''),
      keys,
    );
  });

function lookUp(process: Process, lines: readonly Bytes[], keys: readonly Bytes[], id: number | undefined): number {
  if (keys.length === 0) for (const line of lines) say(process, line);
  let status = 0;
  for (const key of keys) {
    const numeric = id !== undefined && /^\d+$/.test(key);
    const found = lines.find((line) => line.split(':')[numeric ? id : 0] === key);
    if (found === undefined) status = 2;
    else say(process, found);
  }
  return status;
}

function lookUpWords(process: Process, lines: readonly Bytes[], keys: readonly Bytes[]): number {
  const format = (line: Bytes) => {
    const [first = '', ...rest] = line.split(/\s+/);
    return `${first.padEnd(21)} ${rest.join(' ')}`.replace(/^(\S{15,}) +/, (text) => text);
  };
  if (keys.length === 0) for (const line of lines) say(process, format(line));
  let status = 0;
  for (const key of keys) {
    const found = lines.find((line) => line.split(/\s+/).includes(key));
    if (found === undefined) status = 2;
    else say(process, format(found));
  }
  return status;
}
