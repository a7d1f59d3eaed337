import type { Bytes, Command, Process } from '../shell/types.js';
import { AccountsDatabase } from './accounts-database.js';
import { complain, Failure, say, withFailures } from './console.js';
import { inHashOrder } from './dpkg-hash.js';
import { Files } from './files.js';
import { globMatches } from './glob.js';
import { parseOptions } from './options.js';

const DATABASE = '/var/lib/dpkg/statoverride';
const OPTIONS =
  'add remove list admindir: instdir: root: quiet force force-all force-statoverride-add force-statoverride-remove update help version';

/** A line of the database: owner, group, octal mode and path. */
interface Override {
  readonly user: Bytes;
  readonly group: Bytes;
  readonly mode: number;
  readonly path: Bytes;
}

/** dpkg-statoverride(1), as src/statoverride/main.c of dpkg 1.21 and 1.22 does it. */
export const dpkgStatoverride: Command = (process) =>
  withFailures(process, 'dpkg-statoverride: error: ', () => {
    const options = parseOptions(process.args.slice(1), OPTIONS, 2);
    const files = new Files(process);
    const overrides = readOverrides(files);
    const warn = (message: Bytes, always = false): void => {
      if (always || !options.has('quiet')) complain(process, `dpkg-statoverride: warning: ${message}`);
    };
    if (options.has('force')) warn('deprecated --force option; use --force-all instead', true);
    if (options.has('list')) return list(process, overrides, options.operands);
    const force = ['force', 'force-all', 'force-statoverride-add', 'force-statoverride-remove'].some((name) =>
      options.has(name),
    );
    if (options.has('remove')) {
      const path = clean(options.operands[0] ?? '');
      if (path === '') throw new Failure('--remove needs a single argument', 2);
      if (!overrides.some((item) => item.path === path)) {
        warn('no override present');
        return force ? 0 : 2;
      }
      if (options.has('update')) warn('--update is useless for --remove');
      writeOverrides(
        files,
        overrides.filter((item) => item.path !== path),
      );
      return 0;
    }
    if (!options.has('add')) throw new Failure('need an action option', 2);
    const [user = '', group = '', mode = '', given = '', ...more] = options.operands;
    if (given === '' || more.length > 0) throw new Failure('--add needs four arguments', 2);
    const path = clean(given);
    if (overrides.some((item) => item.path === path)) {
      if (!force) throw new Failure(`an override for '${path}' already exists; aborting`, 2);
      warn(`an override for '${path}' already exists, but --force specified so will be ignored`);
    }
    const override = newOverride(process, user, group, mode, path);
    if (options.has('update')) apply(process, files, override, warn);
    writeOverrides(files, [...overrides.filter((item) => item.path !== path), override]);
    return 0;
  });

function readOverrides(files: Files): Override[] {
  return files.lines(DATABASE).flatMap((line) => {
    const match = /^(\S+) (\S+) ([0-7]+) (.*)$/.exec(line);
    const [, user = '', group = '', mode = '', path = ''] = match ?? [];
    return match === null ? [] : [{ user, group, mode: Number.parseInt(mode, 8), path }];
  });
}

/** Written whole in the order of dpkg's hash table; the old one stays as `statoverride-old`. */
function writeOverrides(files: Files, overrides: readonly Override[]): void {
  if (files.lstat(DATABASE) !== undefined) files.hardLink(DATABASE, `${DATABASE}-old`);
  files.replace(
    DATABASE,
    inHashOrder(overrides, ({ path }) => path)
      .map((item) => `${format(item)}\n`)
      .join(''),
  );
}

function format({ user, group, mode, path }: Override): Bytes {
  return `${user} ${group} ${mode.toString(8)} ${path}`;
}

/** Slashes, and `/.`, at the end are cut. */
function clean(path: Bytes): Bytes {
  return path.replace(/(?:\/+\.?)+$/, '');
}

function newOverride(process: Process, user: Bytes, group: Bytes, mode: Bytes, path: Bytes): Override {
  const database = new AccountsDatabase(process);
  if (!/^[0-7]+$/.test(mode) || Number.parseInt(mode, 8) > 0o7777)
    throw new Failure(`invalid statoverride mode ${mode}`, 2);
  const numericUser = /^#(\d+)$/.exec(user)?.[1];
  const numericGroup = /^#(\d+)$/.exec(group)?.[1];
  const userName = numericUser === undefined ? user : (database.userById(Number(numericUser))?.name ?? user);
  const groupName = numericGroup === undefined ? group : (database.groupById(Number(numericGroup))?.name ?? group);
  if (!userName.startsWith('#') && database.user(userName) === undefined)
    throw new Failure(`user '${user}' does not exist`, 2);
  if (!groupName.startsWith('#') && database.group(groupName) === undefined)
    throw new Failure(`group '${group}' does not exist`, 2);
  return { user: userName, group: groupName, mode: Number.parseInt(mode, 8), path };
}

function apply(
  process: Process,
  files: Files,
  { user, group, mode, path }: Override,
  warn: (message: Bytes) => void,
): void {
  if (!files.exists(path)) {
    warn(`--update given but ${path} does not exist`);
    return;
  }
  const database = new AccountsDatabase(process);
  const uid = user.startsWith('#') ? Number(user.slice(1)) : database.user(user)?.uid;
  const gid = group.startsWith('#') ? Number(group.slice(1)) : database.group(group)?.gid;
  files.chown(path, uid, gid);
  files.chmod(path, mode);
}

function list(process: Process, overrides: readonly Override[], patterns: readonly Bytes[]): number {
  const wanted = patterns.length === 0 ? ['*'] : patterns.map(clean);
  let status = 1;
  for (const item of inHashOrder(overrides, ({ path }) => path)) {
    if (!wanted.some((pattern) => globMatches(pattern, item.path))) continue;
    say(process, format(item));
    status = 0;
  }
  return status;
}
