import { posix } from 'node:path';
import type { Bytes, Command, Process } from '../shell/types.js';
import { commandName, complain, Failure, say, withFailures } from './console.js';
import { Files } from './files.js';
import { expandGlob } from './glob.js';
import { parseOptions } from './options.js';

/** By the third word of the command's name. */
const KINDS = {
  mod: { kind: 'module', directory: 'mods', suffix: '.load' },
  conf: { kind: 'conf', directory: 'conf', suffix: '.conf' },
  site: { kind: 'site', directory: 'sites', suffix: '.conf' },
} as const;

interface Call {
  readonly process: Process;
  readonly files: Files;
  readonly enables: boolean;
  readonly kind: 'module' | 'conf' | 'site';
  readonly suffix: Bytes;
  readonly available: Bytes;
  readonly enabled: Bytes;
  readonly enabledModules: Bytes;
  /** Where the marks are that say who enabled or disabled something. */
  readonly state: Bytes;
  readonly by: 'admin' | 'maint';
  readonly quiet: boolean;
  readonly force: boolean;
  readonly purge: boolean;
}

/** a2enmod(8), a2dismod, a2enconf, a2disconf, a2ensite and a2dissite of apache2 2.4.57 to 2.4.65: one program by six names. */
export const a2enmod: Command = (process) =>
  withFailures(process, '', () => {
    const [, verb, word = '', instance = ''] = /^a2(en|dis)(mod|site|conf)(-.+)?$/.exec(commandName(process)) ?? [];
    if (verb === undefined) throw new Failure(`${commandName(process)} call name unknown`, 255);
    const options = parseOptions(process.args.slice(1), 'q,quiet f,force m,maintmode p,purge', 2);
    const { kind, directory, suffix } = KINDS[word as keyof typeof KINDS];
    const setting = (name: string, fallback: Bytes): Bytes => process.environment.get(`APACHE_${name}`) || fallback;
    const base = setting('CONFDIR', `/etc/apache2${instance}`);
    const call: Call = {
      process,
      files: new Files(process),
      enables: verb === 'en',
      kind,
      suffix,
      available: setting(`${directory.toUpperCase()}_AVAILABLE`, `${base}/${directory}-available`),
      enabled: setting(`${directory.toUpperCase()}_ENABLED`, `${base}/${directory}-enabled`),
      enabledModules: setting('MODS_ENABLED', `${base}/mods-enabled`),
      state: `${setting('STATE_DIRECTORY', '/var/lib/apache2')}/${kind}`,
      by: options.has('maintmode') ? 'maint' : 'admin',
      quiet: options.has('quiet'),
      force: options.has('force'),
      purge: options.has('purge'),
    };
    const results = options.operands.flatMap((name) => named(call, name)).map((name) => switchOne(call, name));
    return results.includes(false) || options.operands.length === 0 ? 1 : 0;
  });

