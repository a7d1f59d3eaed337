import type { PackageRecord } from '../archive/types.js';
import type { Limits } from '../formats/limits.js';
import type { ArchiveSpec, PathMutation, Profile, ProfileLevel } from '../profile/types.js';
import { type Editor, editTree } from '../rootfs/editor.js';
import type { MergeInput } from '../rootfs/merge.js';
import type { Tree } from '../rootfs/tree.js';
import type { Owner } from '../rootfs/types.js';
import { type AddedAccounts, addAccounts } from './accounts.js';
import type { Architectures } from './architectures.js';
import type { ScriptAudit } from './audit.js';
import { trustCertificates } from './certificates.js';
import type { ConfigureState, Deciding } from './configured.js';
import { writeDpkgDatabase } from './database/dpkg.js';
import { writeStatusDirectory } from './database/status-d.js';
import { type ArchiveKeys, writeAptSources } from './effects/apt-sources.js';
import { writeExtendedStates } from './effects/extended-states.js';
import { applyPaths } from './paths.js';
import { scriptRunner, scriptsNotRun } from './run-scripts.js';
import { lendStaticAccounts } from './static-accounts.js';

/**
 * What decides on how a tree is configured. Its types say all that is looked at: configured stages are kept for builds in which
 * just that is the same (build/stage-keys.ts).
 */
export interface ConfigureInput {
  /** The names of all packages that the tree will have in the end. */
  readonly names: { has(name: Deciding): boolean };
  readonly profile: Pick<Profile, 'configure' | 'debconf'>;
  /** The architecture that is built for, and those whose packages are there too. */
  readonly architectures: Architectures;
  /** The archives that apt in the tree is to know, their suites filled in. */
  readonly archives: readonly ArchiveSpec[];
  /** The certificates of the archives' keyrings, likewise. */
  readonly keys?: ArchiveKeys;
  /** Those of the packages that are there only since others need them. */
  readonly automatic: ReadonlySet<PackageRecord>;
  /** Packages that are in the tree, configured, before the first stage; none unless given. */
  readonly installed?: readonly MergeInput[];
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
  readonly limits?: Partial<Limits> | undefined;
  /** Where the tree is what another configurer left after some stages: these, and its state, which is changed. */
  readonly before?: { readonly stages: readonly StageInput[]; readonly state: ConfigureState } | undefined;
}

/** What a stage adds. */
export interface StageInput {
  /** In the order in which dpkg would configure them. */
  readonly packages: readonly MergeInput[];
  /** The profiles whose accounts are there from this stage on. */
  readonly accountsOf: readonly Pick<ProfileLevel, 'name' | 'accounts'>[];
  /** The profiles whose last stage it is. */
  readonly pathsOf: readonly Pick<ProfileLevel, 'name' | 'paths' | 'certificates'>[];
}

interface StageConfigurer {
  /**
   * Configures what was just merged into the tree; for each stage in turn. Says what became of each maintainer script.
   *
   * @throws KoalaError where the profile cannot be carried out.
   */
  configure(stage: StageInput): ScriptAudit[];
  /** As it is now, and as it changes. */
  state(): ConfigureState;
}

/**
 * Brings a tree, stage after stage, to the state that configuring would have left, starting no program: the package database,
 * what the maintainer scripts do, then what the profile adds. Changes `tree`.
 *
 * What the set as a whole has, decides on the form of the database and on which scripts are carried out, from the first stage
 * on: a tree has one database, not one of each kind.
 */
export function stageConfigurer(tree: Tree, input: ConfigureInput): StageConfigurer {
  const { names, profile, architectures, archives, keys, automatic, installed = [], before, epoch, limits } = input;
  const asEffect = (name: string, from?: string): Editor => {
    return editTree(tree, { type: 'effect', name, package: from }, epoch);
  };
  const hasDpkg = names.has('dpkg');
  const mode = profile.configure ?? (hasDpkg ? 'full' : 'container');
  const earlier = before?.stages ?? [];
  const packages: MergeInput[] = [...installed, ...earlier.flatMap((stage) => stage.packages)];
  const scripts =
    mode === 'none'
      ? undefined
      : scriptRunner(tree, {
          architectures,
          epoch,
          mode,
          answers: profile.debconf,
          expectsDpkg: hasDpkg,
          installed: packages,
          before: before?.state.scripts,
          limits,
        });
  const levels = earlier.flatMap((stage) => stage.accountsOf);
  const waiting = levels.slice(levels.length - (before?.state.waiting ?? 0));
  const added: AddedAccounts = before?.state.added ?? new Set();
  const addWaiting = (): void => {
    for (const level of waiting.splice(0)) {
      addAccounts(tree, editTree(tree, ownerOf(level), epoch), level.accounts, epoch, added);
    }
  };

  const configure = (stage: StageInput): ScriptAudit[] => {
    packages.push(...stage.packages);
    waiting.push(...stage.accountsOf);
    const has = (name: string): boolean => packages.some(({ record }) => record.name === name);

    // What the tree has from below has a database already, which stays as it is where nothing comes to it.
    const addsPackages = installed.length === 0 || stage.packages.length > 0;
    if (addsPackages && hasDpkg) writeDpkgDatabase(asEffect('dpkg-database'), packages, architectures, stage.packages);
    else if (addsPackages) writeStatusDirectory(asEffect('status.d'), packages, architectures, stage.packages);
    // base-passwd makes its files only where there are none; elsewhere scripts find the profile's accounts.
    const hasAccounts = has('base-passwd');
    if (!names.has('base-passwd')) addWaiting();
    const lends = !hasAccounts && mode !== 'none' && stage.packages.length > 0;
    const giveBack = lends ? lendStaticAccounts(tree, asEffect('base-accounts')) : undefined;
    const audit = scripts?.run(stage.packages) ?? scriptsNotRun(stage.packages, architectures);
    giveBack?.();
    if (addsPackages && has('apt')) {
      // apt that was there before knows its archives.
      const isNew = !installed.some(({ record }) => record.name === 'apt');
      if (isNew) writeAptSources(tree, asEffect('apt-sources', 'apt'), archives, keys);
      const marked = packages.map(({ record }) => record).filter((record) => automatic.has(record));
      writeExtendedStates(asEffect('apt-mark', 'apt'), marked, architectures.native);
    }
    if (hasAccounts) addWaiting();
    for (const level of stage.pathsOf) {
      const owner = ownerOf(level);
      trustCertificates(tree, level.certificates, { owner, epoch, architecture: architectures.native });
      for (const mutation of level.paths) giveWay(tree, mutation, owner);
      applyPaths(tree, editTree(tree, owner, epoch), level.paths, owner);
    }
    return audit;
  };
  return { configure, state: () => ({ waiting: waiting.length, added, scripts: scripts?.state() }) };
}

function ownerOf({ name }: Pick<ProfileLevel, 'name'>): Owner {
  return { type: 'profile', name };
}

/** What a profile makes at a path comes in place of what one that it extends has made there. */
function giveWay(tree: Tree, { type, path }: PathMutation, owner: Owner): void {
  const node = tree.get(path);
  if (type === 'permissions' || type === 'busybox-applets') return;
  if (node?.owner.type !== 'profile' || node.owner.name === owner.name) return;
  if (node.type !== 'directory' || (type !== 'directory' && node.children.size === 0)) tree.remove(path);
}
