import { linesOf } from '../../shell/bytes.js';
import { lstat, readdir, readFile, tryStat } from '../../shell/filesystem.js';
import type { Bytes } from '../../shell/types.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { fnmatcher } from '../kit/glob.js';
import { baseName, join } from '../kit/text.js';
import { Regex } from '../regex/regex.js';
import { type Dialect, RegexSyntaxError } from '../regex/syntax.js';

const OPTIONS = [
  '-E --extended-regexp',
  '-F --fixed-strings',
  '-G --basic-regexp',
  '!-P --perl-regexp',
  '-e --regexp=',
  '-f --file=',
  '-i -y --ignore-case',
  '--no-ignore-case',
  '-v --invert-match',
  '-w --word-regexp',
  '-x --line-regexp',
  '-c --count',
  '-l --files-with-matches',
  '-L --files-without-match',
  '-q --quiet --silent',
  '-s --no-messages',
  '-n --line-number',
  '-b --byte-offset',
  '-o --only-matching',
  '-h --no-filename',
  '-H --with-filename',
  '-m --max-count=',
  '-r --recursive',
  '-R --dereference-recursive',
  '--include=',
  '--exclude=',
  '--exclude-dir=',
  '-a --text',
  '-I',
  '-z --null-data',
  '-Z --null',
  '-A --after-context=',
  '-B --before-context=',
  '-C --context=',
  '--color=?',
  '--colour=?',
  '--line-buffered',
  '-U --binary',
  '!-d --directories=',
  '!-D --devices=',
  '!-T --initial-tab',
  '!--label=',
  '!--binary-files=',
];

interface Search {
  readonly call: Call;
  readonly expressions: readonly Regex[];
  readonly separator: string;
  readonly showsNames: boolean;
  readonly before: number;
  readonly after: number;
  readonly limit: number;
}

/** grep(1): status 0 where a line was selected, 1 where none was, 2 on errors. */
export const grep = grepAs('basic');
export const egrep = grepAs('extended');
export const fgrep = grepAs('fixed');

function grepAs(usual: Dialect) {
  return command(
    OPTIONS,
    (call) => {
      const { options } = call;
      const { patterns, files } = patternsOf(call);
      const search: Search = {
        call,
        expressions: compile(call, patterns, usual),
        separator: options.has('null-data') ? '\0' : '\n',
        showsNames: showsNames(call, files),
        before: numberOf(call, 'before-context', 'context'),
        after: numberOf(call, 'after-context', 'context'),
        limit: options.has('max-count') ? Number(options.value('max-count')) : Number.POSITIVE_INFINITY,
      };
      let found = false;
      for (const name of namesOf(call, files)) {
        const text = read(call, name);
        if (text === undefined || !searchText(search, name, text)) continue;
        found = true;
        if (options.has('quiet')) return 0;
      }
      return call.status === 0 ? (found ? 0 : 1) : call.status;
    },
    { usageStatus: 2, rewrite: contextForm },
  );
}

/** `-2` is `-C 2`. */
function contextForm(args: readonly Bytes[]): readonly Bytes[] {
  return args.map((word) => (/^-[0-9]+$/.test(word) ? `-C${word.slice(1)}` : word));
}

function patternsOf(call: Call): { readonly patterns: readonly Bytes[]; readonly files: readonly Bytes[] } {
  const { options, operands } = call;
  if (!options.has('regexp', 'file')) {
    const [pattern, ...files] = operands;
    if (pattern === undefined) throw new CommandFailure('no pattern was given', 2);
    return { patterns: pattern.split('\n'), files };
  }
  const patterns = options.given.flatMap(({ name, value = '' }) => {
    if (name === 'regexp') return value.split('\n');
    if (name !== 'file') return [];
    return linesOf(value === '-' ? call.readStdin() : readFile(call.process, value));
  });
  return { patterns, files: operands };
}

