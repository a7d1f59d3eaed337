import type { Bytes } from '../../shell/types.js';
import type { Regex } from '../regex/regex.js';

/** A line that a command is for; an expression that is undefined is the one used last. */
export type Address =
  | { readonly type: 'line'; readonly line: number }
  | { readonly type: 'step'; readonly first: number; readonly step: number }
  | { readonly type: 'last' }
  | { readonly type: 'regex'; readonly regex: Regex | undefined };

/** The end of a range: an address, `+N` lines after, or the next multiple of N. */
export type RangeEnd =
  | Address
  | { readonly type: 'after'; readonly count: number }
  | { readonly type: 'multiple'; readonly of: number };

type CaseChange = 'upper' | 'lower' | 'none' | 'upper-next' | 'lower-next';

export type ReplacementPart =
  | { readonly type: 'text'; readonly text: Bytes }
  | { readonly type: 'group'; readonly index: number }
  | { readonly type: 'case'; readonly change: CaseChange };

export interface Substitution {
  readonly regex: Regex | undefined;
  readonly replacement: readonly ReplacementPart[];
  readonly global: boolean;
  /** Which match is the first to be replaced. */
  readonly number: number;
  readonly print: boolean;
  readonly file: Bytes | undefined;
}

export type Action =
  | { readonly name: 's'; readonly substitution: Substitution }
  | { readonly name: 'y'; readonly map: ReadonlyMap<string, string> }
  | { readonly name: 'a' | 'i' | 'c'; readonly text: Bytes }
  | { readonly name: 'r' | 'R' | 'w' | 'W'; readonly file: Bytes }
  | { readonly name: 'q' | 'Q' | 'l'; readonly number: number | undefined }
  /** `target` is the command to go on with; a block's is where its `}` leads. */
  | { readonly name: 'b' | 't' | 'T' | '{'; target: number }
  | { readonly name: '}' | '=' | 'd' | 'D' | 'F' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x' | 'z' };

export interface SedCommand {
  readonly from: Address | undefined;
  readonly to: RangeEnd | undefined;
  readonly negated: boolean;
  readonly action: Action;
}

export interface SedScript {
  readonly commands: readonly SedCommand[];
  /** The script began with `#n`. */
  readonly quiet: boolean;
}
