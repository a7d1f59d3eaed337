import * as fs from '../../shell/filesystem.js';
import { PosixError } from '../../shell/posix-error.js';
import type { Bytes } from '../../shell/types.js';
import { idOf } from '../kit/accounts.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { parseMode } from '../kit/mode.js';
import { baseName, dirName, join, quote } from '../kit/text.js';

interface CopyOptions {
  readonly recursive: boolean;
  /** Copy links as links. */
  readonly links: boolean;
  /** Mode, owner and time as in the source. */
  readonly preserve: boolean;
  readonly force: boolean;
  readonly keep: (source: Bytes, target: Bytes) => boolean;
}

const COPY_OPTIONS = [
  '-a --archive',
  '-b --backup=?',
  '-d',
  '-f --force',
  '-i --interactive',
  '-L --dereference',
  '-P --no-dereference',
  '-n --no-clobber',
  '-p',
  '--preserve=?',
  '--no-preserve=',
  '-R -r --recursive',
  '-t --target-directory=',
  '-T --no-target-directory',
  '-u --update=?',
  '-v --verbose',
  '-x --one-file-system',
  '-Z --context=?',
  '--reflink=?',
  '--sparse=',
  '--remove-destination',
];

/** cp(1) without backups: -b is reported. */
export const cp = command(COPY_OPTIONS, (call) => {
  const { options } = call;
  if (options.has('backup')) call.unsupported('--backup');
  const archive = options.has('archive');
  const follow = options.last('dereference', 'no-dereference', 'd', 'archive');
  const recursive = archive || options.has('recursive');
  const copyOptions: CopyOptions = {
    recursive,
    links: follow === undefined ? recursive : follow !== 'dereference',
    preserve: archive || options.has('p', 'preserve'),
    force: options.has('force', 'remove-destination'),
    keep: keepTest(call),
  };
  for (const [source, target] of targetsOf(call)) {
    call.attempt(quote(source), () => copy(call, source, target, copyOptions));
    if (options.has('verbose')) call.write(`${quote(source)} -> ${quote(target)}\n`);
  }
  return undefined;
});

/** mv(1) */
export const mv = command(
  [
    '-f --force',
    '-i --interactive',
    '-n --no-clobber',
    '-u --update=?',
    '-v --verbose',
    '-Z --context',
    '-T --no-target-directory',
    '-t --target-directory=',
    '!-b --backup=?',
  ],
  (call) => {
    const keep = keepTest(call);
    for (const [source, target] of targetsOf(call)) {
      if (keep(source, target)) continue;
      const why = `cannot move ${quote(source)} to ${quote(target)}`;
      call.attempt(why, () => fs.rename(call.process, source, target));
      if (call.options.has('verbose')) call.write(`renamed ${quote(source)} -> ${quote(target)}\n`);
    }
    return undefined;
  },
);

/** install(1) */
export const install = command(
  [
    '-d --directory',
    '-D',
    '-m --mode=',
    '-o --owner=',
    '-g --group=',
    '-p --preserve-timestamps',
    '-t --target-directory=',
    '-T --no-target-directory',
    '-v --verbose',
    '-C --compare',
    '-s --strip',
    '-c',
    '-Z --context=?',
    '!-b --backup=?',
  ],
  (call) => {
    const { options, process } = call;
    const mode = parseMode(options.value('mode') ?? '755', 0)?.(0, false);
    if (mode === undefined) throw new CommandFailure(`invalid mode ${quote(options.value('mode') ?? '')}`);
    const uid = accountOf(call, 'passwd', options.value('owner'));
    const gid = accountOf(call, 'group', options.value('group'));
    const own = (path: Bytes): void => {
      if (uid !== undefined || gid !== undefined) fs.chown(process, path, uid, gid);
      fs.chmod(process, path, mode);
    };
    if (options.has('directory')) {
      for (const path of call.operands) {
        call.attempt(`cannot create directory ${quote(path)}`, () => {
          makeDirectories(call, path, 0o755);
          own(path);
        });
      }
      return undefined;
    }
    for (const [source, target] of targetsOf(call)) {
      call.attempt(quote(target), () => {
        if (options.has('D')) makeDirectories(call, dirName(target), 0o755);
        const { node } = fs.stat(process, source);
        if (node.type === 'directory') throw new PosixError('EISDIR');
        if (node.type !== 'file' && source !== '/dev/null') return call.unsupported('a source that is no file');
        if (fs.tryLstat(process, target) !== undefined) fs.unlink(process, target);
        fs.writeFile(process, target, node.type === 'file' ? node.content : '', 0o600);
        own(target);
        if (options.has('preserve-timestamps')) fs.utimes(process, target, node.mtime);
      });
    }
    return undefined;
  },
);