function compile(call: Call, patterns: readonly Bytes[], usual: Dialect): Regex[] {
  const { options } = call;
  const last = options.last('extended-regexp', 'fixed-strings', 'basic-regexp');
  const given = { 'extended-regexp': 'extended', 'fixed-strings': 'fixed', 'basic-regexp': 'basic' } as const;
  const dialect = last === undefined ? usual : given[last as keyof typeof given];
  const whole = options.has('line-regexp') ? 'text' : options.has('word-regexp') ? 'word' : undefined;
  const ignoreCase = options.last('ignore-case', 'no-ignore-case') === 'ignore-case';
  try {
    return patterns.map((pattern) => {
      return new Regex(pattern, { dialect, ignoreCase, ...(whole === undefined ? {} : { whole }) }, call.spend);
    });
  } catch (error) {
    if (error instanceof RegexSyntaxError) throw new CommandFailure(error.message, 2);
    throw error;
  }
}

function showsNames(call: Call, files: readonly Bytes[]): boolean {
  const { options } = call;
  const last = options.last('no-filename', 'with-filename');
  if (last !== undefined) return last === 'with-filename';
  if (files.length > 1) return true;
  if (!options.has('recursive', 'dereference-recursive')) return false;
  return files.length === 0 || tryStat(call.process, files[0] ?? '')?.type === 'directory';
}

function numberOf(call: Call, ...names: readonly string[]): number {
  const name = call.options.last(...names);
  const text = name === undefined ? '0' : (call.options.value(name) ?? '');
  if (!/^[0-9]+$/.test(text)) throw new CommandFailure(`${text}: invalid context length argument`, 2);
  return Number(text);
}

function read(call: Call, name: Bytes): Bytes | undefined {
  if (!call.options.has('no-messages')) return call.readInput(name, 2);
  if (name !== '-' && tryStat(call.process, name) === undefined) {
    call.status = 2;
    return undefined;
  }
  return call.readInput(name, 2);
}

/** The files to search, those of directories in the order of their names. */
function* namesOf(call: Call, files: readonly Bytes[]): Generator<Bytes> {
  const recursive = call.options.last('recursive', 'dereference-recursive');
  if (recursive === undefined) {
    yield* files.length === 0 ? ['-'] : files;
    return;
  }
  const wanted = nameFilter(call);
  for (const name of files.length === 0 ? [''] : files) {
    if (name !== '' && tryStat(call.process, name)?.type !== 'directory') yield name;
    else yield* below(call, name, wanted, recursive === 'dereference-recursive');
  }
}

interface NameFilter {
  file(name: Bytes): boolean;
  directory(name: Bytes): boolean;
}

function nameFilter(call: Call): NameFilter {
  const matchers = (option: string) => call.options.values(option).map((pattern) => fnmatcher(pattern));
  const included = matchers('include');
  const excluded = matchers('exclude');
  const excludedDirectories = matchers('exclude-dir');
  return {
    file: (name) => {
      if (excluded.some((matches) => matches(name))) return false;
      return included.length === 0 || included.some((matches) => matches(name));
    },
    directory: (name) => !excludedDirectories.some((matches) => matches(name)),
  };
}

function* below(call: Call, directory: Bytes, wanted: NameFilter, follows: boolean): Generator<Bytes> {
  const names = call.attempt(directory, () => readdir(call.process, directory === '' ? '.' : directory), 2) ?? [];
  for (const name of names) {
    call.spend(1);
    const path = directory === '' ? name : join(directory, name);
    const type = follows ? tryStat(call.process, path)?.type : lstat(call.process, path).type;
    if (type === 'directory') {
      if (wanted.directory(baseName(name))) yield* below(call, path, wanted, follows);
    } else if (type === 'file' && wanted.file(name)) {
      yield path;
    }
  }
}

