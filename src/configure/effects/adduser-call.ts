import { compareVersions } from '../../formats/version.js';
import type { Bytes, Process } from '../shell/types.js';
import { commandName, complain, Failure, say } from './console.js';
import { Files } from './files.js';
import type { ParsedOptions } from './options.js';
import { findPackage } from './state.js';

export const ADDUSER_OPTIONS =
  'add-extra-groups add_extra_groups allow-all-names allow-badname,force-badname,allow-bad-names gecos,comment: c,conf: debug disabled-login disabled-password firstgid: firstuid: gid: group h,help home: ingroup: lastgid: lastuid: no-create-home q,quiet shell: system uid: verbose v,version';

/** What adduser.conf(5) may set, with the defaults of Debian::AdduserCommon. */
const DEFAULTS = {
  dshell: '/bin/bash',
  first_system_uid: '100',
  last_system_uid: '999',
  first_uid: '1000',
  last_uid: '59999',
  first_system_gid: '100',
  last_system_gid: '999',
  first_gid: '1000',
  last_gid: '59999',
  dhome: '/home',
  skel: '/etc/skel',
  usergroups: 'yes',
  users_gid: '',
  users_group: '',
  dir_mode: '0700',
  sys_dir_mode: '0755',
  extra_groups: 'users',
  add_extra_groups: '0',
} as const;

type Settings = Record<keyof typeof DEFAULTS, string>;

export interface Call {
  readonly process: Process;
  readonly options: ParsedOptions;
  readonly settings: Settings;
  readonly name: Bytes;
  readonly verbose: boolean;
}

export function readSettings(process: Process, options: ParsedOptions): Settings {
  const settings: Settings = { ...DEFAULTS };
  const known = new Set(Object.keys(DEFAULTS));
  for (const line of new Files(process).lines(options.get('conf') ?? '/etc/adduser.conf')) {
    const [, setting = '', rest = ''] = /^\s*([^#\s=]+)\s*=\s*(.*)$/s.exec(line) ?? [];
    const name = setting.toLowerCase();
    const value = rest.trimEnd();
    const [, , unquoted] = /^(["'])(.*)\1$/s.exec(value) ?? [];
    if (known.has(name)) Object.assign(settings, { [name]: unquoted ?? value });
  }
  return settings;
}

/** From 3.139 on, names may have capital letters, and the comment goes to usermod instead of chfn. */
export function isRewritten(process: Process): boolean {
  return compareVersions(findPackage(process, 'adduser')?.version ?? '', '3.139') >= 0;
}

export function checkName(call: Call): void {
  const { process, options, name } = call;
  const program = commandName(process);
  if (/^\d+$/.test(name) || name.length > 32 || !/^[^-+~:,\s/][^:,\s/]*$/.test(name)) {
    throw new Failure(`${program}: The name \`${name}' is not allowed.`);
  }
  const usual = options.has('system') ? /^[a-z_][a-z0-9_-]*\$?$/ : /^[a-z][a-z0-9_-]*\$?$/;
  if (usual.test(isRewritten(process) ? name.toLowerCase() : name)) return;
  if (!options.has('allow-bad-names') && !options.has('allow-all-names')) {
    throw new Failure(`${program}: The name \`${name}' needs --allow-bad-names.`);
  }
  note(call, 'Allowing use of questionable username.');
}

export function warnOfHome(call: Call): void {
  const home = call.options.get('home');
  if (home === undefined || !call.verbose) return;
  const present = new Files(call.process).isDirectory(home);
  if (call.options.has('no-create-home')) {
    if (!present)
      warn(call, `Warning: The home dir ${home} you specified can't be accessed: No such file or directory`);
  } else if (present) {
    warn(call, `Warning: The home dir ${home} you specified already exists.`);
  }
}

export function note({ process, verbose }: Call, line: Bytes): void {
  if (verbose) say(process, line);
}

export function warn({ process }: Call, line: Bytes): void {
  complain(process, `${commandName(process)}: ${line}`);
}

/** @throws Failure where the command that changes the tables failed. */
export function change({ process }: Call, ...args: readonly Bytes[]): void {
  const status = process.spawn(args);
  if (status !== 0)
    throw new Failure(`${commandName(process)}: \`${args.join(' ')}' returned error code ${status}. Exiting.`);
}

export function firstFree(low: number, high: number, taken: (id: number) => boolean): number {
  for (let id = low; id <= high; id++) if (!taken(id)) return id;
  throw new Failure(`adduser: No ID is available in the range ${low}-${high}.`);
}

export function numeric({ options, settings }: Call, option: string, setting: keyof Settings): number {
  return Number(options.get(option) ?? settings[setting]);
}
