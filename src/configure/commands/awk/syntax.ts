import type { Bytes } from '../../shell/types.js';

/*
 * The syntax tree of an awk program (POSIX.1-2017, awk, "Grammar").
 */

export type Target =
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'field'; readonly index: Expression }
  | { readonly type: 'element'; readonly array: string; readonly subscripts: readonly Expression[] };

export type Arithmetic = '+' | '-' | '*' | '/' | '%' | '^';
export type Comparison = '<' | '<=' | '==' | '!=' | '>' | '>=';

export type Expression =
  | Target
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly text: Bytes }
  | { readonly type: 'regex'; readonly source: Bytes }
  | { readonly type: 'in'; readonly array: string; readonly subscripts: readonly Expression[] }
  | {
      readonly type: 'assign';
      readonly target: Target;
      readonly operator: Arithmetic | undefined;
      readonly value: Expression;
    }
  | { readonly type: 'increment'; readonly target: Target; readonly by: 1 | -1; readonly before: boolean }
  | { readonly type: 'sign'; readonly operator: '!' | '-' | '+'; readonly operand: Expression }
  | {
      readonly type: 'arithmetic';
      readonly operator: Arithmetic;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly type: 'comparison';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: 'concatenation' | 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'match'; readonly negated: boolean; readonly text: Expression; readonly pattern: Expression }
  | {
      readonly type: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly type: 'builtin'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly type: 'getline';
      readonly from: { readonly type: 'file' | 'command'; readonly name: Expression } | undefined;
      readonly target: Target | undefined;
    }
  /** `(a, b)`, which is only right before `in` and behind `print`. */
  | { readonly type: 'list'; readonly items: readonly Expression[] };

/** Where `print` writes to, if not to the standard output. */
interface Output {
  readonly type: '>' | '>>' | '|';
  readonly name: Expression;
}

export type Statement =
  | { readonly type: 'expression'; readonly expression: Expression }
  | {
      readonly type: 'print' | 'printf';
      readonly args: readonly Expression[];
      readonly output: Output | undefined;
    }
  | { readonly type: 'block'; readonly body: readonly Statement[] }
  | {
      readonly type: 'if';
      readonly test: Expression;
      readonly then: Statement;
      readonly otherwise: Statement | undefined;
    }
  | { readonly type: 'while'; readonly test: Expression; readonly body: Statement }
  | { readonly type: 'do'; readonly test: Expression; readonly body: Statement }
  | {
      readonly type: 'for';
      readonly start: Statement | undefined;
      readonly test: Expression | undefined;
      readonly step: Statement | undefined;
      readonly body: Statement;
    }
  | { readonly type: 'each'; readonly variable: string; readonly array: string; readonly body: Statement }
  | { readonly type: 'delete'; readonly array: string; readonly subscripts: readonly Expression[] | undefined }
  | { readonly type: 'break' | 'continue' | 'next' | 'nextfile' }
  | { readonly type: 'exit' | 'return'; readonly value: Expression | undefined };

export interface AwkFunction {
  readonly parameters: readonly string[];
  readonly body: Statement;
}

/** An action, and for which records it runs: all, those for which `from` holds, or all from one to another. */
export interface Rule {
  readonly from: Expression | undefined;
  readonly to: Expression | undefined;
  readonly action: Statement;
}

export interface Program {
  readonly begin: readonly Statement[];
  readonly rules: readonly Rule[];
  readonly end: readonly Statement[];
  readonly functions: ReadonlyMap<string, AwkFunction>;
}

/** What is wrong with a program. */
export class AwkSyntaxError extends Error {
  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`);
  }
}
