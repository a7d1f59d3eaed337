import type { Bytes, Command } from '../shell/types.js';
import { AccountsDatabase, type User } from './accounts-database.js';
import {
  ADDUSER_OPTIONS,
  type Call,
  change,
  checkName,
  firstFree,
  isRewritten,
  note,
  numeric,
  readSettings,
  warn,
  warnOfHome,
} from './adduser-call.js';
import { commandName, Failure, withFailures } from './console.js';
import { Files } from './files.js';
import { copySkeleton } from './home-directory.js';
import { parseOptions } from './options.js';

/** adduser(8) and addgroup(8) as adduser 3.134 and 3.152 do them; the tables are changed by useradd, groupadd, chfn and usermod. */
export const adduser: Command = (process) =>
  withFailures(process, '', () => {
    const program = commandName(process);
    const options = parseOptions(process.args.slice(1), ADDUSER_OPTIONS, 1);
    const call = {
      process,
      options,
      settings: readSettings(process, options),
      name: options.operands[0] ?? '',
      verbose: !options.has('quiet'),
    };
    const { operands } = options;
    if (operands.length === 0 || operands.length > 2) throw new Failure(`${program}: Only one or two names allowed.`);
    const group = program === 'addgroup' || (options.has('group') && !options.has('system'));
    if (operands.length === 2) {
      if (group || options.has('system')) throw new Failure(`${program}: Specify only one name in this mode.`);
      return addToGroup(call, operands[1] ?? '');
    }
    checkName(call);
    warnOfHome(call);
    const exclusive = ['group', 'ingroup', 'gid'].filter((name) => options.has(name));
    if (!group && exclusive.length > 1) {
      throw new Failure(`${program}: The --group, --ingroup, and --gid options are mutually exclusive.`);
    }
    if (group) return addGroup(call);
    return options.has('system') ? addSystemUser(call) : addUser(call);
  });

function addGroup(call: Call): number {
  const { process, options, settings, name } = call;
  const database = new AccountsDatabase(process);
  const system = options.has('system');
  const wanted = options.get('gid');
  const present = database.group(name);
  if (present !== undefined) {
    if (!system) throw new Failure(`${commandName(process)}: The group \`${name}' already exists.`);
    const inRange = present.gid >= Number(settings.first_system_gid) && present.gid <= Number(settings.last_system_gid);
    if (inRange) {
      if (call.verbose) warn(call, `The group \`${name}' already exists as a system group. Exiting.`);
      return 0;
    }
    const same = wanted === undefined || Number(wanted) === present.gid;
    warn(
      call,
      `The group \`${name}' already exists${same ? ' and is not a system group' : ', but has a different GID'}. Exiting.`,
    );
    return 1;
  }
  if (wanted !== undefined && database.groupById(Number(wanted)) !== undefined) {
    throw new Failure(`${commandName(process)}: The GID \`${wanted}' is already in use.`);
  }
  const low = numeric(call, 'firstgid', system ? 'first_system_gid' : 'first_gid');
  const high = numeric(call, 'lastgid', system ? 'last_system_gid' : 'last_gid');
  const gid = wanted ?? String(firstFree(low, high, (id) => database.groupById(id) !== undefined));
  note(call, `Adding group \`${name}' (GID ${gid}) ...`);
  change(call, 'groupadd', '-g', gid, name);
  note(call, 'Done.');
  return 0;
}

function addToGroup(call: Call, group: Bytes): number {
  const { process, name } = call;
  const database = new AccountsDatabase(process);
  if (database.user(name) === undefined)
    throw new Failure(`${commandName(process)}: The user \`${name}' does not exist.`);
  const found = database.group(group);
  if (found === undefined) throw new Failure(`${commandName(process)}: The group \`${group}' does not exist.`);
  if (found.members.includes(name)) {
    if (call.verbose) warn(call, `The user \`${name}' is already a member of \`${group}'.`);
    return 0;
  }
  note(call, `Adding user \`${name}' to group \`${group}' ...`);
  change(call, 'usermod', '-a', '-G', group, name);
  note(call, 'Done.');
  return 0;
}

