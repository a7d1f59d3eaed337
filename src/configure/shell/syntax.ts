import type { Bytes } from './types.js';

/*
 * The syntax tree of a POSIX shell script (POSIX.1-2017, Shell Command Language, 2.10), as dash understands it.
 */

/** A word in the order of its pieces; quotes are gone, what they meant is in the types. */
export type Word = readonly Part[];

export type Part =
  /** Without quotes: subject to tilde and pathname expansion. */
  | { readonly type: 'text'; readonly text: Bytes }
  /** `'…'` or a character behind a backslash. */
  | { readonly type: 'quoted'; readonly text: Bytes }
  /** `"…"`; the texts inside are quoted. */
  | { readonly type: 'double'; readonly parts: Word }
  | Parameter
  /** `$(…)` or backquotes. */
  | {
      readonly type: 'command';
      readonly body: Node | undefined;
      /** The lines before it, where its own begin at 1 again: in backquotes, as in dash. */
      readonly above: number;
    }
  /** `$((…))` */
  | { readonly type: 'arithmetic'; readonly parts: Word };

/** `:-` is `-` with `colon`; `bad` is an error only where it is expanded. */
export type ParameterOperator = '' | '-' | '=' | '?' | '+' | '%' | '%%' | '#' | '##' | 'length' | 'bad';

export interface Parameter {
  readonly type: 'parameter';
  readonly name: Bytes;
  readonly operator: ParameterOperator;
  readonly colon: boolean;
  readonly word: Word;
}

export type RedirectOperator = '<' | '>' | '>|' | '>>' | '<>' | '<&' | '>&' | '<<';

export interface Redirect {
  readonly descriptor: number;
  readonly operator: RedirectOperator;
  /** The file or descriptor; a here-document's text. Filled in when the here-document is read. */
  target: Word;
}

export interface Assignment {
  readonly name: Bytes;
  readonly value: Word;
}

export interface Simple {
  readonly type: 'simple';
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
  readonly line: number;
}

export interface CaseItem {
  readonly patterns: readonly Word[];
  readonly body: Node | undefined;
}

export interface FunctionDefinition {
  readonly type: 'function';
  readonly name: Bytes;
  readonly body: Node;
  readonly line: number;
}

export type Node =
  | Simple
  | FunctionDefinition
  | { readonly type: 'pipeline'; readonly commands: readonly Node[]; readonly line: number }
  | { readonly type: 'not'; readonly command: Node }
  /** `first && … || …`, from left to right. */
  | {
      readonly type: 'conditions';
      readonly first: Node;
      readonly rest: readonly { readonly operator: '&&' | '||'; readonly command: Node }[];
    }
  | { readonly type: 'sequence'; readonly commands: readonly Node[] }
  | { readonly type: 'background'; readonly command: Node; readonly line: number }
  | {
      readonly type: 'subshell';
      readonly body: Node;
      readonly redirects: readonly Redirect[];
      readonly line: number;
    }
  /** A compound command with redirections. */
  | {
      readonly type: 'redirected';
      readonly body: Node;
      readonly redirects: readonly Redirect[];
      readonly line: number;
    }
  | { readonly type: 'if'; readonly test: Node; readonly then: Node; readonly otherwise: Node | undefined }
  | { readonly type: 'while'; readonly until: boolean; readonly test: Node; readonly body: Node }
  | {
      readonly type: 'for';
      readonly variable: Bytes;
      readonly words: readonly Word[];
      readonly body: Node;
      readonly line: number;
    }
  | { readonly type: 'case'; readonly word: Word; readonly items: readonly CaseItem[]; readonly line: number };

/** A syntax error, or a nesting that no honest script has. */
export class ShellSyntaxError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(`Syntax error: ${message}`);
    this.name = 'ShellSyntaxError';
    this.line = line;
  }
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function isName(text: Bytes): boolean {
  return NAME.test(text);
}
