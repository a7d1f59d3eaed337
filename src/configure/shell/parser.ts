import { HereDocuments } from './here-documents.js';
import type { Reader } from './reader.js';
import { isSpecialBuiltin } from './special.js';
import {
  type Assignment,
  type CaseItem,
  isName,
  type Node,
  type Redirect,
  ShellSyntaxError,
  type Word,
} from './syntax.js';
import { bareText, describe, isKeyword, type Operator, readToken, type Token } from './tokens.js';
import type { Bytes } from './types.js';

/** Words that end a list, where a command could stand. */
const ENDS_LIST = new Set(['do', 'done', 'elif', 'else', 'esac', 'fi', 'then', '}']);
/**
 * A recursive descent over POSIX.1-2017's 2.10.2. Lines are parsed when they are asked for: what ran before can define
 * aliases, and an error in line 9 does not keep line 8 from being run.
 */
export class Parser {
  readonly #reader: Reader;
  readonly #aliases: ReadonlyMap<Bytes, Bytes>;
  #next: Token | undefined;
  readonly #documents: HereDocuments;

  constructor(reader: Reader, aliases: ReadonlyMap<Bytes, Bytes>) {
    this.#reader = reader;
    this.#aliases = aliases;
    this.#documents = new HereDocuments(reader, aliases);
  }

  /**
   * The commands of the next line; undefined for an empty one.
   *
   * @throws ShellSyntaxError
   */
  line(): Node | undefined | 'end' {
    this.#next = undefined;
    const first = this.#peek();
    if (first.type === 'end') return 'end';
    if (first.type === 'newline') {
      this.#take();
      return undefined;
    }
    const commands = this.#commands(true);
    const end = this.#peek();
    if (end.type === 'newline') this.#take();
    else if (end.type === 'end') this.#documents.read();
    else throw this.#unexpected(end);
    return sequence(commands);
  }

  /** All of a script at once, as in backquotes. */
  whole(): Node | undefined {
    const commands = this.#list();
    const end = this.#peek();
    if (end.type !== 'end') throw this.#unexpected(end);
    return sequence(commands);
  }

  /** What stands between `$(` and `)`. */
  substitution(): Node | undefined {
    const commands = this.#list();
    const end = this.#peek();
    if (end.type !== 'operator' || end.operator !== ')') throw this.#unexpected(end, '")"');
    this.#next = undefined;
    // A here-document that did not begin before the bracket is an empty one.
    this.#documents.forget();
    return sequence(commands);
  }

