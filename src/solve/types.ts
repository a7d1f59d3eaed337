import type { PackageRecord } from '../archive/types.js';
import type { Drop, Stage } from '../profile/types.js';

/** What the solver is asked. */
export interface SolveRequest {
  /** In order: each is resolved on top of those before it. */
  readonly stages: readonly Stage[];
  /** Further relations for the last stage, in Debian's syntax as in a stage. */
  readonly include: readonly string[];
  /** Names of packages that are never taken. */
  readonly exclude: readonly string[];
  /** What is there already, below the first stage: it stays as it is, and counts as installed. None unless given. */
  readonly installed?: readonly PackageRecord[];
}

/** The solver's answer: for each stage the packages that it adds to the stages before it. */
export interface Plan {
  readonly architecture: string;
  readonly stages: readonly PlannedStage[];
  /** Drops that met a relation, with the package whose dependency was left out. */
  readonly dropped: readonly { readonly drop: Drop; readonly by: string; readonly relation: string }[];
  /** Drops that met no relation of any package in the plan. */
  readonly unusedDrops: readonly Drop[];
}

export interface PlannedStage {
  readonly name: string;
  /** In the order in which dpkg would configure them: dependencies first, ties broken by name. */
  readonly packages: readonly PlannedPackage[];
}

interface PlannedPackage {
  readonly record: PackageRecord;
  readonly reason: Reason;
}

/** Why a package is in the plan. */
export type Reason =
  | { readonly type: 'asked'; readonly relation: string }
  | { readonly type: 'essential' }
  | { readonly type: 'priority'; readonly priority: string }
  | {
      readonly type: 'depends' | 'pre-depends' | 'recommends';
      /** The package that asks. */
      readonly by: string;
      readonly relation: string;
    };
