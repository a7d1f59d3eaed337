import { parentOf } from '../../formats/path.js';
import type { TreeNode } from '../../rootfs/types.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { AccountsDatabase } from './accounts-database.js';
import { configurationFields, configurationFiles, isConfigurationLine } from './configuration-files.js';
import { unsupported, withFailures } from './console.js';
import { Files } from './files.js';
import { expandGlob } from './glob.js';
import { parseOptions } from './options.js';

/** A line of tmpfiles.d(5). */
interface Rule {
  readonly type: Bytes;
  readonly flags: Bytes;
  readonly path: Bytes;
  readonly mode: number | undefined;
  /** `~`: the mode is masked by what is there. */
  readonly masked: boolean;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly argument: Bytes;
}

/** The argument names a credential of the boot, which an image does not have: then there is nothing to write. */
const FROM_CREDENTIAL = '^';

/** Known by the running system alone: an image has no boot and no machine yet. */
const RUNTIME_SPECIFIERS = /%[bmHlqvBMowW]/;

/** systemd-tmpfiles(8): what `--create` and `--remove` do with the files of tmpfiles.d(5); ages mean nothing here. */
export const systemdTmpfiles: Command = (process) =>
  withFailures(process, '', () => {
    const options = parseOptions(
      process.args.slice(1),
      'create remove clean boot user prefix: exclude-prefix: E root: image: replace: graceful purge dry-run no-pager h,help version',
    );
    const files = new Files(process);
    const paths = configurationFiles(files, 'tmpfiles.d', options.operands);
    const rules = paths
      .flatMap((path) => files.lines(path))
      .filter(isConfigurationLine)
      .flatMap((line) => parseRule(process, line) ?? []);
    const included = rules.filter(({ path, flags }) => {
      if (flags.includes('!') && !options.has('boot')) return false;
      if (flags.includes(FROM_CREDENTIAL)) return false;
      const prefixes = options.all('prefix');
      if (prefixes.length > 0 && !prefixes.some((prefix) => path.startsWith(prefix))) return false;
      return !options.all('exclude-prefix').some((prefix) => path.startsWith(prefix));
    });
    if (options.has('remove')) for (const rule of included) remove(files, rule);
    // Parents come before what is in them, as systemd orders its items by their paths.
    if (options.has('create')) for (const rule of ordered(included)) create(process, files, rule);
    return 0;
  });

function parseRule(process: Process, line: Bytes): Rule | undefined {
  const [kind = '', path = '', mode = '', user = '', group = '', , ...rest] = configurationFields(line);
  if (RUNTIME_SPECIFIERS.test(path) || RUNTIME_SPECIFIERS.test(rest.join(' '))) {
    process.system.report({
      type: 'left-out',
      command: 'systemd-tmpfiles',
      why: `${path} depends on the running system`,
      line: process.line,
    });
    return undefined;
  }
  const argument = (/^\s*(?:\S+\s+){6}(.*)$/s.exec(line)?.[1] ?? '').trimEnd();
  const digits = /[0-7]+$/.exec(mode)?.[0];
  const database = new AccountsDatabase(process);
  const id = (name: Bytes, find: (name: Bytes) => number | undefined): number | undefined => {
    const bare = name.replace(/^:/, '');
    return bare === '' ? undefined : /^\d+$/.test(bare) ? Number(bare) : find(bare);
  };
  return {
    type: kind.replace(/[!^=~$+-]/g, ''),
    flags: kind.slice(1),
    path: expandSpecifiers(path).replace(/(?<=.)\/+$/, ''),
    mode: digits === undefined ? undefined : Number.parseInt(digits, 8),
    masked: mode.includes('~'),
    uid: id(user, (name) => database.user(name)?.uid),
    gid: id(group, (name) => database.group(name)?.gid),
    argument: argument === '-' ? '' : expandSpecifiers(argument),
  };
}

function expandSpecifiers(text: Bytes): Bytes {
  const values: Record<string, string> = {
    t: '/run',
    S: '/var/lib',
    C: '/var/cache',
    L: '/var/log',
    T: '/tmp',
    V: '/var/tmp',
    h: '/root',
    u: 'root',
    U: '0',
    g: 'root',
    G: '0',
    '%': '%',
  };
  return text.replace(/%(.)/g, (all, letter: string) => values[letter] ?? all);
}

function ordered(rules: readonly Rule[]): Rule[] {
  const late = new Set(['z', 'Z', 't', 'T', 'h', 'H', 'a', 'A', 'w']);
  return [...rules].sort((a, b) => Number(late.has(a.type)) - Number(late.has(b.type)));
}

function remove(files: Files, { type, path }: Rule): void {
  if (type === 'r' || type === 'R') {
    for (const found of expandGlob(files, path)) removeAll(files, found, type === 'R');
  } else if (type === 'D') {
    for (const name of files.list(path)) removeAll(files, `${path}/${name}`, true);
  }
}

function removeAll(files: Files, path: Bytes, recursive: boolean): void {
  if (files.lstat(path)?.type !== 'directory') {
    files.unlink(path);
    return;
  }
  if (recursive) for (const name of files.list(path)) removeAll(files, `${path}/${name}`, true);
  files.rmdir(path);
}

