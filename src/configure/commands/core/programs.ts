import { createHash } from 'node:crypto';
import { bufferOf, linesOf } from '../../shell/bytes.js';
import * as fs from '../../shell/filesystem.js';
import type { Bytes, Command } from '../../shell/types.js';
import { accountsOf, nameOfId } from '../kit/accounts.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { join, quote } from '../kit/text.js';
import { expr } from './expr.js';
import { find } from './find.js';
import { MACHINE } from './machine.js';
import { WRAPPERS } from './wrappers.js';

/** md5sum(1) and its like. */
function digest(algorithm: string): Command {
  return command(
    ['-b --binary', '-t --text', '-c --check', '--status', '--quiet', '-w --warn', '--strict', '-z --zero', '!--tag'],
    (call) => {
      const sumOf = (text: Bytes): string => createHash(algorithm).update(bufferOf(text)).digest('hex');
      for (const { name, text } of call.inputs()) {
        if (!call.options.has('check'))
          call.write(`${sumOf(text)}${call.options.has('binary') ? ' *' : '  '}${name}\n`);
        else for (const line of linesOf(text)) check(call, line, sumOf);
      }
      return undefined;
    },
  );
}

function check(call: Call, line: Bytes, sumOf: (text: Bytes) => string): void {
  const [, wanted = '', name = ''] = /^\\?([0-9a-f]+) [ *](.*)$/.exec(line) ?? [];
  const text = name === '' ? undefined : call.readInput(name);
  const same = text !== undefined && sumOf(text) === wanted;
  if (!same) call.status = 1;
  if (call.options.has('status') || (same && call.options.has('quiet'))) return;
  call.write(`${name}: ${same ? 'OK' : 'FAILED'}\n`);
}

/** id(1) of whose process it is, or of a named account. */
const id = command(['-u --user', '-g --group', '-G --groups', '-n --name', '-r --real'], (call) => {
  const { process, options } = call;
  const name = call.operands[0] ?? String(process.identity?.uid ?? 0);
  const users = accountsOf(process, 'passwd');
  const user =
    users.find((one) => one.name === name || String(one.id) === name) ??
    (name === 'root' || name === '0' ? { name: 'root', id: 0, gid: 0 } : undefined);
  if (user === undefined) throw new CommandFailure(`${quote(name)}: no such user`);
  const named = (database: 'passwd' | 'group', number: number): Bytes => {
    return options.has('name') ? (nameOfId(process, database, number) ?? String(number)) : String(number);
  };
  const others = accountsOf(process, 'group').filter((group) => group.members.includes(user.name));
  const groups = [...new Set([user.gid, ...others.map((group) => group.id)])];
  if (options.has('user')) call.write(`${named('passwd', user.id)}\n`);
  else if (options.has('group')) call.write(`${named('group', user.gid)}\n`);
  else if (options.has('groups')) call.write(`${groups.map((group) => named('group', group)).join(' ')}\n`);
  else {
    const group = (number: number): string => `${number}(${nameOfId(process, 'group', number) ?? number})`;
    call.write(`uid=${user.id}(${user.name}) gid=${group(user.gid)} groups=${groups.map(group).join(',')}\n`);
  }
  return undefined;
});

/** Linux' name of a Debian architecture. */
const MACHINES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  i386: 'i686',
  arm64: 'aarch64',
  armhf: 'armv7l',
  armel: 'armv5tel',
  ppc64el: 'ppc64le',
  mips64el: 'mips64',
};

/** uname(1) of a kernel that is new enough for whoever asks: which one the image will run on, nobody knows. */
const uname = command(
  [
    '-a --all',
    '-s --kernel-name',
    '-n --nodename',
    '-r --kernel-release',
    '-v --kernel-version',
    '-m --machine',
    '-p --processor',
    '-i --hardware-platform',
    '-o --operating-system',
  ],
  (call) => {
    const { options, system } = call;
    const machine = MACHINES[system.architecture] ?? system.architecture;
    const parts: readonly (readonly [string, string])[] = [
      ['kernel-name', 'Linux'],
      ['nodename', 'localhost'],
      ['kernel-release', '6.12.0'],
      ['kernel-version', '#1'],
      ['machine', machine],
      ['operating-system', 'GNU/Linux'],
    ];
    const chosen = parts.filter(([name]) => options.has(name, 'all'));
    call.write(`${(chosen.length === 0 ? parts.slice(0, 1) : chosen).map(([, text]) => text).join(' ')}\n`);
    return undefined;
  },
);

