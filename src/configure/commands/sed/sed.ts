import { linesOf } from '../../shell/bytes.js';
import { chmod, chown, open, readFile, rename, stat, tryLstat, tryStat, writeFile } from '../../shell/filesystem.js';
import type { Bytes, OpenFile } from '../../shell/types.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { baseName, dirName, join } from '../kit/text.js';
import { SedMachine, type SedWorld } from './execute.js';
import { SedInput } from './input.js';
import { parseScript } from './parse.js';
import type { SedScript } from './script.js';

/** sed(1), GNU's, but for the commands that start programs. */
export const sed = command(
  [
    '-n --quiet --silent',
    '-e --expression=',
    '-f --file=',
    '-E -r --regexp-extended',
    '-i --in-place=?',
    '-s --separate',
    '-u --unbuffered',
    '-z --null-data',
    '-l --line-length=',
    '--posix',
    '--follow-symlinks',
    '--sandbox',
    '!--debug',
    '-b --binary',
  ],
  (call) => {
    const { options } = call;
    const pieces = options.given.flatMap(({ name, value = '' }) => {
      if (name === 'expression') return [value];
      return name === 'file' ? [scriptFile(call, value)] : [];
    });
    const [first, ...rest] = call.operands;
    if (pieces.length === 0 && first === undefined) throw new CommandFailure('no script specified');
    const text = pieces.length === 0 ? (first ?? '') : pieces.join('\n');
    const names = pieces.length === 0 ? rest : call.operands;
    const script = parseScript(text, {
      extended: options.has('regexp-extended'),
      spend: call.spend,
      unsupported: (what) => call.unsupported(what),
    });
    const separator = options.has('null-data') ? '\0' : '\n';
    const output = new Output(call, separator);
    output.prepare(writtenFiles(script));
    const machine = new SedMachine(script, output, options.has('quiet'));
    const openInput = (name: Bytes): Bytes | undefined => readInput(call, name);
    if (options.has('in-place')) return inPlace(call, names, machine, output, separator);
    const groups = options.has('separate') ? names.map((name) => [name]) : [names.length === 0 ? ['-'] : names];
    for (const group of groups) {
      const status = machine.run(new SedInput(group, separator, openInput));
      if (status !== undefined) return status;
    }
    return call.status;
  },
);

/** The files that `w` and `s///w` name. */
function writtenFiles(script: SedScript): Bytes[] {
  return script.commands.flatMap(({ action }) => {
    if (action.name === 'w' || action.name === 'W') return [action.file];
    return action.name === 's' && action.substitution.file !== undefined ? [action.substitution.file] : [];
  });
}

function scriptFile(call: Call, name: Bytes): Bytes {
  const text =
    name === '-' ? call.readStdin() : call.attempt(`couldn't open file ${name}`, () => readFile(call.process, name));
  if (text === undefined) throw new CommandFailure(`cannot read the script ${name}`, 1);
  return text.replace(/^#!.*\n/, '').replace(/\n$/, '');
}

function readInput(call: Call, name: Bytes): Bytes | undefined {
  if (name === '-') return call.readStdin();
  const found = tryStat(call.process, name);
  if (found === undefined) {
    call.warn(`can't read ${name}: No such file or directory`, 2);
    return undefined;
  }
  if (found.type === 'directory') {
    call.warn(`couldn't read ${name}: Is a directory`, 2);
    return undefined;
  }
  return call.attempt(name, () => readFile(call.process, name), 2);
}

/** `-i`: each file is written anew beside itself and then takes its own place, as sed does. */
function inPlace(call: Call, names: readonly Bytes[], machine: SedMachine, output: Output, separator: string): number {
  const { process } = call;
  const suffix = call.options.value('in-place');
  for (const given of names) {
    const name = call.options.has('follow-symlinks') ? followed(call, given) : given;
    const found = tryStat(process, name);
    if (found?.type !== 'file') {
      const why =
        found === undefined
          ? `can't read ${name}: No such file or directory`
          : `couldn't edit ${name}: not a regular file`;
      call.warn(why, 4);
      if (found === undefined) call.status = 2;
      continue;
    }
    output.collect();
    const status = machine.run(new SedInput([name], separator, (file) => readInput(call, file)));
    const text = output.collected();
    const temporary = join(dirName(name), `sed${process.line}.tmp`);
    writeFile(process, temporary, text);
    chown(process, temporary, found.uid, found.gid);
    chmod(process, temporary, found.mode);
    if (suffix !== undefined) rename(process, name, backupName(name, suffix));
    rename(process, temporary, name);
    if (status !== undefined) return status;
  }
  return call.status;
}

function followed(call: Call, name: Bytes): Bytes {
  const isLink = tryLstat(call.process, name)?.type === 'symlink';
  return isLink ? stat(call.process, name).path : name;
}

/** `bak/*.old`: a `*` stands for the name, and a slash leads to another directory. */
function backupName(name: Bytes, suffix: Bytes): Bytes {
  const base = baseName(name);
  const backup = suffix.includes('*') ? suffix.replaceAll('*', base) : base + suffix;
  return backup.includes('/') ? backup : join(dirName(name), backup);
}

/** Where the output of a script goes: the standard output, or the new text of a file. */
class Output implements SedWorld {
  readonly #call: Call;
  readonly #separator: string;
  readonly #files = new Map<Bytes, OpenFile>();
  readonly #lines = new Map<Bytes, Bytes[]>();
  #collected: Bytes[] | undefined;
  #missesNewline = false;

  constructor(call: Call, separator: string) {
    this.#call = call;
    this.#separator = separator;
  }

  /** From now on the output is kept. */
  collect(): void {
    this.#collected = [];
    this.#missesNewline = false;
  }

  /** What was kept since. */
  collected(): Bytes {
    const text = (this.#collected ?? []).join('');
    this.#collected = undefined;
    return text;
  }

  readonly spend = (steps: number): void => this.#call.spend(steps);

  readonly grow = (bytes: number): void => this.#call.grow(bytes);

  print(text: Bytes, ended: boolean): void {
    const bytes = (this.#missesNewline ? this.#separator : '') + text + (ended ? this.#separator : '');
    this.#missesNewline = !ended;
    if (this.#collected === undefined) this.#call.write(bytes);
    else this.#collected.push(bytes);
  }

  printTo(file: Bytes, text: Bytes): void {
    if (file === '/dev/stdout') this.print(text, true);
    else if (file === '/dev/stderr') this.#call.complain(`${text}\n`);
    else this.#fileFor(file).write(`${text}\n`);
  }

  /** Makes or empties a file of `w`, which happens before the first line is read. */
  #fileFor(file: Bytes): OpenFile {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const made = open(this.#call.process, file, { write: true, create: true, truncate: true });
    this.#files.set(file, made);
    return made;
  }

  /** Makes the files that the script's `w` name. */
  prepare(files: readonly Bytes[]): void {
    for (const file of files) if (!file.startsWith('/dev/std')) this.#fileFor(file);
  }

  fileText(file: Bytes): Bytes {
    if (file === '/dev/stdin') return this.#call.readStdin();
    const type = tryStat(this.#call.process, file)?.type;
    return type === undefined || type === 'directory' ? '' : readFile(this.#call.process, file);
  }

  fileLine(file: Bytes): Bytes | undefined {
    let lines = this.#lines.get(file);
    if (lines === undefined) {
      lines = linesOf(this.fileText(file));
      this.#lines.set(file, lines);
    }
    return lines.shift();
  }
}
