import type { AddedAccounts } from './accounts.js';
import type { ScriptsState } from './run-scripts.js';

/** The packages that decide on earlier stages as well, by whether the tree will have them in the end. */
export const DECIDING = ['dpkg', 'base-passwd'] as const;

export type Deciding = (typeof DECIDING)[number];

/** What is kept from one stage to the next, and is neither in the tree nor what the stages add. */
export interface ConfigureState {
  /** How many of the profiles, the last ones, have accounts that wait for base-passwd. */
  readonly waiting: number;
  /** Lines of account files that profiles have added. */
  readonly added: AddedAccounts;
  /** Undefined where no scripts are run. */
  readonly scripts: ScriptsState | undefined;
}
