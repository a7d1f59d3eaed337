import { nameOf } from '../../../formats/path.js';
import * as fs from '../../shell/filesystem.js';
import type { Bytes, Command } from '../../shell/types.js';
import { idOf, nameOfId } from '../kit/accounts.js';
import { type Call, command } from '../kit/call.js';
import { fnmatcher } from '../kit/glob.js';
import { join, quote } from '../kit/text.js';
import { fileFormat, pathMatcher } from './find-format.js';
import { counted, permTest, sizeTest, type Test } from './find-tests.js';

const TYPES: Readonly<Record<string, string>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  p: 'fifo',
  c: 'char',
  b: 'block',
};

/** What an expression says of the walk as a whole. */
interface Walk {
  least: number;
  most: number;
  contentsFirst: boolean;
  follow: boolean;
  /** Whether the expression prints or runs something, so that nothing is printed for it. */
  acts: boolean;
  readonly pruned: Set<Bytes>;
  readonly batches: { readonly args: readonly Bytes[]; readonly paths: Bytes[] }[];
}

/** find(1) with the tests and actions that scripts use. */
export const find: Command = command(
  ['-L', '-P', '-H'],
  (call) => {
    const words = [...call.operands];
    const paths: Bytes[] = [];
    while (words[0] !== undefined && !/^[-(!]/.test(words[0])) paths.push(words.shift() ?? '');
    const walk: Walk = {
      least: 0,
      most: Number.POSITIVE_INFINITY,
      contentsFirst: false,
      follow: call.options.has('L'),
      acts: false,
      pruned: new Set(),
      batches: [],
    };
    const test = words.length === 0 ? () => true : parseOr(call, words, walk);
    if (words.length > 0) call.unsupported(words[0] ?? '');
    for (const path of paths.length === 0 ? ['.'] : paths) visit(call, path, 0, walk, test);
    for (const { args, paths: found } of walk.batches) {
      if (found.length > 0 && call.spawn([...args, ...found]) !== 0) call.status = 1;
    }
    return undefined;
  },
  { stopAtOperand: true },
);

function visit(call: Call, path: Bytes, depth: number, walk: Walk, test: Test): void {
  call.spend(1);
  const followed = walk.follow ? fs.tryStat(call.process, path) : undefined;
  const stat = followed ?? fs.tryLstat(call.process, path);
  if (stat === undefined) {
    call.warn(`${quote(path)}: No such file or directory`);
    return;
  }
  const judge = (): void => {
    if (depth >= walk.least && test(path, stat) && !walk.acts) call.write(`${path}\n`);
  };
  if (!walk.contentsFirst) judge();
  if (stat.type === 'directory' && depth < walk.most && !walk.pruned.has(path)) {
    for (const name of fs.readdir(call.process, path)) visit(call, join(path, name), depth + 1, walk, test);
  }
  if (walk.contentsFirst) judge();
}

function parseOr(call: Call, words: Bytes[], walk: Walk): Test {
  const left = parseAnd(call, words, walk);
  if (words[0] !== '-o' && words[0] !== '-or') return left;
  words.shift();
  const right = parseOr(call, words, walk);
  return (path, stat) => left(path, stat) || right(path, stat);
}

function parseAnd(call: Call, words: Bytes[], walk: Walk): Test {
  const tests: Test[] = [];
  while (words[0] !== undefined && !['-o', '-or', ')'].includes(words[0])) {
    if (words[0] === '-a' || words[0] === '-and') words.shift();
    else tests.push(parseOne(call, words, walk));
  }
  return (path, stat) => tests.every((test) => test(path, stat));
}

function parseOne(call: Call, words: Bytes[], walk: Walk): Test {
  const word = words.shift() ?? '';
  const { process } = call;
  switch (word) {
    case '!':
    case '-not': {
      const test = parseOne(call, words, walk);
      return (path, stat) => !test(path, stat);
    }
    case '(': {
      const test = parseOr(call, words, walk);
      words.shift();
      return test;
    }
    case '-maxdepth':
      walk.most = Number(words.shift());
      return () => true;
    case '-mindepth':
      walk.least = Number(words.shift());
      return () => true;
    case '-depth':
      walk.contentsFirst = true;
      return () => true;
    case '-follow':
      walk.follow = true;
      return () => true;
    case '-xdev':
    case '-mount':
      return () => true;
    case '-prune':
      return (path) => walk.pruned.add(path) !== undefined;
    case '-type': {
      const type = TYPES[words.shift() ?? ''];
      return (_, stat) => stat.type === type;
    }
    case '-name': {
      const matches = fnmatcher(words.shift() ?? '');
      return (path) => matches(nameOf(path));
    }
    case '-iname': {
      const matches = fnmatcher(words.shift() ?? '', true);
      return (path) => matches(nameOf(path));
    }
    case '-path':
    case '-wholename':
    case '-ipath': {
      const matches = fnmatcher(words.shift() ?? '', word === '-ipath');
      return (path) => matches(path);
    }
    case '-regex':
    case '-iregex':
      return pathMatcher(call, words.shift() ?? '', word === '-iregex');
    case '-lname': {
      const matches = fnmatcher(words.shift() ?? '');
      return (path, stat) => stat.type === 'symlink' && matches(fs.readlink(process, path));
    }
    case '-newer': {
      const { mtime } = fs.stat(process, words.shift() ?? '');
      return (_, stat) => stat.mtime > mtime;
    }
    case '-samefile': {
      const { node } = fs.stat(process, words.shift() ?? '');
      return (_, stat) => stat.node === node;
    }
    case '-perm':
      return permTest(call, words.shift() ?? '');
    case '-size':
      return sizeTest(call, words.shift() ?? '');
    case '-mtime':
    case '-mmin': {
      const test = counted(call, words.shift() ?? '');
      const unit = word === '-mtime' ? 86_400 : 60;
      return (_, stat) => test(Math.floor((call.system.epoch - stat.mtime) / unit));
    }
    case '-nouser':
      return (_, stat) => nameOfId(process, 'passwd', stat.uid) === undefined;
    case '-nogroup':
      return (_, stat) => nameOfId(process, 'group', stat.gid) === undefined;
    case '-executable':
      return (_, stat) => stat.type === 'directory' || (stat.mode & 0o111) !== 0;
    case '-readable':
    case '-writable':
    case '-true':
      return () => true;
    case '-false':
      return () => false;
    case '-uid':
    case '-user': {
      const uid = idOf(process, 'passwd', words.shift() ?? '');
      return (_, stat) => stat.uid === uid;
    }
    case '-gid':
    case '-group': {
      const gid = idOf(process, 'group', words.shift() ?? '');
      return (_, stat) => stat.gid === gid;
    }
    case '-empty':
      return (path, stat) => {
        return stat.type === 'directory'
          ? fs.readdir(process, path).length === 0
          : stat.type === 'file' && stat.size === 0;
      };
    default:
      return parseAction(call, word, words, walk);
  }
}

function parseAction(call: Call, word: Bytes, words: Bytes[], walk: Walk): Test {
  walk.acts = true;
  switch (word) {
    case '-print':
    case '-print0':
      return (path) => {
        call.write(path + (word === '-print' ? '\n' : '\0'));
        return true;
      };
    case '-printf': {
      const format = fileFormat(call, words.shift() ?? '');
      return (path, stat) => {
        call.write(format(path, stat));
        return true;
      };
    }
    case '-delete':
      walk.contentsFirst = true;
      return (path, stat) => {
        if (stat.type === 'directory') fs.rmdir(call.process, path);
        else fs.unlink(call.process, path);
        return true;
      };
    case '-exec':
      return parseExec(call, words, walk);
    default:
      return call.unsupported(word);
  }
}

function parseExec(call: Call, words: Bytes[], walk: Walk): Test {
  const end = words.findIndex((word, at) => word === ';' || (word === '+' && words[at - 1] === '{}'));
  if (end < 0) call.unsupported('-exec without an end');
  const args = words.splice(0, end);
  if (words.shift() === ';') return (path) => call.spawn(args.map((arg) => arg.replaceAll('{}', path))) === 0;
  const batch = { args: args.slice(0, -1), paths: [] as Bytes[] };
  walk.batches.push(batch);
  return (path) => batch.paths.push(path) > 0;
}