  #peek(): Token {
    this.#next ??= readToken(this.#reader, this.#aliases);
    return this.#next;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next = undefined;
    if (token.type === 'newline') this.#documents.read();
    return token;
  }

  #skipNewlines(): void {
    while (this.#peek().type === 'newline') this.#take();
  }

  #isOperator(operator: Operator): boolean {
    const token = this.#peek();
    return token.type === 'operator' && token.operator === operator;
  }

  #skipOperator(operator: Operator): boolean {
    const found = this.#isOperator(operator);
    if (found) this.#take();
    return found;
  }

  #skipKeyword(keyword: Bytes): boolean {
    const found = bareText(this.#peek()) === keyword;
    if (found) this.#take();
    return found;
  }

  #expectKeyword(keyword: Bytes): void {
    if (!this.#skipKeyword(keyword)) throw this.#unexpected(this.#peek(), `"${keyword}"`);
  }

  #unexpected(token: Token, expected?: string): ShellSyntaxError {
    const wish = expected === undefined ? '' : ` (expecting ${expected})`;
    return new ShellSyntaxError(this.#reader.line, `${describe(token)} unexpected${wish}`);
  }

  /** Where a command can begin, an alias is replaced by its value. */
  #replaceAliases(): void {
    for (;;) {
      const name = bareText(this.#peek());
      if (name === undefined || isKeyword(name)) return;
      const value = this.#aliases.get(name);
      if (value === undefined || !this.#reader.insert(name, value)) return;
      this.#next = undefined;
    }
  }

  #endsList(): boolean {
    const token = this.#peek();
    if (token.type === 'end') return true;
    if (token.type === 'operator') return token.operator === ')' || token.operator === ';;';
    const text = bareText(token);
    return text !== undefined && ENDS_LIST.has(text);
  }

  /** Commands over as many lines as there are, up to what ends a list. */
  #list(): Node[] {
    this.#skipNewlines();
    return this.#endsList() ? [] : this.#commands(false);
  }

  /** As `#list`, where there must be at least one command; `next` is what has to follow. */
  #body(next: string): Node {
    const body = sequence(this.#list());
    const token = this.#peek();
    if (body === undefined) throw this.#unexpected(token, token.type === 'end' ? `"${next}"` : undefined);
    return body;
  }

  #commands(oneLine: boolean): Node[] {
    const commands: Node[] = [];
    for (;;) {
      const command = this.#conditions();
      const { line } = this.#peek();
      if (this.#skipOperator('&')) commands.push({ type: 'background', command, line });
      else {
        commands.push(command);
        if (!this.#skipOperator(';') && (oneLine || this.#peek().type !== 'newline')) return commands;
      }
      if (!oneLine) this.#skipNewlines();
      else if (this.#peek().type === 'newline') return commands;
      this.#replaceAliases();
      if (this.#endsList()) return commands;
    }
  }

  #conditions(): Node {
    const first = this.#pipeline();
    const rest: { operator: '&&' | '||'; command: Node }[] = [];
    for (;;) {
      const operator = this.#skipOperator('&&') ? '&&' : this.#skipOperator('||') ? '||' : undefined;
      if (operator === undefined) return rest.length === 0 ? first : { type: 'conditions', first, rest };
      this.#skipNewlines();
      rest.push({ operator, command: this.#pipeline() });
    }
  }

  #pipeline(): Node {
    this.#replaceAliases();
    const negated = this.#skipKeyword('!');
    const { line } = this.#peek();
    const commands = [this.#command()];
    while (this.#skipOperator('|')) {
      this.#skipNewlines();
      commands.push(this.#command());
    }
    const [only] = commands;
    const pipeline: Node = only !== undefined && commands.length === 1 ? only : { type: 'pipeline', commands, line };
    return negated ? { type: 'not', command: pipeline } : pipeline;
  }

  #command(): Node {
    this.#replaceAliases();
    const { line } = this.#peek();
    const compound = this.#compound(line);
    if (compound === undefined) return this.#simple();
    const redirects: Redirect[] = [];
    for (;;) {
      const redirect = this.#redirect();
      if (redirect === undefined) break;
      redirects.push(redirect);
    }
    if (redirects.length === 0) return compound;
    if (compound.type === 'subshell') return { ...compound, redirects };
    return { type: 'redirected', body: compound, redirects, line };
  }

  #compound(line: number): Node | undefined {
    if (this.#skipOperator('(')) {
      const body = this.#body(')');
      if (!this.#skipOperator(')')) throw this.#unexpected(this.#peek(), '")"');
      return { type: 'subshell', body, redirects: [], line };
    }
    const token = this.#peek();
    const keyword = bareText(token);
    switch (keyword) {
      case '{': {
        this.#take();
        const body = this.#body('}');
        this.#expectKeyword('}');
        return body;
      }
      case 'if':
        this.#take();
        return this.#if();
      case 'while':
      case 'until': {
        this.#take();
        const test = this.#body('do');
        return { type: 'while', until: keyword === 'until', test, body: this.#loopBody() };
      }
      case 'for':
        this.#take();
        return this.#for(line);
      case 'case':
        this.#take();
        return this.#case(line);
      case 'function':
        if (!this.#reader.isBash) return undefined;
        this.#take();
        return this.#bashFunction(line);
      default:
        if (keyword !== undefined && isKeyword(keyword)) throw this.#unexpected(token);
        return undefined;
    }
  }

  #if(): Node {
    const test = this.#body('then');
    this.#expectKeyword('then');
    const then = this.#body('fi');
    if (this.#skipKeyword('elif')) return { type: 'if', test, then, otherwise: this.#if() };
    const otherwise = this.#skipKeyword('else') ? this.#body('fi') : undefined;
    this.#expectKeyword('fi');
    return { type: 'if', test, then, otherwise };
  }

  #loopBody(): Node {
    this.#expectKeyword('do');
    const body = this.#body('done');
    this.#expectKeyword('done');
    return body;
  }

  #for(line: number): Node {
    const variable = bareText(this.#take());
    if (variable === undefined || !isName(variable)) {
      throw new ShellSyntaxError(this.#reader.line, 'Bad for loop variable');
    }
    this.#skipNewlines();
    let words: Word[] = [[{ type: 'double', parts: [parameterAt()] }]];
    if (this.#skipKeyword('in')) {
      words = [];
      for (let token = this.#take(); ; token = this.#take()) {
        if (token.type === 'word') words.push(token.word);
        else if (token.type === 'newline' || (token.type === 'operator' && token.operator === ';')) break;
        else throw this.#unexpected(token);
      }
    } else {
      this.#skipOperator(';');
    }
    this.#skipNewlines();
    return { type: 'for', variable, words, body: this.#loopBody(), line };
  }

  #case(line: number): Node {
    const subject = this.#take();
    if (subject.type !== 'word') throw this.#unexpected(subject, 'word');
    this.#skipNewlines();
    this.#expectKeyword('in');
    const items: CaseItem[] = [];
    for (;;) {
      this.#skipNewlines();
      if (this.#skipKeyword('esac')) return { type: 'case', word: subject.word, items, line };
      items.push(this.#caseItem());
      this.#skipNewlines();
      if (this.#skipKeyword('esac')) return { type: 'case', word: subject.word, items, line };
      if (!this.#skipOperator(';;')) throw this.#unexpected(this.#peek(), '";;"');
    }
  }

  #caseItem(): CaseItem {
    this.#skipOperator('(');
    const patterns: Word[] = [];
    do {
      const pattern = this.#take();
      if (pattern.type !== 'word') throw this.#unexpected(pattern);
      patterns.push(pattern.word);
    } while (this.#skipOperator('|'));
    if (!this.#skipOperator(')')) throw this.#unexpected(this.#peek(), '")"');
    return { patterns, body: sequence(this.#list()) };
  }

  #simple(): Node {
    const { line } = this.#peek();
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      const redirect = this.#redirect();
      if (redirect !== undefined) {
        redirects.push(redirect);
        continue;
      }
      if (words.length === 0) this.#replaceAliases();
      const token = this.#peek();
      if (token.type === 'word') {
        this.#take();
        const assignment = words.length === 0 ? assignmentOf(token.word) : undefined;
        if (assignment === undefined) words.push(token.word);
        else assignments.push(assignment);
        continue;
      }
      const alone = words.length === 1 && assignments.length === 0 && redirects.length === 0;
      if (alone && this.#isOperator('(')) return this.#function(words, line);
      if (words.length === 0 && assignments.length === 0 && redirects.length === 0) throw this.#unexpected(token);
      return { type: 'simple', assignments, words, redirects, line };
    }
  }

  #function([word]: readonly Word[], line: number): Node {
    this.#take();
    if (!this.#skipOperator(')')) throw this.#unexpected(this.#peek(), '")"');
    const part = word?.length === 1 ? word[0] : undefined;
    const name = part?.type === 'text' ? part.text : '';
    if (!isName(name) || isSpecialBuiltin(name)) throw new ShellSyntaxError(this.#reader.line, 'Bad function name');
    this.#skipNewlines();
    return { type: 'function', name, body: this.#command(), line };
  }

  /** bash's `function name`, with or without `()` behind it. */
  #bashFunction(line: number): Node {
    const name = bareText(this.#take()) ?? '';
    if (!/^[^\s$'"\\&;|<>()]+$/.test(name)) throw new ShellSyntaxError(this.#reader.line, 'Bad function name');
    if (this.#skipOperator('(') && !this.#skipOperator(')')) throw this.#unexpected(this.#peek(), '")"');
    this.#skipNewlines();
    return { type: 'function', name, body: this.#command(), line };
  }

  #redirect(): Redirect | undefined {
    const token = this.#peek();
    if (token.type !== 'redirect') return undefined;
    this.#take();
    const target = this.#take();
    if (target.type !== 'word') throw this.#unexpected(target);
    const { descriptor, operator } = token;
    if (operator !== '<<' && operator !== '<<-') return { descriptor, operator, target: target.word };
    const redirect: Redirect = { descriptor, operator: '<<', target: [] };
    this.#documents.expect(redirect, target.word, operator === '<<-');
    return redirect;
  }
}

function parameterAt(): Word[number] {
  return { type: 'parameter', name: '@', operator: '', colon: false, word: [] };
}

function sequence(commands: readonly Node[]): Node | undefined {
  return commands.length > 1 ? { type: 'sequence', commands } : commands[0];
}

function assignmentOf(word: Word): Assignment | undefined {
  const [first, ...rest] = word;
  const found = first?.type === 'text' ? /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(first.text) : null;
  if (first?.type !== 'text' || found?.[1] === undefined) return undefined;
  const text = first.text.slice(found[0].length);
  return { name: found[1], value: text === '' ? rest : [{ type: 'text', text }, ...rest] };
}
