import { ArithmeticError, evaluateArithmetic } from './arithmetic.js';
import { charge } from './budget.js';
import { bytesOfBuffer } from './bytes.js';
import { substituteCommand } from './execute.js';
import { type Field, type Piece, patternText, plainText, splitFields } from './fields.js';
import { readBuffer } from './filesystem.js';
import { expandPath } from './glob.js';
import { optionLetters } from './options.js';
import { PosixError } from './posix-error.js';
import type { Shell } from './shell.js';
import type { Parameter, Part, RedirectOperator, Word } from './syntax.js';
import { trimPrefix, trimSuffix } from './trim.js';
import type { Bytes } from './types.js';

const DEFAULT_IFS = ' \t\n';
/** What an entry of a list costs beside its text, roughly. */
const ENTRY_BYTES = 64;

/** Where a word stands, which says what its expansions become. */
interface Context {
  /** In double quotes. */
  readonly quoted: boolean;
  /** Fields are wanted: results are split, `"$@"` is several. */
  readonly full: boolean;
  /** In `${x:-word}` even what was written is split. */
  readonly split: boolean;
  readonly tilde: 'none' | 'word' | 'assignment';
}

const FULL: Context = { quoted: false, full: true, split: false, tilde: 'word' };
const SINGLE: Context = { quoted: false, full: false, split: false, tilde: 'word' };
const ASSIGNMENT: Context = { quoted: false, full: false, split: false, tilde: 'assignment' };
const QUOTED: Context = { quoted: true, full: false, split: false, tilde: 'none' };

