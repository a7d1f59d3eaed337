import { readFile, stat } from '../../shell/filesystem.js';
import type { Bytes } from '../../shell/types.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { baseName, join } from '../kit/text.js';

function readOne(call: Call, name: Bytes): Bytes | undefined {
  return call.attempt(name, () => (name === '-' ? call.readStdin() : readFile(call.process, name)), 2);
}

/** cmp(1). Status 0: the same; 1: different; 2: trouble. */
export const cmp = command(
  ['-s --quiet --silent', '-l --verbose', '-b --print-bytes', '-n --bytes=', '!-i --ignore-initial='],
  (call) => {
    const [first, second = '-', ...more] = call.operands;
    if (first === undefined) throw new CommandFailure("missing operand after 'cmp'", 2);
    if (more.length > 0 || call.options.has('print-bytes')) call.unsupported(more.length > 0 ? 'skips' : '-b');
    const quiet = call.options.has('quiet');
    const limit = call.options.has('bytes') ? Number(call.options.value('bytes')) : undefined;
    const read = (name: Bytes): Bytes | undefined => {
      if (!quiet || name === '-') return readOne(call, name);
      return call.attempt(name, () => readFile(call.process, name), 2);
    };
    const [a, b] = [read(first)?.slice(0, limit), read(second)?.slice(0, limit)];
    if (a === undefined || b === undefined) return 2;
    if (a === b) return 0;
    if (quiet) return 1;
    const shared = Math.min(a.length, b.length);
    let at = 0;
    let isDifferent = false;
    for (; at < shared; at += 1) {
      if (a[at] === b[at]) continue;
      isDifferent = true;
      if (!call.options.has('verbose')) break;
      const octal = (text: Bytes): string => text.charCodeAt(at).toString(8).padStart(3);
      call.write(`${String(at + 1).padStart(String(shared).length)} ${octal(a)} ${octal(b)}\n`);
    }
    const lines = a.slice(0, at).split('\n').length;
    if (at < shared) call.write(`${first} ${second} differ: byte ${at + 1}, line ${lines}\n`);
    else if (a.length !== b.length) endOfFile(call, a.length < b.length ? first : second, shared, a, isDifferent);
    return 1;
  },
);

function endOfFile(call: Call, name: Bytes, shared: number, text: Bytes, isDifferent: boolean): void {
  if (shared === 0) {
    call.complain(`${call.name}: EOF on ${name} which is empty\n`);
    return;
  }
  const before = text.slice(0, shared);
  const line = before.endsWith('\n') ? `line ${before.split('\n').length - 1}` : `in line ${before.split('\n').length}`;
  call.complain(`${call.name}: EOF on ${name} after byte ${shared}${isDifferent ? '' : `, ${line}`}\n`);
}

/**
 * diff(1) as scripts use it in conditions: the exit status, and with `-q` the message. What would print the differences
 * themselves is reported.
 */
export const diff = command(
  [
    '-q --brief',
    '-s --report-identical-files',
    '-N --new-file',
    '-u --unified=?',
    '-U=',
    '-a --text',
    '-b --ignore-space-change',
    '-w --ignore-all-space',
    '-B --ignore-blank-lines',
    '-i --ignore-case',
    '!-r --recursive',
    '!-c',
    '!-y --side-by-side',
    '!-I --ignore-matching-lines=',
  ],
  (call) => {
    const [first, second, extra] = call.operands;
    if (first === undefined || second === undefined || extra !== undefined) {
      throw new CommandFailure("missing operand after 'diff'", 2);
    }
    const [left, right] = [inDirectory(call, first, second), inDirectory(call, second, first)];
    const a = readForDiff(call, left);
    const b = readForDiff(call, right);
    if (a === undefined || b === undefined) return 2;
    const { options } = call;
    if (simplify(call, a) === simplify(call, b)) {
      if (options.has('report-identical-files')) call.write(`Files ${left} and ${right} are identical\n`);
      return 0;
    }
    if (options.has('brief')) call.write(`Files ${left} and ${right} differ\n`);
    else if (call.process.descriptors.get(1)?.path !== '/dev/null')
      call.report('unsupported', 'the differences themselves');
    return 1;
  },
  { usageStatus: 2 },
);

/** Beside a file, a directory means the file of that name in it. */
function inDirectory(call: Call, name: Bytes, other: Bytes): Bytes {
  if (name === '-' || other === '-') return name;
  const isDirectory = call.attempt(name, () => stat(call.process, name).type === 'directory', 2);
  return isDirectory === true ? join(name, baseName(other)) : name;
}

function readForDiff(call: Call, name: Bytes): Bytes | undefined {
  if (call.status === 2 && !call.options.has('new-file')) return undefined;
  if (call.options.has('new-file') && name !== '-') {
    call.status = 0;
    return call.process.system.tree.resolve(name) === undefined ? '' : readOne(call, name);
  }
  return readOne(call, name);
}

function simplify(call: Call, text: Bytes): Bytes {
  let result = text;
  if (call.options.has('ignore-case')) result = result.toLowerCase();
  if (call.options.has('ignore-all-space')) result = result.replace(/[ \t\v\f\r]+/g, '');
  if (call.options.has('ignore-space-change'))
    result = result.replace(/[ \t\v\f\r]+$/gm, '').replace(/[ \t\v\f\r]+/g, ' ');
  if (call.options.has('ignore-blank-lines')) result = result.replace(/^\n+/, '').replace(/\n{2,}/g, '\n');
  return result;
}
