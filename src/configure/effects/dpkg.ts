import { compareVersions, isVersion } from '../../formats/version.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, say, unsupported, withFailures } from './console.js';
import { query } from './dpkg-query.js';
import { Files } from './files.js';
import { debianState } from './state.js';

/** The features of dpkg that a package may ask for; all of them are in dpkg 1.21. */
const FEATURES = new Set([
  'support-predepends',
  'working-epoch',
  'long-filenames',
  'multi-conrep',
  'multi-arch',
  'versioned-provides',
  'protected-field',
]);
/** What `dpkg` hands to dpkg-query. */
const QUERIES = new Set([
  '-s',
  '--status',
  '-l',
  '--list',
  '-L',
  '--listfiles',
  '-S',
  '--search',
  '-W',
  '--show',
  '-p',
  '--print-avail',
]);

/** The parts of dpkg(1) that answer questions; it installs nothing. */
export const dpkg: Command = (process) =>
  withFailures(process, 'dpkg: error: ', () => {
    const args = process.args
      .slice(1)
      .filter((arg) => !/^--(?:root|admindir|instdir|force-[a-z-]+|no-pager)(?:=|$)/.test(arg));
    const [action = '', ...rest] = args;
    const operands = rest[0] === '--' ? rest.slice(1) : rest;
    const assertion = /^--assert-(.+)$/.exec(action)?.[1];
    if (assertion !== undefined) return FEATURES.has(assertion) || assertion === 'help' ? 0 : 1;
    const validation = /^--validate-(.+)$/.exec(action)?.[1];
    if (validation !== undefined) return validate(process, validation, operands[0] ?? '');
    if (QUERIES.has(action)) return query(process, args);
    switch (action) {
      case '--compare-versions':
        return compare(process, operands);
      case '--print-architecture':
        say(process, process.system.architecture);
        return 0;
      case '--print-foreign-architectures':
        for (const line of new Files(process).lines('/var/lib/dpkg/arch').slice(1)) say(process, line);
        return 0;
      case '--get-selections':
        return getSelections(process, operands);
      case '--version':
        say(
          process,
          `Debian 'dpkg' package management program version ${dpkgVersion(process)} (${process.system.architecture}).`,
        );
        return 0;
      case '--audit':
      case '-C':
        return 0;
      default:
        unsupported(process, args.join(' '));
        throw new Failure(`unsupported action ${action}`, 2);
    }
  });

function dpkgVersion(process: Process): string {
  return debianState(process).packages.find(({ name }) => name === 'dpkg')?.version ?? '';
}

/** The operators of dpkg(1); with `-nl` an empty version is later than any, otherwise earlier. */
function compare(process: Process, operands: readonly Bytes[]): number {
  const [left, operator, right, ...more] = operands;
  if (left === undefined || operator === undefined || right === undefined || more.length > 0) {
    throw new Failure('--compare-versions takes three arguments: <version> <relation> <version>', 2);
  }
  const match = /^(lt|le|eq|ne|ge|gt|<|<=|<<|=|>=|>>|>)(-nl)?$/.exec(operator);
  if (match === null) throw new Failure('--compare-versions bad relation', 2);
  for (const version of [left, right]) {
    if (version !== '' && !isVersion(version)) complain(process, `dpkg: warning: version '${version}' has bad syntax`);
  }
  const order = orderOf(left, right, match[2] !== undefined);
  const holds = {
    lt: order < 0,
    le: order <= 0,
    eq: order === 0,
    ne: order !== 0,
    ge: order >= 0,
    gt: order > 0,
    '<': order <= 0,
    '<=': order <= 0,
    '<<': order < 0,
    '=': order === 0,
    '>=': order >= 0,
    '>>': order > 0,
    '>': order >= 0,
  }[match[1] ?? ''];
  return holds === true ? 0 : 1;
}

function orderOf(left: Bytes, right: Bytes, emptyIsLater: boolean): number {
  if (left === '' || right === '') {
    const order = Number(left !== '') - Number(right !== '');
    return emptyIsLater ? -order : order;
  }
  return compareVersions(left, right);
}

const VALIDATIONS: Readonly<Record<string, RegExp>> = {
  pkgname: /^[A-Za-z0-9][A-Za-z0-9+.-]*$/,
  trigname: /^[!-~]+$/,
  archname: /^[A-Za-z0-9][A-Za-z0-9-]*$/,
};

function validate(process: Process, kind: string, value: Bytes): number {
  const pattern = VALIDATIONS[kind];
  if (pattern === undefined && kind !== 'version') throw new Failure(`unknown option --validate-${kind}`, 2);
  if (pattern === undefined ? isVersion(value) : pattern.test(value)) return 0;
  complain(process, `dpkg: error: ${kind} '${value}' has bad syntax`);
  return 1;
}

function getSelections(process: Process, names: readonly Bytes[]): number {
  for (const { name } of debianState(process).packages) {
    if (names.length === 0 || names.includes(name))
      say(process, `${name.padEnd(48, ' ').replace(/ +$/, '')}\t\t\t\t\tinstall`);
  }
  return 0;
}
