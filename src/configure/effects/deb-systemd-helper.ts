import { nameOf } from '../../formats/path.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, unsupported, withFailures } from './console.js';
import { Files } from './files.js';
import { parseOptions } from './options.js';
import { findUnit, type Instance, linkClosure, type UnitLink } from './systemd-unit.js';

const STATE = '/var/lib/systemd';

interface Helper {
  readonly process: Process;
  readonly files: Files;
  readonly instance: Instance;
  /** Where it keeps what it enabled, and what it masked. */
  readonly enabled: Bytes;
  readonly masked: Bytes;
  readonly purge: boolean;
}

/** deb-systemd-helper(1p) of init-system-helpers 1.65 and 1.69, whose state files say what a package enabled or masked. */
export const debSystemdHelper: Command = (process) =>
  withFailures(process, `${process.args[0]}: error: `, () => {
    const options = parseOptions(process.args.slice(1), 'quiet user system');
    const [given = '', ...units] = options.operands;
    if (given === '') return 0;
    if ((process.environment.get('DPKG_MAINTSCRIPT_PACKAGE') ?? '') === '') {
      complain(process, `${process.args[0]} was not called from dpkg. Exiting.`);
      return 1;
    }
    const instance: Instance = options.has('user') ? 'user' : 'system';
    const directory = (kind: string): Bytes =>
      `${STATE}/deb-systemd-${instance === 'user' ? 'user-' : ''}helper-${kind}`;
    const purge = given === 'purge' || process.environment.get('_DEB_SYSTEMD_HELPER_PURGE') === '1';
    const files = new Files(process);
    const helper: Helper = {
      process,
      files,
      instance,
      enabled: directory('enabled'),
      masked: directory('masked'),
      purge,
    };
    const action = given === 'purge' ? 'disable' : given;
    const asks = ['is-enabled', 'was-enabled', 'debian-installed'].includes(action);
    const answers = units.map((unit) => act(helper, action, unit, !options.has('quiet')));
    return asks && !answers.includes(true) ? 1 : 0;
  });

/** Says whether the answer to a question is yes. */
function act(helper: Helper, action: string, unit: Bytes, verbose: boolean): boolean {
  const { process, files, instance } = helper;
  const path = findUnit(files, unit, instance);
  const answer = (yes: boolean): boolean => {
    if (verbose) complain(process, yes ? 'enabled' : 'disabled');
    return yes;
  };
  switch (action) {
    case 'is-enabled':
      return answer(closure(helper, path).every(({ link }) => files.lstat(link)?.type === 'symlink'));
    case 'was-enabled':
      return answer(stateLinks(helper, unit).every((link) => files.lstat(link)?.type === 'symlink'));
    case 'debian-installed':
      return files.isFile(stateFile(helper, unit));
    case 'enable':
      enable(helper, unit, path);
      break;
    case 'disable':
      removeLinks(helper, unit);
      for (const path of [`${STATE}/deb-systemd-helper-enabled`, `${STATE}/deb-systemd-user-helper-enabled`])
        removeEmpty(helper, path);
      for (const path of ['/etc/systemd/system', '/etc/systemd/user']) {
        for (const name of files.list(path)) removeEmpty(helper, `${path}/${name}`);
      }
      break;
    case 'reenable':
      removeLinks(helper, unit);
      makeLinks(helper, unit, path, true);
      break;
    case 'mask':
      mask(helper, path);
      break;
    case 'unmask':
      unmask(helper, path);
      removeEmpty(helper, helper.masked);
      break;
    case 'update-state':
      writeState(
        helper,
        unit,
        closure(helper, path).map(({ link }) => link),
      );
      break;
    default:
      unsupported(process, action);
  }
  return false;
}

function closure({ files, instance }: Helper, path: Bytes): UnitLink[] {
  const links = linkClosure(files, path, instance);
  if (links === undefined) throw new Failure(`unable to read ${path}`);
  return links;
}

function stateFile({ enabled }: Helper, unit: Bytes): Bytes {
  return `${enabled}/${nameOf(unit)}.dsh-also`;
}