function addSystemUser(call: Call): number {
  const { process, options, settings, name } = call;
  const database = new AccountsDatabase(process);
  const wantedUid = options.get('uid');
  const present = database.user(name);
  if (present !== undefined) {
    if (wantedUid !== undefined && Number(wantedUid) !== present.uid) {
      warn(call, `The user \`${name}' already exists with a different UID. Exiting.`);
      return 1;
    }
    if (present.uid >= Number(settings.first_system_uid) && present.uid <= Number(settings.last_system_uid)) {
      note(call, `The system user \`${name}' already exists. Exiting.`);
      return 0;
    }
    warn(call, `The user \`${name}' already exists, but is not a system user. Exiting.`);
    return 1;
  }
  const ownGroup = options.has('group');
  const group = chosenGroup(call, database);
  const uid =
    wantedUid === undefined
      ? firstFree(
          numeric(call, 'firstuid', 'first_system_uid'),
          numeric(call, 'lastuid', 'last_system_uid'),
          (id) => database.userById(id) !== undefined,
        )
      : Number(wantedUid);
  if (wantedUid !== undefined && database.userById(uid) !== undefined) {
    throw new Failure(`${commandName(process)}: The UID ${uid} is already in use.`);
  }
  note(call, `Adding system user \`${name}' (UID ${uid}) ...`);
  let { gid, name: groupName } = group;
  if (ownGroup) {
    const low = numeric(call, 'firstgid', 'first_system_gid');
    const free = () =>
      firstFree(low, numeric(call, 'lastgid', 'last_system_gid'), (id) => database.groupById(id) !== undefined);
    gid = wantedUid === undefined ? free() : uid;
    groupName = name;
    const existing = database.group(name);
    if (existing === undefined) {
      note(call, `Adding new group \`${name}' (GID ${gid}) ...`);
      change(call, 'groupadd', '-g', String(gid), name);
    } else if (wantedUid !== undefined) {
      gid = existing.gid;
    }
  }
  note(call, `Adding new user \`${name}' (UID ${uid}) with group \`${groupName}' ...`);
  const home = options.get('home') ?? '/nonexistent';
  const range = [
    '-K',
    `SYS_UID_MIN=${options.get('firstuid') ?? settings.first_system_uid}`,
    '-K',
    `SYS_UID_MAX=${options.get('lastuid') ?? settings.last_system_uid}`,
  ];
  const shell = options.get('shell') ?? '/usr/sbin/nologin';
  change(call, 'useradd', '-r', ...range, '-d', home, '-g', groupName, '-s', shell, '-u', String(uid), name);
  setComment(call);
  makeHome(call, { home, uid, gid }, undefined, settings.sys_dir_mode);
  return 0;
}

/** The group that --ingroup or --gid name; nogroup without them. */
function chosenGroup(
  { process, options }: Call,
  database: AccountsDatabase,
): { readonly gid: number; readonly name: Bytes } {
  const inGroup = options.get('ingroup');
  const wanted = options.get('gid');
  const found =
    inGroup !== undefined
      ? database.group(inGroup)
      : wanted !== undefined
        ? database.groupById(Number(wanted))
        : (database.group('nogroup') ?? { gid: 65_534, name: 'nogroup' });
  if (found !== undefined) return found;
  const shown = inGroup === undefined ? `GID ${wanted}` : `group \`${inGroup}'`;
  throw new Failure(`${commandName(process)}: The ${shown} does not exist.`);
}

