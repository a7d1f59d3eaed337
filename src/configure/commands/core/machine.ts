import * as fs from '../../shell/filesystem.js';
import type { Bytes, Command } from '../../shell/types.js';
import { accountsOf, nameOfId } from '../kit/accounts.js';
import { CommandFailure, command } from '../kit/call.js';
import { parseMode } from '../kit/mode.js';
import { quote } from '../kit/text.js';
import { sizeOf } from '../text/encode.js';

/** What the machine that an image will run on is called, nobody knows. */
const HOST_NAME = 'localhost';
/** Data that is different each time would make each build another. */
const NO_CHANCE = 'what is left to chance is not the same from one build to the next';

/** hostname(1) */
const hostname = command(
  [
    '-a --alias',
    '-A --all-fqdns',
    '-d --domain',
    '-f --fqdn --long',
    '-F --file=',
    '-i --ip-address',
    '-I --all-ip-addresses',
    '-s --short',
    '-b --boot',
  ],
  (call) => {
    const { options } = call;
    if (options.has('file') || call.operands.length > 0) {
      call.report('left-out', 'the machine that builds keeps its name');
      return 0;
    }
    const address = options.has('ip-address', 'all-ip-addresses');
    call.write(`${options.has('domain', 'alias') ? '' : address ? '127.0.0.1' : HOST_NAME}\n`);
    return undefined;
  },
);

/** groups(1) */
const groups = command([], (call) => {
  for (const name of call.operands.length === 0 ? [''] : call.operands) {
    const user = accountsOf(call.process, 'passwd').find((one) => one.name === (name || 'root'));
    if (user === undefined) {
      call.warn(`${quote(name)}: no such user`);
      continue;
    }
    const others = accountsOf(call.process, 'group').filter((group) => group.members.includes(user.name));
    const ids = [...new Set([user.gid, ...others.map((group) => group.id)])];
    const names = ids.map((id) => nameOfId(call.process, 'group', id) ?? String(id)).join(' ');
    call.write(`${name === '' ? '' : `${name} : `}${names}\n`);
  }
  return undefined;
});

/** whoami(1) */
const whoami = command([], (call) => {
  const uid = call.process.identity?.uid ?? 0;
  call.write(`${nameOfId(call.process, 'passwd', uid) ?? (uid === 0 ? 'root' : uid)}\n`);
  return undefined;
});

/** df(1) of a disk with room enough: how much the image's will have, nobody knows. */
const df = command(
  [
    '-P --portability',
    '-k',
    '-h --human-readable',
    '-m',
    '-T --print-type',
    '-l --local',
    '-B --block-size=',
    '--output=?',
  ],
  (call) => {
    const { options } = call;
    if (options.has('human-readable', 'm', 'print-type', 'block-size', 'output')) call.unsupported('another report');
    const shown = (call.operands.length === 0 ? ['/'] : call.operands).filter((path) => {
      const found = fs.tryStat(call.process, path);
      if (found === undefined) call.warn(`${path}: No such file or directory`);
      return found !== undefined;
    });
    if (shown.length > 0) call.write('Filesystem     1024-blocks  Used Available Capacity Mounted on\n');
    for (const _ of shown) call.write('overlay          104857600     0 104857600       0% /\n');
    return undefined;
  },
);