/** All expansions: a command's words (POSIX.1-2017, 2.6). */
export function expandFields(shell: Shell, word: Word): Bytes[] {
  const only = word.length === 1 ? word[0] : undefined;
  if (only?.type === 'text' && !/[~*?[\\]/.test(only.text)) return [only.text];
  const pieces = expandParts(shell, word, FULL);
  const fields = splitFields(pieces, ifsOf(shell) ?? DEFAULT_IFS);
  charge(shell.system, 'memoryBytes', fields.length * ENTRY_BYTES);
  return fields.flatMap((field) => expandPathname(shell, field));
}

/** A word that stays one: a redirection's target, the word of `case`. */
export function expandWord(shell: Shell, word: Word): Bytes {
  return plainText(expandParts(shell, word, SINGLE));
}

/** The value of an assignment; `~` counts behind each colon as well. */
export function expandAssignment(shell: Shell, word: Word): Bytes {
  return plainText(expandParts(shell, word, ASSIGNMENT));
}

/** A here-document, or `PS4`. */
export function expandQuoted(shell: Shell, word: Word): Bytes {
  return plainText(expandParts(shell, word, QUOTED));
}

/** A pattern of `case`: what was quoted stands behind backslashes. */
export function expandPattern(shell: Shell, word: Word): Bytes {
  return patternText(expandParts(shell, word, SINGLE));
}

export function ifsOf(shell: Shell): Bytes | undefined {
  return shell.getVariable('IFS');
}

function expandPathname(shell: Shell, { text, pattern }: Field): Bytes[] {
  if (shell.options.has('noglob')) return [text];
  const paths = expandPath(shell, pattern);
  return paths.length === 0 ? [text] : paths;
}

function expandParts(shell: Shell, parts: Word, context: Context): Piece[] {
  return parts.flatMap((part, index) => expandPart(shell, part, context, index, parts));
}

function expandPart(shell: Shell, part: Part, context: Context, index: number, parts: Word): Piece[] {
  switch (part.type) {
    case 'text': {
      if (context.quoted) return [quotedText(part.text)];
      const isLast = index === parts.length - 1;
      return expandTildes(shell, part.text, context, index === 0, isLast).map((piece) =>
        piece.quoted || !context.split ? piece : { ...piece, split: true },
      );
    }
    case 'quoted':
      return [quotedText(part.text)];
    case 'double': {
      const pieces = expandParts(shell, part.parts, { ...context, quoted: true, tilde: 'none' });
      const [only] = part.parts;
      const isAt = part.parts.length === 1 && only?.type === 'parameter' && only.name === '@' && only.operator === '';
      return isAt && context.full ? pieces : [quotedText(''), ...pieces, quotedText('')];
    }
    case 'parameter':
      return expandParameter(shell, part, context);
    case 'command':
      return [result(substituteCommand(shell, part.body), context)];
    case 'arithmetic':
      return [result(arithmetic(shell, expandQuoted(shell, part.parts)), context)];
  }
}

function quotedText(text: Bytes): Piece {
  return { type: 'text', text, quoted: true, split: false };
}

function result(text: Bytes, { quoted, full }: Context): Piece {
  return { type: 'text', text, quoted, split: full && !quoted };
}

type TextPiece = Extract<Piece, { type: 'text' }>;

/** Replaces `~` and `~user` at the front of a word, and in an assignment behind each colon. */
function expandTildes(shell: Shell, text: Bytes, context: Context, isFirst: boolean, isLast: boolean): TextPiece[] {
  const plain = (part: Bytes): TextPiece => ({ type: 'text', text: part, quoted: false, split: false });
  if (context.tilde === 'none' || !text.includes('~')) return [plain(text)];
  const inAssignment = context.tilde === 'assignment';
  const segments = inAssignment ? text.split(/(?<=:)/) : [text];
  return segments.flatMap((segment, index) => {
    const starts = index === 0 ? isFirst : true;
    const prefix = /^~([^/:]*)/.exec(segment);
    const ended = prefix !== null && (prefix[0].length < segment.length || (isLast && index === segments.length - 1));
    if (!starts || prefix === null || !ended) return [plain(segment)];
    const rest = segment.slice(prefix[0].length);
    if (rest.startsWith(':') && !inAssignment) return [plain(segment)];
    const home = homeOf(shell, prefix[1] ?? '');
    if (home === undefined) return [plain(segment)];
    return [{ type: 'text', text: home, quoted: true, split: false }, plain(rest)];
  });
}

/** The home of a user of the tree, not of the machine. */
function homeOf(shell: Shell, user: Bytes): Bytes | undefined {
  if (user === '') return shell.getVariable('HOME');
  try {
    const lines = bytesOfBuffer(readBuffer(shell, '/etc/passwd')).split('\n');
    return lines.map((line) => line.split(':')).find(([name]) => name === user)?.[5];
  } catch (error) {
    if (error instanceof PosixError) return undefined;
    throw error;
  }
}

function expandParameter(shell: Shell, parameter: Parameter, context: Context): Piece[] {
  const { name, operator, colon, word } = parameter;
  const value = parameterPieces(shell, name, context);
  const isList = name === '@' || name === '*';
  const isNull = value === undefined || (colon && (isList ? joinedList(shell) : plainText(value)) === '');
  switch (operator) {
    case '-':
      return isNull ? expandAlternative(shell, word, context) : value;
    case '+':
      return isNull ? [] : expandAlternative(shell, word, context);
    case '=': {
      if (!isNull) return value;
      const text = plainText(
        expandParts(shell, word, { ...context, full: false, split: false, tilde: tildeIn(context) }),
      );
      if (!/^[A-Za-z_]/.test(name)) shell.fail(`${name}: bad variable name`);
      shell.setVariable(name, text);
      return [result(text, context)];
    }
    case '?': {
      if (!isNull) return value;
      const text = plainText(
        expandParts(shell, word, { ...context, full: false, split: false, tilde: tildeIn(context) }),
      );
      return shell.fail(`${name}: ${text || `parameter not set${colon ? ' or null' : ''}`}`);
    }
    case 'bad':
      return shell.fail('Bad substitution');
  }
  if (value === undefined) {
    if (shell.options.has('nounset')) shell.fail(`${name}: parameter not set`);
    return operator === 'length' ? [result('0', context)] : [];
  }
  if (operator === '') return value;
  if (operator === 'length') return [result(String(plainText(value).length), context)];
  const pattern = patternText(expandParts(shell, word, SINGLE));
  const trim = operator.startsWith('%') ? trimSuffix : trimPrefix;
  return [result(trim(shell.system, plainText(value), pattern, operator.length === 2), context)];
}

function tildeIn(context: Context): Context['tilde'] {
  return context.quoted ? 'none' : 'word';
}

function expandAlternative(shell: Shell, word: Word, context: Context): Piece[] {
  const split = context.full && !context.quoted;
  const pieces = expandParts(shell, word, { ...context, split, tilde: tildeIn(context) });
  return pieces;
}

/** A parameter's value as pieces; undefined where it is not set. */
function parameterPieces(shell: Shell, name: Bytes, context: Context): Piece[] | undefined {
  if (name === '@' || name === '*') return listPieces(shell, name, context);
  const value = parameterValue(shell, name);
  if (value === undefined) return undefined;
  charge(shell.system, 'memoryBytes', value.length);
  return [result(value, context)];
}

function parameterValue(shell: Shell, name: Bytes): Bytes | undefined {
  switch (name) {
    case '#':
      return String(shell.parameters.list.length);
    case '?':
      return String(shell.status);
    case '$':
      return String(shell.pid);
    case '!':
      return shell.lastBackground === undefined ? undefined : String(shell.lastBackground);
    case '-':
      return optionLetters(shell.options);
  }
  if (!/^[0-9]/.test(name)) return shell.getVariable(name);
  const number = Number(name);
  return number === 0 ? shell.name : shell.parameters.list[number - 1];
}

function listPieces(shell: Shell, name: '@' | '*', context: Context): Piece[] {
  const { list } = shell.parameters;
  charge(
    shell.system,
    'memoryBytes',
    list.reduce((sum, text) => sum + text.length + ENTRY_BYTES, 0),
  );
  const separated = (between: Piece, pieceOf: (text: Bytes) => Piece): Piece[] =>
    list.flatMap((text, index) => (index === 0 ? [pieceOf(text)] : [between, pieceOf(text)]));
  if (context.full && context.quoted && name === '@') {
    const items = separated({ type: 'break' }, (text) => ({ type: 'item', text }));
    return list.length === 0 ? [] : [...items, { type: 'end' }];
  }
  if (context.full && !context.quoted) return separated({ type: 'blank' }, (text) => result(text, context));
  return [result(joinedList(shell), context)];
}

/** All parameters as one text, separated by the first character of `IFS`. */
function joinedList(shell: Shell): Bytes {
  const ifs = ifsOf(shell);
  return shell.parameters.list.join(ifs === undefined ? ' ' : ifs.charAt(0));
}

function arithmetic(shell: Shell, text: Bytes): Bytes {
  shell.step();
  const variables = {
    get: (name: Bytes) => shell.getVariable(name),
    set: (name: Bytes, value: Bytes) => shell.setVariable(name, value),
  };
  try {
    return String(evaluateArithmetic(text, variables));
  } catch (error) {
    if (error instanceof ArithmeticError) shell.fail(error.message);
    throw error;
  }
}

/** What a redirection leads to: a path, a descriptor's number or `-`, a here-document's text. */
export function expandFile(shell: Shell, word: Word, operator: RedirectOperator): Bytes {
  if (operator === '<<') return expandQuoted(shell, word);
  const text = expandWord(shell, word);
  if ((operator === '<&' || operator === '>&') && !/^(?:[0-9]|-)$/.test(text)) {
    shell.fail('Syntax error: Bad fd number');
  }
  return text;
}
