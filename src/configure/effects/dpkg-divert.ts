import type { Diversion } from '../../rootfs/merge.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { Failure, say, withFailures } from './console.js';
import { inHashOrder } from './dpkg-hash.js';
import { Files } from './files.js';
import { globMatches } from './glob.js';
import { parseOptions } from './options.js';
import { findPackage } from './state.js';

/** Where dpkg keeps its diversions. */
export const DIVERSIONS = '/var/lib/dpkg/diversions';
const OPTIONS =
  'add remove list listpackage truename admindir: instdir: root: divert: package: local quiet rename no-rename test help version';
const ACTIONS = ['add', 'remove', 'list', 'listpackage', 'truename'] as const;

/** The options of one call; a `package` of undefined means that any is meant. */
interface Request {
  readonly file: Bytes;
  readonly to: Bytes | undefined;
  readonly package: Bytes | undefined;
  readonly rename: boolean;
  readonly quiet: boolean;
  readonly test: boolean;
}

/** dpkg-divert(1), as src/divert/main.c of dpkg 1.21 and 1.22 does it. */
export const dpkgDivert: Command = (process) =>
  withFailures(process, 'dpkg-divert: error: ', () => {
    const options = parseOptions(process.args.slice(1), OPTIONS, 2);
    const action = ACTIONS.find((name) => options.has(name)) ?? 'add';
    const files = new Files(process);
    const diversions = readDiversions(files);
    if (action === 'list') return list(process, diversions, options.operands);
    const [file, ...rest] = options.operands;
    if (file === undefined || rest.length > 0) throw new Failure(`--${action} needs a single argument`, 2);
    if (!file.startsWith('/')) throw new Failure(`filename "${file}" is not absolute`, 2);
    const found = diversions.find(({ from }) => from === file);
    if (action === 'truename') say(process, found?.to ?? file);
    if (action === 'listpackage' && found !== undefined) say(process, found.package === ':' ? 'LOCAL' : found.package);
    if (action === 'truename' || action === 'listpackage') return 0;
    const named = options.has('local')
      ? ':'
      : (options.get('package') ?? process.environment.get('DPKG_MAINTSCRIPT_PACKAGE'));
    const request: Request = {
      file,
      to: options.get('divert'),
      package: named,
      rename: options.has('rename') && !options.has('no-rename'),
      quiet: options.has('quiet'),
      test: options.has('test'),
    };
    return action === 'add' ? add(process, files, diversions, request) : remove(process, files, diversions, request);
  });

function readDiversions(files: Files): Diversion[] {
  return parseDiversions(files.lines(DIVERSIONS));
}

/** The lines of dpkg's database of diversions, three for each; `:` is the package of a local one. */
export function parseDiversions(lines: readonly Bytes[]): Diversion[] {
  const diversions: Diversion[] = [];
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [from = '', to = '', owner = ''] = lines.slice(at, at + 3);
    diversions.push({ from, to, package: owner });
  }
  return diversions;
}

/** The database is written whole, in the order of dpkg's hash table; the old one stays as `diversions-old`. */
function writeDiversions(files: Files, diversions: readonly Diversion[]): void {
  const text = inHashOrder(diversions, ({ from }) => from).map((item) => `${item.from}\n${item.to}\n${item.package}\n`);
  if (files.lstat(DIVERSIONS) !== undefined) files.hardLink(DIVERSIONS, `${DIVERSIONS}-old`);
  files.replace(DIVERSIONS, text.join(''));
}

function add(process: Process, files: Files, diversions: readonly Diversion[], request: Request): number {
  const { file, quiet } = request;
  if (files.lstat(file)?.type === 'directory') throw new Failure('cannot divert directories', 2);
  const diversion = { from: file, to: request.to ?? `${file}.distrib`, package: request.package ?? ':' };
  if (file === diversion.to) throw new Failure(`cannot divert file '${file}' to itself`, 2);
  const taken = diversions.filter(({ from, to }) => [from, to].some((path) => path === file || path === diversion.to));
  const [clash] = taken;
  if (clash !== undefined) {
    const same = clash.from === file && clash.to === diversion.to && clash.package === diversion.package;
    if (!same) throw new Failure(`'${describe(diversion)}' clashes with '${describe(clash)}'`, 2);
    if (!quiet) say(process, `Leaving '${describe(clash)}'`);
    return 0;
  }
  if (!quiet) say(process, `Adding '${describe(diversion)}'`);
  // dpkg runs a preinst before it unpacks the package's own file, which stands here already.
  const unpacked = files.lstat(file)?.owner;
  const own = unpacked?.type === 'package' && unpacked.name === diversion.package;
  let rename = request.rename && !(own && preinst(process)) && mayRename(files, file, diversion.to);
  if (rename && findPackage(process, diversion.package)?.files().includes(file) === true) {
    if (!quiet)
      say(process, `Ignoring request to rename file '${file}' owned by diverting package '${diversion.package}'`);
    rename = false;
  }
  if (request.test) return 0;
  writeDiversions(files, [...diversions, diversion]);
  if (rename) move(files, file, diversion.to);
  return 0;
}

function preinst({ environment }: Process): boolean {
  return environment.get('DPKG_MAINTSCRIPT_NAME') === 'preinst';
}

function remove(process: Process, files: Files, diversions: readonly Diversion[], request: Request): number {
  const { file, quiet } = request;
  const found = diversions.find(({ from }) => from === file);
  if (found === undefined) {
    if (!quiet) say(process, `No diversion '${describeWanted(request)}', none removed.`);
    return 0;
  }
  const mismatch = (what: string): Failure =>
    new Failure(`mismatch on ${what}\n  when removing '${describeWanted(request)}'\n  found '${describe(found)}'`, 2);
  if (request.to !== undefined && request.to !== found.to) throw mismatch('divert-to');
  if (request.package !== undefined && request.package !== found.package) throw mismatch('package');
  if (!quiet) say(process, `Removing '${describe(found)}'`);
  if (request.test) return 0;
  if (request.rename && mayRename(files, found.to, file)) move(files, found.to, file);
  writeDiversions(
    files,
    diversions.filter((item) => item !== found),
  );
  return 0;
}

function mayRename(files: Files, from: Bytes, to: Bytes): boolean {
  const source = files.lstat(from);
  const goal = files.lstat(to);
  if (source === undefined) return false;
  if (goal !== undefined && goal !== source) {
    throw new Failure(`rename involves overwriting '${to}' with\n  different file '${from}', not allowed`, 2);
  }
  return true;
}

function move(files: Files, from: Bytes, to: Bytes): void {
  if (files.lstat(to) === undefined) files.rename(from, to);
  else files.unlink(from);
}

function list(process: Process, diversions: readonly Diversion[], patterns: readonly Bytes[]): number {
  const wanted = patterns.length === 0 ? ['*'] : patterns;
  for (const item of inHashOrder(diversions, ({ from }) => from)) {
    const names = [item.package, item.to, item.from];
    if (wanted.some((pattern) => names.some((name) => globMatches(pattern, name)))) say(process, describe(item));
  }
  return 0;
}

function describeWanted({ file, to, package: owner }: Request): Bytes {
  const direction = to === undefined ? file : `${file} to ${to}`;
  if (owner === undefined) return `any diversion of ${direction}`;
  return owner === ':' ? `local diversion of ${direction}` : `diversion of ${direction} by ${owner}`;
}

function describe(item: { readonly from: Bytes; readonly to: Bytes | undefined; readonly package: Bytes }): Bytes {
  return describeWanted({
    file: item.from,
    to: item.to,
    package: item.package,
    rename: false,
    quiet: false,
    test: false,
  });
}
