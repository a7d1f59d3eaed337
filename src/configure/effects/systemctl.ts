import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, unsupported, withFailures } from './console.js';
import { Files } from './files.js';
import { globMatches } from './glob.js';
import { parseOptions } from './options.js';
import { debianState } from './state.js';
import { findUnit, type Instance, linkClosure, templateOf, type UnitLink } from './systemd-unit.js';

const OPTIONS =
  'root: system user global q,quiet no-reload now f,force runtime no-block preset-mode: no-pager no-ask-password t,type: p,property: all l,full H,host: M,machine: job-mode: s,signal: state: value';

/** There is no manager to talk to, and no service runs. */
const LEFT_OUT = new Set([
  'daemon-reload',
  'daemon-reexec',
  'start',
  'stop',
  'restart',
  'reload',
  'try-restart',
  'reload-or-restart',
  'try-reload-or-restart',
  'kill',
  'reset-failed',
  'set-property',
  'isolate',
]);

/** systemctl(1) without a manager: what it does to the files of units, the rest is left out as no service is started. */
export const systemctl: Command = (process) =>
  withFailures(process, '', () => {
    const options = parseOptions(process.args.slice(1), OPTIONS);
    const [verb = '', ...units] = options.operands;
    const instance: Instance = options.has('user') || options.has('global') ? 'user' : 'system';
    const files = new Files(process);
    if (LEFT_OUT.has(verb)) {
      process.system.report({
        type: 'left-out',
        command: 'systemctl',
        why: 'no service manager runs',
        line: process.line,
      });
      return 0;
    }
    switch (verb) {
      case 'preset':
        return forEach(units, (unit) => preset(process, files, unit, instance, options.get('preset-mode') ?? 'full'));
      case 'enable':
        return forEach(units, (unit) => enable(process, files, unit, instance));
      case 'disable':
        return forEach(units, (unit) => disable(files, unit, instance));
      case 'mask':
        return forEach(units, (unit) => {
          files.makeDirectories(`/etc/systemd/${instance}`);
          files.replaceLink('/dev/null', `/etc/systemd/${instance}/${withSuffix(unit)}`);
          return 0;
        });
      case 'unmask':
        return forEach(units, (unit) => {
          const link = `/etc/systemd/${instance}/${withSuffix(unit)}`;
          if (files.readlink(link) === '/dev/null') files.unlink(link);
          return 0;
        });
      case 'is-enabled':
        return units.some((unit) => isEnabled(files, unit, instance)) ? 0 : 1;
      case 'is-active':
      case 'is-failed':
      case 'status':
      case 'show':
      case 'cat':
      case 'list-units':
        return 3;
      default:
        unsupported(process, verb);
        return 1;
    }
  });

function forEach(units: readonly Bytes[], act: (unit: Bytes) => number): number {
  return Math.max(0, ...units.map(act));
}

function withSuffix(unit: Bytes): Bytes {
  return /\.(?:service|socket|timer|target|mount|automount|swap|path|slice|scope|device)$/.test(unit)
    ? unit
    : `${unit}.service`;
}

function enable(process: Process, files: Files, name: Bytes, instance: Instance): number {
  const unit = withSuffix(name);
  const links = unitLinks(files, unit, instance);
  if (links === undefined) {
    complain(process, `Failed to enable unit: Unit file ${unit} does not exist.`);
    return 1;
  }
  const open = links.find(({ link }) => /@\.\w+$/.test(link) && !/@\.\w+\.(?:wants|requires)\//.test(link));
  if (open !== undefined) {
    complain(process, `Failed to enable unit: ${unit} is a template, and what wants it is not.`);
    return 1;
  }
  for (const { link, target } of links) {
    files.makeDirectories(link.slice(0, link.lastIndexOf('/')));
    if (files.readlink(link) === undefined) files.replaceLink(nameInLinks(process, files, target), link);
  }
  return 0;
}

/** The links of a unit, which may be an instance of a template. */
function unitLinks(files: Files, unit: Bytes, instance: Instance): UnitLink[] | undefined {
  const path = findUnit(files, unit, instance);
  if (files.isFile(path)) return linkClosure(files, path, instance);
  return linkClosure(files, findUnit(files, templateOf(unit), instance), instance, new Set(), unit);
}

/**
 * How systemd names a unit's file in the links that it makes: below the first directory of its search path that has it. That
 * is /usr/lib, or /lib where systemd was built for that (up to Debian 12), which shows in where its own files are.
 */
function nameInLinks(process: Process, files: Files, path: Bytes): Bytes {
  if (path.startsWith('/etc/')) return path;
  const slash = path.lastIndexOf('/');
  const real = (files.realpath(path.slice(0, slash)) ?? '') + path.slice(slash);
  const systemd = debianState(process).packages.find(({ name }) => name === 'systemd');
  return systemd?.files().includes('/lib/systemd/system') === true ? real.replace(/^\/usr(?=\/lib\/)/, '') : real;
}

function disable(files: Files, name: Bytes, instance: Instance): number {
  for (const { link } of unitLinks(files, withSuffix(name), instance) ?? []) {
    if (files.readlink(link) === undefined) continue;
    files.unlink(link);
    files.rmdir(link.slice(0, link.lastIndexOf('/')));
  }
  return 0;
}

function isEnabled(files: Files, name: Bytes, instance: Instance): boolean {
  const links = unitLinks(files, withSuffix(name), instance);
  return links?.some(({ link }) => files.readlink(link) !== undefined) === true;
}

/** Applies the first rule of systemd.preset(5) that matches; a unit that none matches is enabled. */
function preset(process: Process, files: Files, name: Bytes, instance: Instance, mode: Bytes): number {
  const unit = withSuffix(name);
  const rule = presetRules(files, instance).find(({ pattern }) => globMatches(pattern, unit));
  const wanted = rule?.verb ?? 'enable';
  if (wanted === 'enable') return mode === 'disable-only' ? 0 : enable(process, files, unit, instance);
  return mode === 'enable-only' || wanted !== 'disable' ? 0 : disable(files, unit, instance);
}

function presetRules(files: Files, instance: Instance): { readonly verb: Bytes; readonly pattern: Bytes }[] {
  const places = ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd', '/lib/systemd'];
  const byName = new Map<Bytes, Bytes>();
  for (const place of places.map((base) => `${base}/${instance}-preset`)) {
    for (const file of files.list(place)) {
      if (file.endsWith('.preset') && !byName.has(file)) byName.set(file, `${place}/${file}`);
    }
  }
  return [...byName.keys()].sort().flatMap((file) =>
    files.lines(byName.get(file) ?? '').flatMap((line) => {
      const [, verb, pattern] = /^\s*(enable|disable|ignore)\s+(\S+)/.exec(line) ?? [];
      return verb === undefined || pattern === undefined ? [] : [{ verb, pattern }];
    }),
  );
}
