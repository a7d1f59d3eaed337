import { bytesOf } from '../../shell/bytes.js';
import * as fs from '../../shell/filesystem.js';
import { PosixError } from '../../shell/posix-error.js';
import { resolvePath } from '../../shell/resolve.js';
import type { Bytes } from '../../shell/types.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { parseMode } from '../kit/mode.js';
import { baseName, dirName, join, quote } from '../kit/text.js';
import { makeDirectories, targetsOf } from './copy.js';

/** mkdir(1) */
export const mkdir = command(['-m --mode=', '-p --parents', '-v --verbose', '-Z --context=?'], (call) => {
  const { options, process } = call;
  const text = options.value('mode');
  const change = text === undefined ? undefined : parseMode(text, process.umask);
  if (text !== undefined && change === undefined) throw new CommandFailure(`invalid mode ${quote(text)}`);
  for (const path of call.operands) {
    call.attempt(`cannot create directory ${quote(path)}`, () => {
      const parents = options.has('parents');
      if (parents && fs.tryStat(process, path)?.type === 'directory') return;
      if (parents) makeDirectories(call, dirName(path), 0o777);
      fs.mkdir(process, path);
      if (change !== undefined) fs.chmod(process, path, change(0o777, true));
      if (options.has('verbose')) call.write(`${call.name}: created directory ${quote(path)}\n`);
    });
  }
  return undefined;
});

/** rmdir(1) */
export const rmdir = command(['-p --parents', '-v --verbose', '--ignore-fail-on-non-empty'], (call) => {
  for (const operand of call.operands) {
    for (let path = operand; ; path = dirName(path)) {
      try {
        fs.rmdir(call.process, path);
      } catch (error) {
        if (!(error instanceof PosixError)) throw error;
        const ignored = error.code === 'ENOTEMPTY' && call.options.has('ignore-fail-on-non-empty');
        if (!ignored) call.warn(`failed to remove ${quote(path)}: ${error.message}`);
        break;
      }
      if (!call.options.has('parents') || dirName(path) === '.' || dirName(path) === '/') break;
    }
  }
  return undefined;
});

/** rm(1) */
export const rm = command(
  [
    '-f --force',
    '-i',
    '-I',
    '--interactive=?',
    '-r -R --recursive',
    '-d --dir',
    '-v --verbose',
    '--preserve-root=?',
    '--no-preserve-root',
    '--one-file-system',
  ],
  (call) => {
    const force = call.options.has('force');
    if (call.operands.length === 0 && !force) throw new CommandFailure('missing operand');
    for (const path of call.operands) {
      if (fs.tryLstat(call.process, path) === undefined) {
        if (!force) call.warn(`cannot remove ${quote(path)}: No such file or directory`);
      } else if (/^\/+$|(?:^|\/)\.\.?\/*$/.test(path)) {
        call.warn(`refusing to remove ${quote(path)}`);
      } else {
        call.attempt(`cannot remove ${quote(path)}`, () => removeEntry(call, path));
      }
    }
    return undefined;
  },
);

function removeEntry(call: Call, path: Bytes): void {
  const { process, options } = call;
  call.spend(1);
  if (fs.lstat(process, path).type !== 'directory') {
    fs.unlink(process, path);
    return;
  }
  if (options.has('recursive')) {
    for (const name of fs.readdir(process, path)) removeEntry(call, join(path, name));
  } else if (!options.has('dir')) {
    throw new PosixError('EISDIR');
  }
  fs.rmdir(process, path);
}

/** ln(1) */
export const ln = command(
  [
    '-s --symbolic',
    '-f --force',
    '-n --no-dereference',
    '-r --relative',
    '-v --verbose',
    '-T --no-target-directory',
    '-t --target-directory=',
    '-L --logical',
    '-P --physical',
    '-i --interactive',
    '!-b --backup=?',
  ],
  (call) => {
    const { options, process } = call;
    const [only, ...more] = call.operands;
    const single = more.length === 0 && !options.has('target-directory') && only !== undefined;
    const last = call.operands.at(-1) ?? '';
    const isLink = options.has('no-dereference') && fs.tryLstat(process, last)?.type === 'symlink';
    const pairs = single
      ? [[only, `./${baseName(only)}`] as const]
      : isLink
        ? [[only ?? '', last] as const]
        : targetsOf(call);
    for (const [source, path] of pairs) {
      call.attempt(`failed to create ${options.has('symbolic') ? 'symbolic' : 'hard'} link ${quote(path)}`, () => {
        const there = fs.tryLstat(process, path);
        if (there !== undefined && options.has('force') && there.type !== 'directory') fs.unlink(process, path);
        if (!options.has('symbolic'))
          fs.link(process, options.has('logical') ? fs.realpath(process, source) : source, path);
        else fs.symlink(process, options.has('relative') ? relativeTo(call, source, path) : source, path);
      });
    }
    return undefined;
  },
);

function relativeTo(call: Call, source: Bytes, path: Bytes): Bytes {
  const canonical = (name: Bytes): Bytes => bytesOf(resolvePath(call.process, name, true).path);
  const from = canonical(dirName(path))
    .split('/')
    .filter((part) => part !== '');
  const to = canonical(source)
    .split('/')
    .filter((part) => part !== '');
  let common = 0;
  while (common < from.length && common < to.length && from[common] === to[common]) common += 1;
  return [...from.slice(common).map(() => '..'), ...to.slice(common)].join('/') || '.';
}

/** With the NUL at its end: what Linux takes (path_resolution(7)). */
const PATH_MAX = 4096;

/** mktemp(1): the names are the same in each build, and differ from one another. */
export const mktemp = command(
  ['-d --directory', '-q --quiet', '-u --dry-run', '-p --tmpdir=?', '-t', '--suffix='],
  (call) => {
    const { options, process } = call;
    const temporary = process.environment.get('TMPDIR') ?? '/tmp';
    const template = call.operands[0] ?? 'tmp.XXXXXXXXXX';
    const inDirectory = call.operands.length === 0 || options.has('tmpdir', 't');
    const directory = options.value('tmpdir') ?? temporary;
    const full = (inDirectory ? join(directory, template) : template) + (options.value('suffix') ?? '');
    if (full.length >= PATH_MAX)
      throw new CommandFailure(`failed to create a file by ${quote(template)}: File name too long`);
    const [, start = '', marks = '', end = ''] = /^(.*?)(X{3,})([^X/]*)$/s.exec(full) ?? [];
    if (marks === '') throw new CommandFailure(`too few X's in template ${quote(template)}`);
    for (let number = 0; ; number += 1) {
      call.spend(1);
      const path = start + number.toString(36).padStart(marks.length, '0') + end;
      if (fs.tryLstat(process, path) !== undefined) continue;
      if (options.has('dry-run')) call.write('');
      else if (options.has('directory')) fs.mkdir(process, path, 0o700);
      else fs.open(process, path, { write: true, create: true, exclusive: true }, 0o600);
      call.write(`${path}\n`);
      return 0;
    }
  },
);
