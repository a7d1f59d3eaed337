import type { ArchiveSpec, Profile } from '../profile/types.js';
import { type Editor, editTree } from '../rootfs/editor.js';
import type { MergeInput } from '../rootfs/merge.js';
import type { Tree } from '../rootfs/tree.js';
import type { Owner } from '../rootfs/types.js';
import { addAccounts } from './accounts.js';
import type { Architectures } from './architectures.js';
import { writeDpkgDatabase } from './database/dpkg.js';
import { writeStatusDirectory } from './database/status-d.js';
import { writeAptSources } from './effects/apt-sources.js';
import { updateCaCertificates } from './effects/ca-certificates.js';
import { applyPaths } from './paths.js';
import { type PendingScripts, pendingScripts } from './scripts.js';

export interface ConfigureInput {
  readonly packages: readonly MergeInput[];
  readonly profile: Profile;
  /** The architecture that is built for, and those whose packages are there too; left out where there are none of these. */
  readonly architectures?: Architectures;
  /** The profile's archives with their suites filled in. */
  readonly archives: readonly ArchiveSpec[];
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
}

/**
 * Brings a merged tree to the state that configuring would have left, starting no program: the package database, the
 * effects of packages, then what the profile adds. Changes `tree`.
 *
 * @returns the packages with maintainer scripts that nothing here stands in for.
 * @throws KoalaError where an effect or the profile cannot be carried out.
 */
export function configure(tree: Tree, input: ConfigureInput): PendingScripts[] {
  const { packages, profile, archives, epoch, architectures } = input;
  const names = new Set(packages.map(({ record }) => record.name));
  const asEffect = (name: string, from?: string): Editor => {
    return editTree(tree, { type: 'effect', name, package: from }, epoch);
  };

  if (names.has('dpkg')) writeDpkgDatabase(asEffect('dpkg-database'), packages, architectures);
  else writeStatusDirectory(asEffect('status.d'), packages, architectures);
  if (names.has('ca-certificates')) updateCaCertificates(tree, asEffect('ca-certificates', 'ca-certificates'));
  if (names.has('apt')) writeAptSources(tree, asEffect('apt-sources', 'apt'), archives);

  const owner: Owner = { type: 'profile', name: profile.name };
  const asProfile = editTree(tree, owner, epoch);
  addAccounts(tree, asProfile, profile.accounts, epoch);
  applyPaths(tree, asProfile, profile.paths, owner);
  return pendingScripts(packages, architectures);
}
