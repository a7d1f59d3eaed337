import { bytesOf } from '../../shell/bytes.js';
import * as fs from '../../shell/filesystem.js';
import { PosixError } from '../../shell/posix-error.js';
import { resolvePath } from '../../shell/resolve.js';
import type { Bytes } from '../../shell/types.js';
import { nameOfId } from '../kit/accounts.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { modeString } from '../kit/mode.js';
import { baseName, dirName, join, quote } from '../kit/text.js';
import { compareVersionTexts } from '../kit/version-texts.js';

/** basename(1) */
export const basename = command(['-a --multiple', '-s --suffix=', '-z --zero'], (call) => {
  const { options, operands } = call;
  const several = options.has('multiple', 'suffix');
  const suffix = options.value('suffix') ?? (several ? '' : (operands[1] ?? ''));
  for (const path of several ? operands : operands.slice(0, 1)) {
    const name = baseName(path);
    const cut = suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    call.write(cut + (options.has('zero') ? '\0' : '\n'));
  }
  return undefined;
});

/** dirname(1) */
export const dirname = command(['-z --zero'], (call) => {
  for (const path of call.operands) call.write(dirName(path) + (call.options.has('zero') ? '\0' : '\n'));
  return undefined;
});

/** readlink(1) */
export const readlink = command(
  [
    '-f --canonicalize',
    '-e --canonicalize-existing',
    '-m --canonicalize-missing',
    '-n --no-newline',
    '-q --quiet',
    '-s --silent',
    '-v --verbose',
    '-z --zero',
  ],
  (call) => {
    const how = call.options.last('canonicalize', 'canonicalize-existing', 'canonicalize-missing');
    return eachPath(
      call,
      (path) => (how === undefined ? fs.readlink(call.process, path) : canonical(call, path, how)),
      true,
    );
  },
);

/** realpath(1) */
export const realpath = command(
  [
    '-e --canonicalize-existing',
    '-m --canonicalize-missing',
    '-q --quiet',
    '-z --zero',
    '-L --logical',
    '-P --physical',
    '!-s --strip',
    '!--relative-to=',
    '!--relative-base=',
  ],
  (call) => {
    const how = call.options.last('canonicalize-existing', 'canonicalize-missing') ?? 'canonicalize';
    return eachPath(call, (path) => canonical(call, path, how), call.options.has('quiet'));
  },
);

function eachPath(call: Call, resolve: (path: Bytes) => Bytes, quiet: boolean): undefined {
  if (call.operands.length === 0) throw new CommandFailure('missing operand');
  for (const path of call.operands) {
    try {
      call.write(resolve(path) + (call.options.has('zero') ? '\0' : call.options.has('no-newline') ? '' : '\n'));
    } catch (error) {
      if (!(error instanceof PosixError)) throw error;
      call.status = 1;
      if (!quiet) call.warn(`${path}: ${error.message}`);
    }
  }
  return undefined;
}

function canonical(call: Call, path: Bytes, how: string): Bytes {
  if (how === 'canonicalize-existing') return fs.realpath(call.process, path);
  try {
    return bytesOf(resolvePath(call.process, path, true).path);
  } catch (error) {
    if (how !== 'canonicalize-missing' || !(error instanceof PosixError)) throw error;
    const parent = dirName(path);
    return parent === path ? path : join(canonical(call, parent, how), baseName(path));
  }
}

/** stat(1) with a format. */
export const stat = command(
  ['-c --format=', '--printf=', '-L --dereference', '-t --terse', '!-f --file-system'],
  (call) => {
    const { options, process } = call;
    const printf = options.value('printf');
    const format = printf ?? options.value('format');
    if (format === undefined) call.unsupported('a report without a format');
    for (const path of call.operands) {
      call.attempt(`cannot statx ${quote(path)}`, () => {
        const found = options.has('dereference') ? fs.stat(process, path) : fs.lstat(process, path);
        const text = (format ?? '').replace(/%(.)/gs, (_, letter: string) => statField(call, path, found, letter));
        call.write(printf === undefined ? `${text}\n` : text.replaceAll('\\n', '\n').replaceAll('\\0', '\0'));
      });
    }
    return undefined;
  },
);

const TYPES = {
  file: 'regular file',
  directory: 'directory',
  symlink: 'symbolic link',
  char: 'character special file',
  block: 'block special file',
  fifo: 'fifo',
};

