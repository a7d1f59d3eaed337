import { Parser } from '../configure/shell/parser.js';
import { Reader } from '../configure/shell/reader.js';
import { type Node, ShellSyntaxError, type Simple, type Word } from '../configure/shell/syntax.js';
import type { ByteSource } from '../formats/elf/bytes.js';
import type { ContentReader } from '../rootfs/content-reader.js';
import type { Tree } from '../rootfs/tree.js';
import type { Findings } from './findings.js';
import { packagesOfCommand } from './known.js';
import { commandPaths, destinationOf } from './lookup.js';
import { isIdle } from './scripts.js';
import type { Need, Scan } from './types.js';

/** Shell scripts of packages are some kilobytes; what is larger carries data. */
const MAX_SCRIPT = 512 * 1024;
const SHELLS = /\/(?:sh|dash|ash|bash)$/;

/** They ask dpkg for what they need, by Depends and by what they find. */
const MAINTAINER_SCRIPTS = /^\/var\/lib\/dpkg\/info\//;

/** Of POSIX, dash and bash: what no file is needed for. */
const BUILTINS = new Set(
  (
    '. : [ [[ { } ! alias bg break builtin caller case cd command compgen complete compopt continue coproc declare dirs ' +
    'disown do done echo elif else enable esac eval exec exit export false fc fg fi for function getopts hash help history ' +
    'if in jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt ' +
    'source suspend test then time times trap true type typeset ulimit umask unalias unset until wait while chdir'
  ).split(' '),
);
/** They say whether a command is there: who asks for it can do without it. */
const QUESTIONS = new Set(['command', 'which', 'type', 'hash', 'test', '[', '[[', 'pathfind']);

/** A command that a script calls by a name that stands in its text. */
interface Call {
  readonly name: string;
  readonly line: number;
  /** Whether the script may well go on without coming to it. */
  readonly conditional: boolean;
}

/** What the text of a script says without being run. */
interface ScriptText {
  readonly calls: readonly Call[];
  /** Functions that it defines, and words that it asks whether they can be run. */
  readonly known: ReadonlySet<string>;
  /** Files that it reads with `.`; undefined among them: one whose name is made while it runs. */
  readonly sources: readonly (string | undefined)[];
  /** Whether it says itself where commands are. */
  readonly setsPath: boolean;
  /** Whether the parser came to its end: bash knows more than it. */
  readonly complete: boolean;
}

interface CommandContext {
  readonly tree: Tree;
  readonly scan: Scan;
  readonly reader: ContentReader;
  readonly canExecute: (command: string) => boolean;
  readonly findings: Findings;
  readonly needOf: (path: string, how: string) => Need;
}

/**
 * Commands that kept shell scripts call, and that the tree does not have. Nothing is run: what a variable names is not
 * seen, and a command that the script asks after before it calls it is no finding.
 */
export function checkCommands({ tree, scan, reader, canExecute, findings, needOf }: CommandContext): void {
  for (const { path, node, line } of scan.scripts) {
    if (!SHELLS.test(line.split(/[ \t]/, 1)[0] ?? '') || MAINTAINER_SCRIPTS.test(path) || isIdle(path, canExecute))
      continue;
    const source = reader.source(node.content);
    if (source.size > MAX_SCRIPT) continue;
    const text = parseScript(source);
    const { known, opaque } = withSources(tree, reader, text, 0);
    for (const { name, line: at, conditional } of text.calls) {
      if (known.has(name) || BUILTINS.has(name) || canExecute(name)) continue;
      // Functions of a file that is not seen, or not understood, have names like these.
      if (!name.includes('/') && (opaque || text.setsPath)) continue;
      findings.add(
        {
          type: 'command',
          // What is asked first (a directory of /run, a variable) is not known before it runs.
          severity: conditional ? 'information' : 'warning',
          missing: name,
          wanted: { paths: commandPaths(name), packages: packagesOfCommand(name) },
        },
        needOf(path, `line ${at}`),
      );
    }
  }
}

const MAX_DEPTH = 8;

function withSources(tree: Tree, reader: ContentReader, text: ScriptText, depth: number) {
  const known = new Set(text.known);
  let opaque = !text.complete;
  for (const path of text.sources) {
    const found = path?.startsWith('/') === true ? destinationOf(tree, path) : undefined;
    if (found?.type !== 'found' || found.node.type !== 'file' || depth > MAX_DEPTH) {
      opaque = true;
      continue;
    }
    const source = reader.source(found.node.content);
    const other = withSources(tree, reader, source.size > MAX_SCRIPT ? OPAQUE : parseScript(source), depth + 1);
    for (const name of other.known) known.add(name);
    opaque ||= other.opaque;
  }
  return { known, opaque };
}

