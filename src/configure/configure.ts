import type { PackageRecord } from '../archive/types.js';
import type { ArchiveSpec, Profile } from '../profile/types.js';
import { type Editor, editTree } from '../rootfs/editor.js';
import type { MergeInput } from '../rootfs/merge.js';
import type { Tree } from '../rootfs/tree.js';
import type { Owner } from '../rootfs/types.js';
import { addAccounts } from './accounts.js';
import type { Architectures } from './architectures.js';
import type { ScriptAudit } from './audit.js';
import { writeDpkgDatabase } from './database/dpkg.js';
import { writeStatusDirectory } from './database/status-d.js';
import { type ArchiveKeys, writeAptSources } from './effects/apt-sources.js';
import { writeExtendedStates } from './effects/extended-states.js';
import { applyPaths } from './paths.js';
import { runScripts, scriptsNotRun } from './run-scripts.js';
import { lendStaticAccounts } from './static-accounts.js';

export interface ConfigureInput {
  /** In the order in which dpkg would configure them. */
  readonly packages: readonly MergeInput[];
  readonly profile: Profile;
  /** The architecture that is built for, and those whose packages are there too. */
  readonly architectures: Architectures;
  /** The archives that apt in the tree is to know, their suites filled in. */
  readonly archives: readonly ArchiveSpec[];
  /** The certificates of the archives' keyrings, for apt in the tree. */
  readonly keys?: ArchiveKeys;
  /** Those of the packages that are there only since others need them. */
  readonly automatic: readonly PackageRecord[];
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
}

/**
 * Brings a merged tree to the state that configuring would have left, starting no program: the package database, what the
 * maintainer scripts do, then what the profile adds. Changes `tree`.
 *
 * @returns what became of each maintainer script.
 * @throws KoalaError where the profile cannot be carried out.
 */
export function configure(tree: Tree, input: ConfigureInput): ScriptAudit[] {
  const { packages, profile, architectures, archives, keys, automatic, epoch } = input;
  const names = new Set(packages.map(({ record }) => record.name));
  const asEffect = (name: string, from?: string): Editor => {
    return editTree(tree, { type: 'effect', name, package: from }, epoch);
  };
  const owner: Owner = { type: 'profile', name: profile.name };
  const asProfile = editTree(tree, owner, epoch);

  if (names.has('dpkg')) writeDpkgDatabase(asEffect('dpkg-database'), packages, architectures);
  else writeStatusDirectory(asEffect('status.d'), packages, architectures);
  const mode = profile.configure ?? (names.has('dpkg') ? 'full' : 'container');
  // base-passwd makes its files only where there are none; elsewhere scripts find the profile's accounts.
  const hasAccounts = names.has('base-passwd');
  if (!hasAccounts) addAccounts(tree, asProfile, profile.accounts, epoch);
  const giveBack = hasAccounts || mode === 'none' ? undefined : lendStaticAccounts(tree, asEffect('base-accounts'));
  const audit =
    mode === 'none'
      ? scriptsNotRun(packages, architectures)
      : runScripts(tree, { packages, architectures, epoch, mode, answers: profile.debconf });
  giveBack?.();
  if (names.has('apt')) {
    writeAptSources(tree, asEffect('apt-sources', 'apt'), archives, keys);
    writeExtendedStates(asEffect('apt-mark', 'apt'), automatic, architectures.native);
  }
  if (hasAccounts) addAccounts(tree, asProfile, profile.accounts, epoch);
  applyPaths(tree, asProfile, profile.paths, owner);
  return audit;
}