function create(process: Process, files: Files, rule: Rule): void {
  const { type, flags, path, argument, mode } = rule;
  const present = files.lstat(path);
  switch (type) {
    case 'f':
    case 'F':
      makeParent(files, path);
      if (type === 'F' || flags.includes('+') || present === undefined)
        files.write(path, unescapeText(argument), { mode: mode ?? 0o644 });
      own(files, path, rule);
      break;
    case 'w':
      for (const found of expandGlob(files, path))
        files.write(found, (flags.includes('+') ? (files.read(found) ?? '') : '') + unescapeText(argument));
      break;
    case 'd':
    case 'D':
    case 'v':
    case 'q':
    case 'Q':
      if (present === undefined) {
        makeParent(files, path);
        files.makeDirectories(path, mode ?? 0o755);
      }
      if (files.isDirectory(path)) own(files, path, rule);
      break;
    case 'e':
      for (const found of expandGlob(files, path)) if (files.isDirectory(found)) own(files, found, rule);
      break;
    case 'L': {
      makeParent(files, path);
      const target = argument === '' ? `/usr/share/factory${path}` : argument;
      if (flags.includes('?') && !files.exists(target)) break;
      if (present !== undefined && flags.includes('+') && present.type !== 'symlink') removeAll(files, path, true);
      if (present === undefined || (flags.includes('+') && files.readlink(path) !== target))
        files.replaceLink(target, path);
      break;
    }
    case 'C':
      copy(files, argument === '' ? `/usr/share/factory${path}` : argument, path, flags.includes('+'));
      if (files.exists(path)) own(files, path, rule);
      break;
    case 'm':
    case 'z':
      for (const found of expandGlob(files, path)) own(files, found, rule);
      break;
    case 'Z':
      for (const found of expandGlob(files, path)) ownBelow(files, found, rule);
      break;
    case 'p':
    case 'c':
    case 'b':
      process.system.report({
        type: 'left-out',
        command: 'systemd-tmpfiles',
        why: `${path} is a device or a pipe of the running system`,
        line: process.line,
      });
      break;
    case 'x':
    case 'X':
    case 'r':
    case 'R':
    case 'h':
    case 'H':
    case 't':
    case 'T':
    case 'a':
    case 'A':
      // Exclusions from cleaning, removals (done above), and attributes that an image cannot carry.
      break;
    default:
      unsupported(process, `${type} ${path}`);
  }
}

function makeParent(files: Files, path: Bytes): void {
  files.makeDirectories(parentOf(path));
}

function own(files: Files, path: Bytes, { mode, masked, uid, gid }: Rule): void {
  const node = files.lstat(path);
  if (node === undefined || node.type === 'symlink') return;
  if (uid !== undefined || gid !== undefined) files.chown(path, uid, gid, false);
  if (mode !== undefined) files.chmod(path, masked ? maskedMode(node, mode) : mode);
}

/** Bits that the present mode lacks for everyone are taken away: x for files that are not executable, and so on. */
function maskedMode(node: TreeNode, mode: number): number {
  if (node.type === 'directory') return mode;
  let result = mode;
  if ((node.mode & 0o111) === 0) result &= ~0o111;
  if ((node.mode & 0o222) === 0) result &= ~0o222;
  if ((node.mode & 0o444) === 0) result &= ~0o444;
  return result & ~0o7000;
}

function ownBelow(files: Files, path: Bytes, rule: Rule): void {
  own(files, path, rule);
  if (files.lstat(path)?.type !== 'directory') return;
  for (const name of files.list(path)) ownBelow(files, `${path}/${name}`, rule);
}

function copy(files: Files, from: Bytes, to: Bytes, merge: boolean): void {
  const node = files.lstat(from);
  const present = files.lstat(to);
  if (
    node === undefined ||
    (present !== undefined && !(merge || (present.type === 'directory' && files.list(to).length === 0)))
  )
    return;
  makeParent(files, to);
  if (node.type === 'directory') {
    files.makeDirectories(to, node.mode);
    for (const name of files.list(from)) copy(files, `${from}/${name}`, `${to}/${name}`, merge);
  } else if (node.type === 'symlink') {
    if (present === undefined) files.symlink(files.readlink(from) ?? '', to);
  } else if (node.type === 'file' && present === undefined) {
    files.write(to, files.read(from) ?? '', { mode: node.mode, uid: node.uid, gid: node.gid });
  }
}

/** C escapes, as tmpfiles.d(5) has them in arguments. */
function unescapeText(text: Bytes): Bytes {
  const letters: Record<string, string> = {
    n: '\n',
    t: '\t',
    r: '\r',
    a: '\x07',
    b: '\b',
    f: '\f',
    v: '\v',
    '\\': '\\',
    '"': '"',
    "'": "'",
    s: ' ',
  };
  return text.replace(/\\(x[0-9a-fA-F]{2}|[0-7]{3}|.)/g, (_, code: string) => {
    if (code.length > 1)
      return String.fromCharCode(code.startsWith('x') ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8));
    return letters[code] ?? code;
  });
}