const OPAQUE: ScriptText = { calls: [], known: new Set(), sources: [], setsPath: false, complete: false };

function parseScript(source: Pick<ByteSource, 'read' | 'size'>): ScriptText {
  const calls: Call[] = [];
  const known = new Set<string>();
  const sources: (string | undefined)[] = [];
  let setsPath = false;
  const visitor: Visitor = {
    command({ words, assignments }, line, conditional) {
      setsPath ||= assignments.some(({ name }) => name === 'PATH') || words.some(isPath);
      const [first, ...rest] = words;
      const name = first === undefined ? undefined : plainText(first);
      if (name === undefined) return;
      // Of most commands nobody asks what follows their names.
      const args = READERS_OF_WORDS.has(name) || QUESTIONS.has(name) ? rest.map(plainText) : [];
      if (name === '.' || name === 'source') sources.push(args[0]);
      if (QUESTIONS.has(name)) {
        for (const arg of args) if (arg !== undefined) known.add(arg).add(arg.replace(/^.*\//, ''));
      }
      if (name === 'alias') for (const arg of args) known.add((arg ?? '').replace(/=.*/, ''));
      const called = name === 'exec' ? args.find((arg) => arg?.startsWith('-') !== true) : name;
      if (called !== undefined && COMMAND.test(called)) calls.push({ name: called, line, conditional });
    },
    define: (name) => known.add(name),
  };
  let complete = true;
  const parser = new Parser(new Reader(source.read(0, source.size).toString('latin1')), new Map());
  try {
    for (let node = parser.line(); node !== 'end'; node = parser.line()) visit(node, visitor);
  } catch (error) {
    if (!(error instanceof ShellSyntaxError) && !(error instanceof RangeError)) throw error;
    complete = false;
  }
  return { calls, known, sources, setsPath, complete };
}

/** Commands whose words say what else is read or called. */
const READERS_OF_WORDS = new Set(['.', 'source', 'alias', 'exec']);
const COMMAND = /^[A-Za-z0-9_./][A-Za-z0-9_.+/-]*$/;

/** As `export PATH=…` has it. */
function isPath(word: Word): boolean {
  const [first] = word;
  return (first?.type !== 'text' || first.text.startsWith('P')) && plainText(word)?.startsWith('PATH=') === true;
}

interface Visitor {
  command(command: Simple, line: number, conditional: boolean): void;
  define(name: string): void;
}

/** Where in the script a node stands: what may well not be come to, and lines that its own are counted from. */
interface Place {
  readonly conditional: boolean;
  readonly above: number;
}

function visit(node: Node | undefined, visitor: Visitor, place: Place = { conditional: false, above: 0 }): void {
  const visitOne = (one: Node | undefined): void => visit(one, visitor, place);
  const visitMaybe = (one: Node | undefined): void => visit(one, visitor, { ...place, conditional: true });
  switch (node?.type) {
    case undefined:
      return;
    case 'simple':
      for (const word of node.words) visitWord(word, visitor, place);
      for (const { value } of node.assignments) visitWord(value, visitor, place);
      visitor.command(node, place.above + node.line, place.conditional);
      return;
    case 'function':
      visitor.define(node.name);
      visitOne(node.body);
      return;
    case 'pipeline':
    case 'sequence':
      for (const command of node.commands) visitOne(command);
      return;
    case 'not':
    case 'background':
      visitOne(node.command);
      return;
    case 'conditions':
      visitOne(node.first);
      for (const { command } of node.rest) visitMaybe(command);
      return;
    case 'subshell':
    case 'redirected':
      visitOne(node.body);
      return;
    case 'if':
      visitOne(node.test);
      visitMaybe(node.then);
      visitMaybe(node.otherwise);
      return;
    case 'while':
      visitOne(node.test);
      visitMaybe(node.body);
      return;
    case 'for':
      for (const word of node.words) visitWord(word, visitor, place);
      visitMaybe(node.body);
      return;
    case 'case':
      visitWord(node.word, visitor, place);
      for (const { body } of node.items) visitMaybe(body);
  }
}

/** Commands in `$(…)`, wherever they stand. */
function visitWord(word: Word, visitor: Visitor, place: Place): void {
  for (const part of word) {
    if (part.type === 'command') visit(part.body, visitor, { ...place, above: place.above + part.above });
    else if (part.type === 'double' || part.type === 'arithmetic') visitWord(part.parts, visitor, place);
    else if (part.type === 'parameter') visitWord(part.word, visitor, place);
  }
}

/** Undefined where what the word is will only be known when it is expanded. */
function plainText(word: Word): string | undefined {
  let text = '';
  for (const part of word) {
    const own = part.type === 'double' ? plainText(part.parts) : 'text' in part ? part.text : undefined;
    if (own === undefined) return undefined;
    text += own;
  }
  return text;
}
