export interface Comparison {
  readonly onlyOurs: readonly string[];
  readonly onlyTheirs: readonly string[];
  /** As many lines as both have. */
  readonly same: number;
}

export function compareTars(ours: string, theirs: string): Comparison;
export function differentInBoth(first: Comparison, second: Comparison): Comparison;