/** env(1) */
const env = command(
  ['-i --ignore-environment', '-u --unset=', '-0 --null', '!-S --split-string=', '!-C --chdir='],
  (call) => {
    const environment = new Map(call.options.has('ignore-environment') ? [] : call.process.environment);
    for (const name of call.options.values('unset')) environment.delete(name);
    const args = [...call.operands];
    for (let first = args[0]; first !== undefined && /^[^=]+=/.test(first); first = args[0]) {
      environment.set(first.slice(0, first.indexOf('=')), first.slice(first.indexOf('=') + 1));
      args.shift();
    }
    if (args.length > 0) return call.spawn(args, { environment });
    for (const [name, value] of environment) call.write(`${name}=${value}${call.options.has('null') ? '\0' : '\n'}`);
    return undefined;
  },
  { stopAtOperand: true },
);

/** xargs(1) */
const xargs = command(
  [
    '-0 --null',
    '-r --no-run-if-empty',
    '-n --max-args=',
    '-I --replace=',
    '-d --delimiter=',
    '-P --max-procs=',
    '-t --verbose',
    '-L --max-lines=',
  ],
  (call) => {
    const { options } = call;
    const text = call.readStdin();
    const replace = options.value('replace');
    const words = options.has('null')
      ? linesOf(text, '\0')
      : replace !== undefined || options.has('delimiter')
        ? linesOf(text, options.value('delimiter')?.replace('\\n', '\n') ?? '\n')
        : text.split(/\s+/).filter((word) => word !== '');
    if (/['"\\]/.test(text) && !options.has('null', 'delimiter') && replace === undefined)
      call.unsupported('quotes in the input');
    const base = call.operands.length === 0 ? ['echo'] : call.operands;
    const size = Number(options.value('max-args') ?? options.value('max-lines') ?? 1000);
    if (words.length === 0 && options.has('no-run-if-empty')) return 0;
    if (words.length === 0 && replace !== undefined) return 0;
    let failed = false;
    for (let at = 0; at < Math.max(words.length, 1); at += replace === undefined ? size : 1) {
      const args =
        replace === undefined
          ? [...base, ...words.slice(at, at + size)]
          : base.map((arg) => arg.replaceAll(replace, words[at] ?? ''));
      const status = call.spawn(args);
      if (status === 127 || status === 126) return status;
      failed ||= status !== 0;
    }
    return failed ? 123 : 0;
  },
  { stopAtOperand: true },
);

/** which(1) */
const which = command(['-a', '-s'], (call) => {
  for (const name of call.operands) {
    const path = (call.process.environment.get('PATH') ?? '').split(':').map((directory) => join(directory, name));
    const found = (name.includes('/') ? [name] : path).find((candidate) => {
      const stat = fs.tryStat(call.process, candidate);
      return stat?.type === 'file' && (stat.mode & 0o111) !== 0;
    });
    if (found === undefined) call.status = 1;
    else if (!call.options.has('s')) call.write(`${found}\n`);
  }
  return undefined;
});

/** run-parts(8) */
const runParts = command(
  [
    '--test',
    '--list',
    '-v --verbose',
    '--report',
    '--regex=',
    '-a --arg=',
    '--exit-on-error',
    '--lsbsysinit',
    '--new-session',
    '-u --umask=',
    '--reverse',
  ],
  (call) => {
    const [directory = ''] = call.operands;
    const pattern = call.options.value('regex');
    if (pattern !== undefined) call.unsupported('--regex');
    const names = fs.readdir(call.process, directory).filter((name) => /^[A-Za-z0-9_-]+$/.test(name));
    for (const name of call.options.has('reverse') ? names.reverse() : names) {
      const path = join(directory, name);
      const stat = fs.tryStat(call.process, path);
      if (stat?.type !== 'file') continue;
      if (call.options.has('list')) call.write(`${path}\n`);
      else if ((stat.mode & 0o111) === 0) continue;
      else if (call.options.has('test')) call.write(`${path}\n`);
      else if (call.spawn([path, ...call.options.values('arg')]) !== 0) {
        call.status = 1;
        if (call.options.has('exit-on-error')) break;
      }
    }
    return undefined;
  },
);

/** date(1): the build's, with the commonest fields, in UTC. */
const date = command(['-u --utc', '-d --date=', '-R --rfc-email', '-I --iso-8601=?'], (call) => {
  if (call.options.has('rfc-email', 'iso-8601')) call.unsupported('another format');
  const given = call.options.value('date') ?? 'now';
  const seconds = given === 'now' ? call.system.epoch : secondsOf(given);
  if (Number.isNaN(seconds)) call.unsupported(`the date ${quote(given)}`);
  const moment = new Date(seconds * 1000);
  const time = moment.toISOString();
  const fields: Readonly<Record<string, string>> = {
    Y: time.slice(0, 4),
    m: time.slice(5, 7),
    d: time.slice(8, 10),
    H: time.slice(11, 13),
    M: time.slice(14, 16),
    S: time.slice(17, 19),
    a: moment.toUTCString().slice(0, 3),
    b: moment.toUTCString().slice(8, 11),
    e: String(moment.getUTCDate()).padStart(2),
    s: String(seconds),
    F: time.slice(0, 10),
    T: time.slice(11, 19),
    Z: 'UTC',
    z: '+0000',
    '%': '%',
  };
  const format = call.operands[0] ?? '+%a %b %e %T UTC %Y';
  call.write(
    `${format.slice(1).replace(/%(.)/gs, (_, letter: string) => fields[letter] ?? call.unsupported(`%${letter}`))}\n`,
  );
  return undefined;
});

/** `@seconds`, or a date as date(1) itself writes it; NaN for any other. */
function secondsOf(text: Bytes): number {
  const count = /^@(\d+)$/.exec(text)?.[1];
  if (count !== undefined) return Number(count);
  return /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}$/.test(text)
    ? Date.parse(text) / 1000
    : Number.NaN;
}

/** seq(1) of whole numbers. */
const seq = command(
  ['-s --separator=', '!-f --format=', '-w --equal-width'],
  (call) => {
    const numbers = call.operands.map(Number);
    const [first, step, last] =
      numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers;
    if (first === undefined || last === undefined || !step || !numbers.every(Number.isInteger)) {
      throw new CommandFailure('invalid operands');
    }
    const out: string[] = [];
    for (let at = first; step > 0 ? at <= last : at >= last; at += step) {
      call.spend(1);
      out.push(String(at));
    }
    const width = call.options.has('equal-width') ? Math.max(...out.map((text) => text.length)) : 0;
    const separator = call.options.value('separator') ?? '\n';
    if (out.length > 0) call.write(`${out.map((text) => text.padStart(width, '0')).join(separator)}\n`);
    return undefined;
  },
  {
    rewrite: (args) =>
      args.flatMap((arg, at) => (at === args.findIndex((one) => /^-\d/.test(one)) ? ['--', arg] : [arg])),
  },
);

/** No process runs, and no name of one is found. */
const noProcess: Command = () => 1;

const nothing: Command = () => 0;

export const PROGRAMS: ReadonlyMap<string, Command> = new Map([
  ...MACHINE,
  ...WRAPPERS,
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((name) => [`${name}sum`, digest(name)] as const),
  ['date', date],
  ['env', env],
  ['expr', expr],
  ['find', find],
  ['pgrep', noProcess],
  ['pidof', noProcess],
  ['id', id],
  // Whoever asks shall not touch what runs outside.
  ['ischroot', nothing],
  // Scripts ask whether /proc is there for their programs, none of which is started.
  ['mountpoint', nothing],
  ['run-parts', runParts],
  ['seq', seq],
  ['sleep', nothing],
  ['uname', uname],
  ['which', which],
  ['which.debianutils', which],
  ['xargs', xargs],
]);