function stateLinks(helper: Helper, unit: Bytes): Bytes[] {
  return helper.files.lines(stateFile(helper, unit));
}

function writeState(helper: Helper, unit: Bytes, links: readonly Bytes[]): void {
  helper.files.makeDirectories(helper.enabled);
  helper.files.replace(stateFile(helper, unit), links.map((link) => `${link}\n`).join(''));
}

/** Where systemctl is installed it makes the links; a package that is known already keeps what the administrator did. */
function enable(helper: Helper, unit: Bytes, path: Bytes): void {
  const { process, files, instance } = helper;
  if (!['/bin/systemctl', '/usr/bin/systemctl'].some((program) => files.isExecutable(program))) {
    makeLinks(helper, unit, path, true);
  } else if (files.isFile(stateFile(helper, unit))) {
    makeLinks(
      helper,
      unit,
      path,
      closure(helper, path).some(({ link }) => files.lstat(link)?.type === 'symlink'),
    );
  } else {
    const scope = instance === 'user' ? '--global' : '--system';
    const status = process.spawn(['systemctl', '--root=/', scope, '--preset-mode=enable-only', 'preset', unit]);
    if (status !== 0) throw new Failure(`systemctl preset failed on ${unit}: `);
    makeLinks(helper, unit, path, false);
  }
}

function makeLinks(helper: Helper, unit: Bytes, path: Bytes, create: boolean): void {
  const { files, instance, enabled } = helper;
  for (const { link, target } of closure(helper, path)) {
    const known = stateLinks(helper, unit);
    writeState(helper, unit, known.includes(link) ? known : [...known, link]);
    const mark = link.replace(`/etc/systemd/${instance}/`, `${enabled}/`);
    if (files.exists(mark)) continue;
    if (create && files.lstat(link)?.type !== 'symlink') {
      files.makeDirectories(directoryOf(link));
      files.symlink(target, link);
    }
    files.makeDirectories(directoryOf(mark));
    files.write(mark, '');
  }
}

/** Also those of the units that this one names in `Also=`. */
function removeLinks(helper: Helper, unit: Bytes, visited: Set<Bytes> = new Set()): void {
  const { files, instance, enabled, purge } = helper;
  visited.add(unit);
  const links = stateLinks(helper, unit);
  if (purge) files.unlink(stateFile(helper, unit));
  for (const link of links) {
    const present = files.lstat(link)?.type === 'symlink';
    if (purge || present) files.unlink(link.replace(`/etc/systemd/${instance}/`, `${enabled}/`));
    if (present) files.unlink(link);
  }
  for (const line of files.lines(findUnit(files, unit, instance))) {
    const other = /^\s*Also=(.+)$/i.exec(line)?.[1];
    if (other !== undefined && !visited.has(other)) removeLinks(helper, other, visited);
  }
}

function mask({ files, instance, masked }: Helper, path: Bytes): void {
  const name = nameOf(path);
  const link = `/etc/systemd/${instance}/${name}`;
  if (files.exists(link)) return;
  files.makeDirectories(directoryOf(link));
  files.replaceLink('/dev/null', link);
  files.makeDirectories(masked);
  files.write(`${masked}/${name}`, '');
}

function unmask({ files, instance, masked }: Helper, path: Bytes): void {
  const name = nameOf(path);
  const link = `/etc/systemd/${instance}/${name}`;
  if (files.readlink(link) !== '/dev/null' || !files.exists(`${masked}/${name}`)) return;
  files.unlink(link);
  files.unlink(`${masked}/${name}`);
}

/** Takes away directories that are empty, the lowest first. */
function removeEmpty(helper: Helper, path: Bytes): void {
  const { files } = helper;
  if (files.lstat(path)?.type !== 'directory') return;
  for (const name of files.list(path)) removeEmpty(helper, `${path}/${name}`);
  files.rmdir(path);
}

function directoryOf(path: Bytes): Bytes {
  return path.slice(0, path.lastIndexOf('/'));
}