function addUser(call: Call): number {
  const { process, options, settings, name } = call;
  const database = new AccountsDatabase(process);
  if (database.user(name) !== undefined)
    throw new Failure(`${commandName(process)}: The user \`${name}' already exists.`);
  const usersGroup = settings.users_group === '' ? 'users' : settings.users_group;
  const named = options.has('ingroup') || options.has('gid');
  const ownGroup = /yes/i.test(settings.usergroups) && !named;
  if (ownGroup && database.group(name) !== undefined) {
    throw new Failure(`${commandName(process)}: The group \`${name}' already exists.`);
  }
  note(call, `Adding user \`${name}' ...`);
  const low = numeric(call, 'firstuid', 'first_uid');
  const high = numeric(call, 'lastuid', 'last_uid');
  const taken = (id: number) =>
    database.userById(id) !== undefined || (!options.has('ingroup') && database.groupById(id) !== undefined);
  const uid = options.has('uid') ? Number(options.get('uid')) : firstFree(low, high, taken);
  const shared = named ? chosenGroup(call, database) : (database.group(usersGroup) ?? { gid: 100, name: usersGroup });
  const gid = ownGroup ? uid : shared.gid;
  if (ownGroup) {
    note(call, `Adding new group \`${name}' (${gid}) ...`);
    change(call, 'groupadd', '-g', String(gid), name);
  }
  note(call, `Adding new user \`${name}' (${uid}) with group \`${ownGroup ? name : shared.name} (${gid})' ...`);
  const home = options.get('home') ?? `${settings.dhome}/${name}`;
  const shell = options.get('shell') ?? (options.has('disabled-login') ? '/usr/sbin/nologin' : settings.dshell);
  change(call, 'useradd', '-d', home, '-g', String(gid), '-s', shell, '-u', String(uid), name);
  makeHome(call, { home, uid, gid }, settings.skel, settings.dir_mode);
  setComment(call);
  const extra =
    options.has('add-extra-groups') || settings.add_extra_groups === '1' ? settings.extra_groups.split(/\s+/) : [];
  const supplemental = [...(/yes/i.test(settings.usergroups) ? [usersGroup] : []), ...extra];
  if (supplemental.length > 0) {
    note(call, `Adding new user \`${name}' to supplemental / extra groups \`${supplemental.join(', ')}' ...`);
  }
  for (const group of new Set(supplemental)) addSupplemental(call, group);
  return 0;
}

function addSupplemental(call: Call, name: Bytes): void {
  const database = new AccountsDatabase(call.process);
  const group = database.group(name);
  if (group === undefined) {
    warn(call, `The group \`${name}' does not exist.`);
    return;
  }
  note(call, `Adding user \`${call.name}' to group \`${name}' ...`);
  const members = group.members.filter((member) => database.user(member) !== undefined);
  change(call, 'gpasswd', '-M', [...members, call.name].join(','), name);
}

/** The comment goes to usermod as it is; before, adduser split it at its commas into chfn's fields. */
function setComment(call: Call): void {
  const comment = call.options.get('comment');
  if (comment === undefined) return;
  if (isRewritten(call.process)) {
    change(call, 'usermod', '-c', comment, call.name);
    return;
  }
  if (!comment.includes(',')) {
    change(call, 'chfn', '-f', comment, call.name);
    return;
  }
  const [full = '', room = '', work, home, other] = comment.split(',');
  change(call, 'chfn', '-f', full, '-r', room, call.name);
  if (work !== undefined) change(call, 'chfn', '-w', work, call.name);
  if (home !== undefined) change(call, 'chfn', '-h', home, call.name);
  if (other !== undefined) change(call, 'chfn', '-o', other, call.name);
}

function makeHome(
  call: Call,
  user: Pick<User, 'home' | 'uid' | 'gid'>,
  skeleton: Bytes | undefined,
  mode: string,
): void {
  const { process, options } = call;
  if (/^\/+nonexistent(\/|$)/.test(user.home)) {
    note(call, `Not creating \`${user.home}'.`);
  } else if (options.has('no-create-home')) {
    note(call, `Not creating home directory \`${user.home}'.`);
  } else {
    const files = new Files(process);
    const present = files.stat(user.home);
    if (present === undefined) {
      note(call, `Creating home directory \`${user.home}' ...`);
      if (skeleton !== undefined) note(call, `Copying files from \`${skeleton}' ...`);
      copySkeleton(process, user, { mode: Number.parseInt(mode, 8), skeleton });
      return;
    }
    if (call.verbose) warn(call, `The home directory \`${user.home}' already exists.  Not touching this directory.`);
    if (present.uid !== user.uid || present.gid !== user.gid) {
      warn(call, `Warning: The home directory \`${user.home}' does not belong to the user you are currently creating.`);
    }
  }
}