/** What a name with wildcards means; one without is taken as it is. */
function named({ files, enables, available, enabled, suffix }: Call, given: Bytes): Bytes[] {
  const name = given.endsWith(suffix) ? given.slice(0, -suffix.length) : given;
  if (!/[*?[{]/.test(name)) return [name];
  const from = enables ? available : enabled;
  return expandGlob(files, `${from}/${name}${suffix}`).map((path) => path.slice(from.length + 1, -suffix.length));
}

function switchOne(call: Call, given: Bytes): boolean {
  const { process, files, enables, kind, suffix, available, enabled, purge } = call;
  const threaded = ['worker', 'event'].some((name) => files.exists(`${enabled}/mpm_${name}.load`));
  const name = kind === 'module' && enables && given === 'cgi' && threaded ? 'cgid' : given;
  if (name !== given) say(process, 'Your MPM seems to be threaded. Selecting cgid instead of cgi.');
  const target = `${available}/${name}${suffix}`;
  const link = `${enabled}/${name}${suffix}`;
  if (!files.exists(target)) return missing(call, name, link);
  // A module has its directives beside the line that loads it.
  const extra = kind === 'module' && files.exists(`${available}/${name}.conf`) ? `${name}.conf` : undefined;
  const pairs = [{ link, target }];
  if (extra !== undefined) pairs.unshift({ link: `${enabled}/${extra}`, target: `${available}/${extra}` });
  if (enables) return prerequisites(call, name, target) && enable(call, name, pairs);
  if (kind === 'module' && !dependents(call, name)) return false;
  const present = files.lstat(link) !== undefined;
  for (const pair of pairs) if (files.readlink(pair.link) !== undefined) files.unlink(pair.link);
  if (present || purge) mark(call, name);
  if (present) say(process, `${title(kind)} ${name} disabled.`);
  else info(call, `${title(kind)} ${name} already disabled`);
  return true;
}

function missing(call: Call, name: Bytes, link: Bytes): boolean {
  const { files, enables, enabled, kind, purge } = call;
  if (files.readlink(link) !== undefined && !enables) {
    info(call, `removing dangling symlink ${link}`);
    files.unlink(link);
    if (files.readlink(`${enabled}/${name}.conf`) !== undefined) files.unlink(`${enabled}/${name}.conf`);
    return true;
  }
  if (purge) mark(call, name);
  else error(call, `${title(kind)} ${name} does not exist!`);
  return purge;
}

/** Enables what a module depends on; a site or a configuration only has to find it enabled. */
function prerequisites(call: Call, name: Bytes, target: Bytes): boolean {
  const { files, kind, enabled, enabledModules, suffix } = call;
  for (const other of listed(files, target, 'Depends')) {
    if (kind === 'module') {
      info(call, `Considering dependency ${other} for ${name}:`);
      if (switchOne(call, other)) continue;
      error(call, `Could not enable dependency ${other} for ${name}, aborting`);
    } else {
      info(call, `Checking dependency ${other} for ${name}:`);
      if (files.exists(`${enabledModules}/${other}.load`)) continue;
      complain(call.process, `WARNING: Module ${other} is not enabled, but ${name} depends on it, aborting`);
    }
    return false;
  }
  if (kind !== 'module') return true;
  const conflicts = listed(files, target, 'Conflicts').filter((other) => files.exists(`${enabled}/${other}${suffix}`));
  for (const other of conflicts) {
    error(call, `Module ${other} is enabled - cannot proceed due to conflicts. It needs to be disabled first!`);
  }
  return conflicts.length === 0;
}

function enable(call: Call, name: Bytes, pairs: readonly { readonly link: Bytes; readonly target: Bytes }[]): boolean {
  const { process, files, kind, enabled } = call;
  const wanted = pairs.filter(({ link }) => !files.exists(link));
  for (const { link, target } of pairs) {
    if (!files.exists(link)) continue;
    if (files.readlink(link) !== undefined && files.realpath(link) === files.realpath(target)) continue;
    error(call, `${title(kind)} ${name} not properly enabled: ${link} is not ours, not touching it`);
    return false;
  }
  if (wanted.length === 0) {
    info(call, `${title(kind)} ${name} already enabled`);
    return true;
  }
  say(process, `Enabling ${kind} ${name}.`);
  for (const { link, target } of wanted) files.replaceLink(posix.relative(enabled, target), link);
  if (wanted.at(-1) === pairs.at(-1)) mark(call, name);
  return true;
}

/** What depends on a module goes with it under `--force`, and keeps it otherwise. */
function dependents(call: Call, name: Bytes): boolean {
  const { files, enabled, force } = call;
  const others = files
    .list(enabled)
    .filter((file) => file.endsWith('.load') && listed(files, `${enabled}/${file}`, 'Depends').includes(name))
    .map((file) => file.slice(0, -'.load'.length));
  if (others.length === 0) return true;
  if (force) return others.every((other) => switchOne(call, other));
  error(call, `The following modules depend on ${name} and need to be disabled first: ${others.join(' ')}`);
  return false;
}

/** The names in a `# Depends: …` line of the comment that a file begins with. */
function listed(files: Files, path: Bytes, field: 'Depends' | 'Conflicts'): Bytes[] {
  for (const line of files.lines(path)) {
    const [, names] = new RegExp(`^# ${field}:\\s+(.*)$`, 's').exec(line) ?? [];
    if (names !== undefined) return names.trimEnd().split(/\s+/);
    if (!/^\s*(?:#.*)?$/.test(line)) break;
  }
  return [];
}

/** Leaves the one mark of what was done last, and by whom; under `--purge` none. */
function mark({ files, state, enables, by, purge }: Call, name: Bytes): void {
  const directory = `${state}/${enables ? 'enabled' : 'disabled'}_by_${by}`;
  files.makeDirectories(directory);
  for (const other of files.list(state)) {
    if (files.lstat(`${state}/${other}/${name}`)?.type === 'file') files.unlink(`${state}/${other}/${name}`);
  }
  if (!purge) files.write(`${directory}/${name}`, '');
}

function title(kind: Call['kind']): Bytes {
  return kind === 'site' ? 'Site' : `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
}

function info({ process, quiet }: Call, line: Bytes): void {
  if (!quiet) say(process, line);
}

function error({ process }: Call, line: Bytes): void {
  complain(process, `ERROR: ${line}`);
}
