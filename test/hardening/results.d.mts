/** What stands in results.json: runs and inputs by kind, and those that went wrong and are not mended. */
export interface Results {
  readonly nextSeed: number;
  readonly faults: Readonly<
    Record<string, { readonly built: number; readonly refused: number; readonly stopped: number }>
  >;
  readonly fuzz: Readonly<Record<string, number>>;
  readonly wrong: readonly {
    readonly what: string;
    readonly how: 'wrong' | 'crash' | 'hang';
    readonly seed: number;
    readonly input?: string;
    readonly why: string;
    readonly commit: string;
  }[];
}

/** Results with the rows of a round added, each a line of JSON (test/faults/results.ts writes them). */
export function merged(results: Results, lines: string): Results;

/** Names of attacks by group, and how each test ended. */
export type Attacks = ReadonlyMap<string, readonly { readonly title: string; readonly status: string }[]>;

/** The text of docs/hardening.md. */
export function documentOf(results: Results, attacks: Attacks): string;