function statField(call: Call, path: Bytes, found: fs.Stat, letter: string): Bytes {
  const { process } = call;
  switch (letter) {
    case 'a':
      return found.mode.toString(8);
    case 'A':
      return modeString(found.type, found.mode);
    case 'u':
      return String(found.uid);
    case 'g':
      return String(found.gid);
    case 'U':
      return nameOfId(process, 'passwd', found.uid) ?? 'UNKNOWN';
    case 'G':
      return nameOfId(process, 'group', found.gid) ?? 'UNKNOWN';
    case 'n':
      return path;
    case 's':
      return String(found.size);
    case 'F':
      return found.type === 'file' && found.size === 0 ? 'regular empty file' : TYPES[found.type];
    case 'X':
    case 'Y':
    case 'Z':
      return String(found.mtime);
    case '%':
      return '%';
    default:
      return call.unsupported(`%${letter}`);
  }
}

/** ls(1): names, one a line; with -l columns are not padded, since who reads them here is a program. */
export const ls = command(
  [
    '-1',
    '-a --all',
    '-A --almost-all',
    '-d --directory',
    '-F --classify',
    '-r --reverse',
    '-U',
    '-L --dereference',
    '-l',
    '-n --numeric-uid-gid',
    '-g',
    '-G --no-group',
    '-v',
    '!-R --recursive',
    '!-t',
    '!-i',
  ],
  (call) => {
    const { options, process } = call;
    const operands = call.operands.length === 0 ? ['.'] : [...call.operands].sort();
    const shown = operands.flatMap((path) => {
      const found = fs.tryLstat(process, path);
      if (found === undefined) call.warn(`cannot access ${quote(path)}: No such file or directory`, 2);
      return found === undefined ? [] : [path];
    });
    const isListed = (path: Bytes): boolean =>
      !options.has('directory') && fs.tryStat(process, path)?.type === 'directory';
    const files = shown.filter((path) => !isListed(path));
    const isLong = options.has('l', 'numeric-uid-gid', 'g');
    const row = (path: Bytes, name: Bytes): void => {
      call.write(`${isLong ? longRow(call, path) : ''}${name}\n`);
    };
    for (const path of files) row(path, path);
    const directories = shown.filter(isListed);
    for (const [index, path] of directories.entries()) {
      if (operands.length > 1) call.write(`${index + files.length > 0 ? '\n' : ''}${path}:\n`);
      const names = fs
        .readdir(process, path)
        .filter((name) => !name.startsWith('.') || options.has('all', 'almost-all'));
      const all = options.has('all') ? ['.', '..', ...names] : names;
      if (options.has('v')) all.sort(compareVersionTexts);
      if (isLong) call.write(`total ${blocksOf(call, path, all)}\n`);
      for (const name of options.has('reverse') ? all.reverse() : all) row(join(path, name), name);
    }
    return undefined;
  },
);

/** In units of 1024 bytes, on a disk with blocks of 4096. */
function blocksOf(call: Call, directory: Bytes, names: readonly Bytes[]): number {
  const sizes = names.map((name) => fs.tryLstat(call.process, join(directory, name)));
  return sizes.reduce((sum, found) => sum + (found?.type === 'file' ? Math.ceil(found.size / 4096) * 4 : 0), 0);
}

/** What `ls -l` writes before the name. */
function longRow(call: Call, path: Bytes): Bytes {
  const { process, options } = call;
  const found = options.has('dereference') ? fs.stat(process, path) : fs.lstat(process, path);
  const numeric = options.has('numeric-uid-gid');
  const named = (database: 'passwd' | 'group', id: number): Bytes =>
    (numeric ? undefined : nameOfId(process, database, id)) ?? String(id);
  const time = new Date(found.mtime * 1000).toUTCString();
  const day = String(new Date(found.mtime * 1000).getUTCDate()).padStart(2);
  const columns = [
    modeString(found.type, found.mode),
    '1',
    ...(options.has('g') ? [] : [named('passwd', found.uid)]),
    ...(options.has('no-group') ? [] : [named('group', found.gid)]),
    String(found.size),
    `${time.slice(8, 11)} ${day} ${time.slice(17, 22)}`,
  ];
  return `${columns.join(' ')} `;
}