/** Searches one text and prints what it selects. Says whether it selected a line. */
function searchText(search: Search, file: Bytes, text: Bytes): boolean {
  const { call, separator } = search;
  const { options } = call;
  const name = file === '-' ? '(standard input)' : file;
  const lists = options.last('files-with-matches', 'files-without-match');
  const isBinary = text.includes('\0') && separator !== '\0' && !options.has('text', 'binary');
  if (isBinary && options.has('I')) return false;
  const stopsAtFirst = options.has('quiet') || lists !== undefined || (isBinary && !options.has('count'));
  const output = new Output(search, name);
  const lines = linesOf(text, separator);
  let count = 0;
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    if (count >= search.limit) {
      if (stopsAtFirst || options.has('count') || !output.needsContext) break;
      output.unselected(index, line, offset);
    } else if (search.expressions.some((expression) => expression.test(line)) !== options.has('invert-match')) {
      count += 1;
      if (stopsAtFirst) break;
      if (!options.has('count')) output.selected(index, line, offset);
    } else if (!options.has('count')) {
      output.unselected(index, line, offset);
    }
    offset += line.length + 1;
  }
  const ending = options.has('null') ? '\0' : '\n';
  if (lists !== undefined) {
    const isListed = count > 0 === (lists === 'files-with-matches');
    if (isListed && !options.has('quiet')) call.write(name + ending);
    return isListed;
  }
  if (options.has('quiet')) return count > 0;
  if (options.has('count'))
    call.write(`${search.showsNames ? `${name}${options.has('null') ? '\0' : ':'}` : ''}${count}\n`);
  else if (isBinary && count > 0) call.write(`${call.name}: ${name}: binary file matches\n`);
  return count > 0;
}

/** Prints selected lines and their context. */
class Output {
  readonly #search: Search;
  readonly #name: Bytes;
  /** Lines before that may turn out to be context. */
  #held: { readonly index: number; readonly line: Bytes; readonly offset: number }[] = [];
  #afterLeft = 0;
  #lastPrinted = -1;

  constructor(search: Search, name: Bytes) {
    this.#search = search;
    this.#name = name;
  }

  get needsContext(): boolean {
    return this.#afterLeft > 0;
  }

  selected(index: number, line: Bytes, offset: number): void {
    const { call } = this.#search;
    if (call.options.has('only-matching')) {
      if (!call.options.has('invert-match')) this.#matches(index, line, offset);
      return;
    }
    for (const held of this.#held) this.#print(held.index, held.line, held.offset, '-');
    this.#held = [];
    this.#print(index, line, offset, ':');
    this.#afterLeft = this.#search.after;
  }

  unselected(index: number, line: Bytes, offset: number): void {
    if (this.#search.call.options.has('only-matching')) return;
    if (this.#afterLeft > 0) {
      this.#afterLeft -= 1;
      this.#print(index, line, offset, '-');
    } else if (this.#search.before > 0) {
      this.#held.push({ index, line, offset });
      if (this.#held.length > this.#search.before) this.#held.shift();
    }
  }

  #print(index: number, line: Bytes, offset: number, mark: string): void {
    const { call, before, after, separator } = this.#search;
    if (before + after > 0 && this.#lastPrinted >= 0 && index > this.#lastPrinted + 1) call.write('--\n');
    this.#lastPrinted = index;
    call.write(this.#prefix(index, offset, mark) + line + separator);
  }

  #matches(index: number, line: Bytes, offset: number): void {
    for (let at = 0; at <= line.length; ) {
      const found = this.#firstMatch(line, at);
      if (found === undefined) return;
      const [start, end] = found;
      if (end > start) {
        const { call, separator } = this.#search;
        call.write(this.#prefix(index, offset + start, ':') + line.slice(start, end) + separator);
      }
      at = end > start ? end : end + 1;
    }
  }

  #firstMatch(line: Bytes, from: number): readonly [number, number] | undefined {
    let best: readonly [number, number] | undefined;
    for (const expression of this.#search.expressions) {
      const found = expression.exec(line, from);
      if (found === undefined) continue;
      const isBetter = best === undefined || found.start < best[0] || (found.start === best[0] && found.end > best[1]);
      if (isBetter) best = [found.start, found.end];
    }
    return best;
  }

  #prefix(index: number, offset: number, mark: string): string {
    const { options } = this.#search.call;
    const name = this.#search.showsNames ? `${this.#name}${options.has('null') ? '\0' : mark}` : '';
    const number = options.has('line-number') ? `${index + 1}${mark}` : '';
    return name + number + (options.has('byte-offset') ? `${offset}${mark}` : '');
  }
}
