import { createHash } from 'node:crypto';
import { nameOf } from '../../formats/path.js';
import { compareVersions } from '../../formats/version.js';
import { linesOf, textOf } from '../shell/bytes.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, withFailures } from './console.js';
import { Files } from './files.js';
import { parseOptions } from './options.js';
import { findPackage } from './state.js';

const STATE = '/var/lib/ucf';
const GENERATIONS = 7;
const FIRST_WITHOUT_IFS = '3.0047';
const CONFMODULE = '/usr/share/debconf/confmodule';
/** Larger files are cached only where the three-way merge was asked for. */
const CACHE_LIMIT = 25_600;
const OPTIONS =
  'h,help s,src-dir: sum-file: dest-dir: n,no-action P,package: p,purge Z v,verbose three-way debconf-ok debconf-template: state-dir:';

interface Call {
  readonly process: Process;
  readonly files: Files;
  readonly source: Bytes;
  readonly target: Bytes;
  readonly text: Bytes;
  readonly digest: Bytes;
  readonly threeWay: boolean;
}

/**
 * ucf(1) of the versions 3.0043 and 3.0052 where nobody answers: a new file is installed, a changed one is kept and the new put
 * beside it.
 */
export const ucf: Command = (process) =>
  withFailures(process, '', () => {
    const options = parseOptions(process.args.slice(1), OPTIONS);
    const files = new Files(process);
    if (options.has('no-action')) return 0;
    if (options.has('purge')) return purge(files, options.operands[0] ?? '');
    const [source = '', given = '', ...more] = options.operands;
    if (given === '' || more.length > 0)
      throw new Failure(`*** ERROR: Need exactly two arguments, got ${options.operands.length}`, 2);
    const text = files.read(source);
    if (text === undefined) throw new Failure(`Error: The new file ${source} does not exist!`);
    const target = files.exists(given) ? (files.realpath(given) ?? given) : given;
    files.makeDirectories(`${STATE}/cache`);
    const call: Call = {
      process,
      files,
      source,
      target,
      text,
      digest: digestOf(text),
      threeWay: options.has('three-way'),
    };
    const sumFile =
      options.get('sum-file') ??
      `${options.get('src-dir') ?? source.slice(0, source.lastIndexOf('/'))}/${nameOf(source)}.md5sum`;
    return decide(call, files.lines(sumFile));
  });

function decide(call: Call, historical: readonly Bytes[]): number {
  const { process, files, target, text, digest } = call;
  const last = recordedDigest(files, target);
  const present = files.read(target);
  if (present === undefined) {
    if (last === undefined) {
      complain(process, `\nCreating config file ${target} with new version`);
      install(call);
    } else if (last === digest) {
      complain(process, `Not replacing deleted config file ${target}`);
    } else {
      keep(call);
    }
    return 0;
  }
  const current = digestOf(present);
  if (last === digest) return 0;
  const known = last === undefined ? historical.some((line) => line.startsWith(current)) : last === current;
  if (known) {
    if (last !== undefined) complain(process, `Replacing config file ${target} with new version`);
    install(call);
  } else if (present === text) {
    record(call);
  } else {
    keep(call);
  }
  return 0;
}

function digestOf(text: Bytes): Bytes {
  return createHash('md5').update(text, 'latin1').digest('hex');
}

function recordedDigest(files: Files, target: Bytes): Bytes | undefined {
  const line = files.lines(`${STATE}/hashfile`).find((item) => item.split(/\s+/).slice(1).join(' ') === target);
  return line?.split(/\s/)[0];
}

/** A new file takes over the mode and owner of the package's, one that is there keeps its own. */
function install(call: Call): void {
  const { files, target, text } = call;
  files.write(target, text, files.exists(target) ? {} : ownershipOf(call));
  record(call);
}

function keep(call: Call): void {
  record(call);
  call.files.replace(`${call.target}.ucf-dist`, call.text, ownershipOf(call));
}

