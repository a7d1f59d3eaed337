import * as fs from '../../shell/filesystem.js';
import type { Bytes } from '../../shell/types.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { parseMode } from '../kit/mode.js';
import { join, quote } from '../kit/text.js';
import { accountOf } from './copy.js';

/** chmod(1) */
export const chmod = command(
  [
    '-R --recursive',
    '-c --changes',
    '-f --silent --quiet',
    '-v --verbose',
    '--reference=',
    '--preserve-root',
    '-r',
    '-w',
    '-x',
  ],
  (call) => {
    const { options, process } = call;
    const reference = options.value('reference');
    const [first, ...others] = call.operands;
    const letters = ['r', 'w', 'x'].filter((letter) => options.has(letter));
    const minus = letters.length > 0 ? `-${letters.join('')}` : undefined;
    const text = minus ?? first ?? '';
    const wanted =
      reference === undefined ? parseMode(text, process.umask) : constantly(fs.stat(process, reference).mode);
    if (wanted === undefined) throw new CommandFailure(`invalid mode: ${quote(text)}`);
    const paths = reference === undefined && minus === undefined ? others : call.operands;
    if (paths.length === 0) throw new CommandFailure('missing operand');
    visit(call, paths, (path) => {
      const { mode, type } = fs.stat(process, path);
      fs.chmod(process, path, wanted(mode, type === 'directory'));
    });
    return undefined;
  },
);

function constantly(mode: number): () => number {
  return () => mode;
}

const OWNER_OPTIONS = [
  '-R --recursive',
  '-c --changes',
  '-f --silent --quiet',
  '-v --verbose',
  '-h --no-dereference',
  '--dereference',
  '--reference=',
  '--from=',
  '-H',
  '-L',
  '-P',
  '--preserve-root',
];

/** chown(1) */
export const chown = command(OWNER_OPTIONS, (call) => changeOwner(call, true));

/** chgrp(1) */
export const chgrp = command(OWNER_OPTIONS, (call) => changeOwner(call, false));

function changeOwner(call: Call, both: boolean): undefined {
  const { options, process } = call;
  const reference = options.value('reference');
  const [first = '', ...rest] = call.operands;
  const wanted = reference === undefined ? ownerOf(call, both ? first : `:${first}`) : fs.stat(process, reference);
  const from = options.value('from');
  const before = from === undefined ? undefined : ownerOf(call, from);
  visit(call, reference === undefined ? rest : call.operands, (path) => {
    const follow = !options.has('no-dereference');
    const now = follow ? fs.stat(process, path) : fs.lstat(process, path);
    if (before !== undefined && ((before.uid ?? now.uid) !== now.uid || (before.gid ?? now.gid) !== now.gid)) return;
    fs.chown(process, path, both ? wanted.uid : undefined, wanted.gid, { follow });
  });
  return undefined;
}

/** `user`, `user:group`, `user:`, `:group`, and with a dot for the colon. */
function ownerOf(call: Call, text: Bytes): { readonly uid: number | undefined; readonly gid: number | undefined } {
  const [, user = '', group] =
    /^([^:]*)(?::(.*))?$/s.exec(/^[^:]+\.[^:.]+$/.test(text) ? text.replace('.', ':') : text) ?? [];
  return { uid: accountOf(call, 'passwd', user), gid: accountOf(call, 'group', group) };
}

/** Calls `change` for each path, and with -R for all that is below it; links below are not followed. */
function visit(call: Call, paths: readonly Bytes[], change: (path: Bytes) => void): void {
  const { process, options } = call;
  const quiet = options.has('silent');
  const one = (path: Bytes, top: boolean): void => {
    call.spend(1);
    const stat = fs.tryLstat(process, path);
    if (stat === undefined && quiet) call.status = 1;
    else if (stat?.type === 'symlink' && !top && !options.has('no-dereference')) return;
    else call.attempt(`cannot access ${quote(path)}`, () => change(path));
    if (options.has('recursive') && stat?.type === 'directory') {
      for (const name of fs.readdir(process, path)) one(join(path, name), false);
    }
  };
  for (const path of paths) one(path, true);
}

/** touch(1); there is one time only, the build's, unless a reference gives another. */
export const touch = command(
  ['-a', '-c --no-create', '-d --date=', '-f', '-h --no-dereference', '-m', '-r --reference=', '-t=', '--time='],
  (call) => {
    const { options, process } = call;
    const reference = options.value('reference');
    if (options.has('date', 't')) call.unsupported('a date');
    const time = reference === undefined ? call.system.epoch : fs.stat(process, reference).mtime;
    for (const path of call.operands) {
      const follow = !options.has('no-dereference');
      call.attempt(`cannot touch ${quote(path)}`, () => {
        const there = follow ? fs.tryStat(process, path) : fs.tryLstat(process, path);
        if (there === undefined) {
          if (options.has('no-create')) return;
          fs.open(process, path, { write: true, create: true });
        }
        fs.utimes(process, path, time, { follow });
      });
    }
    return undefined;
  },
);