/** `mkdir -p` */
export function makeDirectories(call: Call, path: Bytes, mode: number): void {
  if (fs.tryStat(call.process, path)?.type === 'directory') return;
  const parent = dirName(path);
  if (parent !== path) makeDirectories(call, parent, mode);
  fs.mkdir(call.process, path, mode);
}

/** @throws CommandFailure where the name is no account's. */
export function accountOf(call: Call, database: 'passwd' | 'group', name: Bytes | undefined): number | undefined {
  if (name === undefined || name === '') return undefined;
  const id = idOf(call.process, database, name);
  if (id === undefined) {
    throw new CommandFailure(`invalid ${database === 'passwd' ? 'user' : 'group'}: ${quote(name)}`);
  }
  return id;
}

/** Each source with the path that it goes to. */
export function targetsOf(call: Call): (readonly [source: Bytes, target: Bytes])[] {
  const { options, process } = call;
  const operands = [...call.operands];
  const directory = options.value('target-directory');
  const target = directory ?? operands.pop();
  if (target === undefined) throw new CommandFailure('missing file operand');
  if (operands.length === 0) throw new CommandFailure(`missing destination file operand after ${quote(target)}`);
  const into = directory !== undefined || (!options.has('no-target-directory') && isDirectory(call, target));
  if (!into && operands.length > 1) {
    throw new CommandFailure(
      `target ${quote(target)}: ${fs.tryStat(process, target) === undefined ? 'No such file or directory' : 'Not a directory'}`,
    );
  }
  return operands.map((source) => [source, into ? join(target, baseName(source)) : target] as const);
}

function isDirectory(call: Call, path: Bytes): boolean {
  return fs.tryStat(call.process, path)?.type === 'directory';
}

/** Whether a target stays: with -n, and with -u where the source is not newer. */
function keepTest(call: Call): (source: Bytes, target: Bytes) => boolean {
  const { options, process } = call;
  return (source, target) => {
    const there = fs.tryLstat(process, target);
    if (there === undefined) return false;
    if (options.has('no-clobber')) return true;
    return options.has('update') && (fs.tryLstat(process, source)?.mtime ?? 0) <= there.mtime;
  };
}

function copy(call: Call, source: Bytes, target: Bytes, options: CopyOptions): void {
  const { process } = call;
  call.spend(1);
  if (options.keep(source, target)) return;
  const from = options.links ? fs.lstat(process, source) : fs.stat(process, source);
  const there = fs.tryLstat(process, target);
  const { node } = from;
  if (node.type === 'directory') {
    if (!options.recursive) throw new PosixError('EISDIR');
    if (there === undefined) fs.mkdir(process, target, node.mode);
    for (const name of fs.readdir(process, source)) copy(call, join(source, name), join(target, name), options);
  } else if (node.type === 'symlink') {
    if (there !== undefined) fs.unlink(process, target);
    fs.symlink(process, fs.readlink(process, source), target);
  } else if (node.type === 'file') {
    if (there?.node === node) return;
    if (options.force && there?.type === 'symlink') fs.unlink(process, target);
    fs.writeFile(process, target, node.content, node.mode);
  } else {
    fs.mknod(process, target, node, node.mode);
  }
  if (!options.preserve) return;
  fs.chown(process, target, node.uid, node.gid, { follow: false });
  if (node.type !== 'symlink') fs.chmod(process, target, node.mode);
  fs.utimes(process, target, node.mtime, { follow: false });
}