/** dd(1) */
const dd = command([], (call) => {
  const given = new Map(
    call.operands.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  for (const name of given.keys()) {
    if (!['if', 'of', 'bs', 'ibs', 'obs', 'count', 'skip', 'seek', 'conv', 'status', 'iflag', 'oflag'].includes(name)) {
      throw new CommandFailure(`unrecognized operand ${quote(name)}`);
    }
  }
  const conversions = (given.get('conv') ?? '').split(',').filter((each) => each !== '');
  const foreign = conversions.find(
    (each) => !['notrunc', 'nocreat', 'excl', 'fsync', 'fdatasync', 'noerror'].includes(each),
  );
  if (foreign !== undefined) call.unsupported(`conv=${foreign}`);
  const input = given.get('if');
  if (input !== undefined && /^\/dev\/u?random$/.test(input)) call.unsupported(input, NO_CHANCE);
  const size = sizeOf(given.get('bs') ?? given.get('ibs') ?? '512');
  const count = given.has('count') ? sizeOf(given.get('count') ?? '') : Number.POSITIVE_INFINITY;
  const source = input === undefined ? call.process.descriptors.get(0) : fs.open(call.process, input, { read: true });
  const skip = sizeOf(given.get('skip') ?? '0') * size;
  const output = given.get('of');
  const parts: Bytes[] = [];
  for (let left = skip; left > 0; ) {
    const part = source?.read(Math.min(left, 65536)) ?? '';
    if (part === '') break;
    left -= part.length;
  }
  for (let block = 0; block < count; block += 1) {
    call.spend(1);
    call.grow(size);
    const part = source?.read(size) ?? '';
    if (part === '') break;
    parts.push(part);
  }
  const text = parts.join('');
  if (output === undefined) call.write(text);
  else {
    const kept = conversions.includes('notrunc') && fs.tryStat(call.process, output)?.type === 'file';
    const before = kept ? fs.readFile(call.process, output) : '';
    const seek = sizeOf(given.get('seek') ?? '0') * sizeOf(given.get('bs') ?? given.get('obs') ?? '512');
    call.grow(seek);
    const head = before.slice(0, seek).padEnd(seek, '\0');
    fs.writeFile(call.process, output, head + text + before.slice(seek + text.length));
  }
  return undefined;
});

/** mkfifo(1) */
const mkfifo = command(['-m --mode=', '!-Z --context'], (call) => {
  for (const path of call.operands) {
    call.attempt(`cannot create fifo ${quote(path)}`, () => fs.mknod(call.process, path, { type: 'fifo' }));
    const mode = call.options.value('mode');
    if (mode !== undefined && call.status === 0) setMode(call.process, path, mode);
  }
  return undefined;
});

/** mknod(1) */
const mknod = command(['-m --mode=', '!-Z --context'], (call) => {
  const [path = '', kind = '', major, minor] = call.operands;
  const type = { p: 'fifo', c: 'char', u: 'char', b: 'block' }[kind] as 'fifo' | 'char' | 'block' | undefined;
  if (type === undefined || (type !== 'fifo' && minor === undefined)) throw new CommandFailure('missing operand');
  const special = type === 'fifo' ? { type } : { type, major: Number(major), minor: Number(minor) };
  call.attempt(path, () => fs.mknod(call.process, path, special));
  const mode = call.options.value('mode');
  if (mode !== undefined && call.status === 0) setMode(call.process, path, mode);
  return undefined;
});

function setMode(process: Parameters<Command>[0], path: Bytes, text: Bytes): void {
  const change = parseMode(text, process.umask);
  if (change === undefined) throw new CommandFailure(`invalid mode: ${quote(text)}`);
  fs.chmod(process, path, change(0o666, false));
}

/** truncate(1) */
const truncate = command(['-c --no-create', '-s --size=', '!-r --reference=', '!-o --io-blocks'], (call) => {
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/.exec(call.options.value('size') ?? '') ?? [];
  if (digits === '') throw new CommandFailure("you must specify either '--size' or '--reference'");
  for (const path of call.operands) {
    const there = fs.tryLstat(call.process, path) !== undefined;
    if (!there && call.options.has('no-create')) continue;
    const before = there ? fs.readFile(call.process, path) : '';
    const length = sign === '' ? sizeOf(digits) : before.length + (sign === '+' ? 1 : -1) * sizeOf(digits);
    call.grow(length);
    call.attempt(`cannot open ${quote(path)} for writing`, () =>
      fs.writeFile(call.process, path, before.slice(0, Math.max(length, 0)).padEnd(length, '\0')),
    );
  }
  return undefined;
});

/** nproc(1): one, whatever the machine that builds has. */
const nproc = command(['--all', '--ignore='], (call) => {
  call.write('1\n');
  return undefined;
});

/** tsort(1) */
const tsort = command([], (call) => {
  const words = [...call.inputs(call.operands.slice(0, 1))].flatMap(({ text }) =>
    text.split(/\s+/).filter((word) => word !== ''),
  );
  if (words.length % 2 !== 0) throw new CommandFailure('-: input contains an odd number of tokens');
  const after = new Map(words.map((word) => [word, new Set<Bytes>()]));
  const before = new Map(words.map((word) => [word, 0]));
  for (let at = 0; at < words.length; at += 2) {
    const [first = '', second = ''] = words.slice(at, at + 2);
    if (first === second || after.get(first)?.has(second) === true) continue;
    after.get(first)?.add(second);
    before.set(second, (before.get(second) ?? 0) + 1);
  }
  const ready = [...before]
    .filter(([, count]) => count === 0)
    .map(([word]) => word)
    .sort();
  for (let word = ready.shift(); word !== undefined; word = ready.shift()) {
    call.spend(1);
    call.write(`${word}\n`);
    before.delete(word);
    for (const next of after.get(word) ?? []) {
      const count = (before.get(next) ?? 0) - 1;
      before.set(next, count);
      if (count === 0) ready.push(next);
    }
  }
  if (before.size > 0) throw new CommandFailure('-: input contains a loop:');
  return undefined;
});

/** iconv(1) between UTF-8 and its subset ASCII, or where nothing but ASCII is there. */
const iconv = command(['-f --from-code=', '-t --to-code=', '-c', '-s --silent', '-o --output='], (call) => {
  const ascii = /^[\0-\x7f]*$/;
  const names = [call.options.value('from-code'), call.options.value('to-code')].map((name) =>
    (name ?? 'UTF-8').replace(/\/\/.*/, ''),
  );
  const isSame = new Set(names.map((name) => name.toUpperCase().replace('-', ''))).size === 1;
  for (const { text } of call.inputs()) {
    if (!isSame && !ascii.test(text)) call.unsupported(`a conversion from ${names.join(' to ')}`);
    const output = call.options.value('output');
    if (output === undefined) call.write(text);
    else fs.writeFile(call.process, output, text);
  }
  return undefined;
});

/** printenv(1) */
const printenv = command(['-0 --null'], (call) => {
  const { environment } = call.process;
  const end = call.options.has('null') ? '\0' : '\n';
  if (call.operands.length === 0) for (const [name, value] of environment) call.write(`${name}=${value}${end}`);
  for (const name of call.operands) {
    const value = environment.get(name);
    if (value === undefined) call.status = 1;
    else call.write(value + end);
  }
  return undefined;
});

/** Where nobody listens or looks, nothing is to be done. */
const nothing: Command = () => 0;

/** There is no terminal, no other user and no process but the script's. */
const nobody: Command = () => 1;

export const MACHINE: ReadonlyMap<string, Command> = new Map([
  // Whether the machine that the image will run on has AppArmor, nobody knows: profiles are loaded there.
  ['aa-enabled', nobody],
  ['chattr', nothing],
  ['clear', nothing],
  ['dd', dd],
  ['df', df],
  ['groups', groups],
  ['hostname', hostname],
  ['iconv', iconv],
  ['killall', nobody],
  ['logger', nothing],
  ['lsattr', nobody],
  ['mkfifo', mkfifo],
  ['mknod', mknod],
  ['nproc', nproc],
  ['pkill', nobody],
  ['printenv', printenv],
  ['stty', nobody],
  ['tput', nobody],
  ['truncate', truncate],
  ['tsort', tsort],
  ['tty', nobody],
  ['who', nothing],
  ['whoami', whoami],
]);