function ownershipOf({ files, source }: Call): { readonly mode: number; readonly uid: number; readonly gid: number } {
  const { mode = 0o644, uid = 0, gid = 0 } = files.stat(source) ?? {};
  return { mode, uid, gid };
}

function record(call: Call): void {
  const { files, target, digest, text, threeWay } = call;
  rotateHashes(call.process, files);
  const others = linesExcept(files, `${STATE}/hashfile`, target);
  files.replace(`${STATE}/hashfile`, textOf([...others, `${digest}  ${target}`]));
  if (threeWay || text.length < CACHE_LIMIT) {
    files.replace(`${STATE}/cache/${target.replaceAll('/', ':')}`, text, ownershipOf(call));
  }
}

/** Comes before debconf's library, so that all generations move (`rotateHashes`). */
function purge(files: Files, target: Bytes): number {
  rotate(files, `${STATE}/hashfile`);
  if (files.exists(`${STATE}/hashfile`))
    files.replace(`${STATE}/hashfile`, textOf(linesExcept(files, `${STATE}/hashfile`, target)));
  files.unlink(`${STATE}/cache/${target.replaceAll('/', ':')}`);
  return 0;
}

function linesExcept(files: Files, path: Bytes, target: Bytes): Bytes[] {
  return linesOf(files.read(path) ?? '').filter(
    (line) => !(line.endsWith(target) && /\s/.test(line.at(-target.length - 1) ?? '')),
  );
}

/**
 * Since 3.0047 ucf unsets IFS before it sources debconf's library, which leaves it empty; then the generations to move are one
 * word to its loop, and only the newest copy is kept.
 */
function rotateHashes(process: Process, files: Files): void {
  const version = findPackage(process, 'ucf')?.version ?? '';
  const loops = compareVersions(version, FIRST_WITHOUT_IFS) < 0 || !files.exists(CONFMODULE);
  rotate(files, `${STATE}/hashfile`, loops ? GENERATIONS : 0);
}

/** The last generations of a state file stay as `<file>.0` to `<file>.7`. */
function rotate(files: Files, path: Bytes, generations = GENERATIONS): void {
  for (let number = generations - 1; number >= 0; number--) {
    const text = files.read(`${path}.${number}`);
    if (text !== undefined) files.write(`${path}.${number + 1}`, text);
  }
  const text = files.read(path);
  if (text !== undefined) files.write(`${path}.0`, text);
}

/** ucfr(1): which package a configuration file that ucf manages belongs to. */
export const ucfr: Command = (process) =>
  withFailures(process, 'ucfr: ', () => {
    const options = parseOptions(process.args.slice(1), 'h,help f,force n,no-action p,purge v,verbose state-dir:', 1);
    const [name = '', given = '', ...more] = options.operands;
    if (given === '' || more.length > 0)
      throw new Failure(`*** ERROR: Need exactly two arguments, got ${options.operands.length}`, 3);
    const files = new Files(process);
    const path = files.realpath(given) ?? given;
    const registry = `${STATE}/registry`;
    files.makeDirectories(STATE);
    if (!files.isFile(registry)) files.write(registry, '');
    if (options.has('no-action')) return 0;
    const owner = files
      .lines(registry)
      .find((line) => line.split(/\s+/).slice(1).join(' ') === path)
      ?.split(/\s/)[0];
    if (options.has('purge')) {
      if (owner === undefined) return 0;
      if (owner !== name && !options.has('force')) {
        complain(process, `ucfr: Association belongs to ${owner}, not ${name}`);
        throw new Failure('Aborting', 5);
      }
      rotate(files, registry);
      files.replace(registry, textOf(linesExcept(files, registry, path)));
      return 0;
    }
    if (owner === name) return 0;
    if (owner !== undefined && !options.has('force')) {
      complain(process, `ucfr: Attempt from package ${name}  to take ${path} away from package ${owner}`);
      throw new Failure('Aborting.', 4);
    }
    rotate(files, registry);
    files.replace(registry, textOf([...linesExcept(files, registry, path), `${name} \t ${path}`]));
    return 0;
  });
