import { type Limits, limitsOf } from '../formats/limits.js';
import type { DebconfAnswer } from '../profile/debconf.js';
import { editTree } from '../rootfs/editor.js';
import type { MergeInput } from '../rootfs/merge.js';
import { newDirectory, type Tree } from '../rootfs/tree.js';
import type { DirectoryNode } from '../rootfs/types.js';
import { type Architectures, nameIn } from './architectures.js';
import { notRun, type ScriptAudit, type ScriptName } from './audit.js';
import { DebconfDatabase, type DebconfState } from './effects/debconf-database.js';
import { TriggerQueue } from './effects/state.js';
import { controlFile, membersOf, type SetMember } from './installed.js';
import { runMaintainerScript, type ScriptWorld } from './maintainer-script.js';
import { phasesOf, preDependents } from './phases.js';
import { bringBack, commandsFor, isAlwaysThere, type TakenEntries, takeDpkgData } from './policy.js';
import { bytesOf } from './shell/bytes.js';
import { PendingTriggers } from './triggers.js';

interface ScriptsOptions {
  readonly architectures: Architectures;
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
  readonly mode: 'full' | 'container';
  /** Of the profile, to debconf's questions; none unless given. */
  readonly answers?: readonly DebconfAnswer[];
  /** Whether dpkg will be there in the end, although it may come in a later stage; false unless given. */
  readonly expectsDpkg?: boolean;
  readonly limits?: Partial<Limits> | undefined;
  /** Packages that are there, configured, before the first stage; none unless given. */
  readonly installed?: readonly MergeInput[];
  /** Where scripts of theirs ran: what became of them beside the tree. It is changed. */
  readonly before?: ScriptsState | undefined;
}

/** What is kept from the scripts of one stage to those of the next, and is neither in the tree nor with the packages. */
export interface ScriptsState {
  /** Triggers that nobody has heard of yet. */
  readonly triggers: readonly string[];
  readonly debconf: DebconfState;
  /** What dpkg's tools have for themselves, in a tree without dpkg. */
  readonly taken: TakenEntries;
}

interface StageScripts {
  /** Runs the scripts of a stage's packages, which are given in the order in which they are configured. */
  run(packages: readonly MergeInput[]): ScriptAudit[];
  /** As it is now, and as it changes. */
  state(): ScriptsState;
}

/** Triggers that activate each other for ever are a cycle, which dpkg gives up as well (dpkg's doc/triggers.txt). */
const MAX_ROUNDS = 10;

/**
 * Runs the maintainer scripts of a set as a fresh install does: first of Essential, then of the rest, each package's preinst,
 * then `config` and postinst in the order of configuration; at last postinst for the triggers that were activated, until none are. Changes `tree`.
 *
 * The tree has the files of all packages of the stage from the start, where dpkg would have unpacked one after the other: what a
 * bootstrap does as well, which extracts Essential before its scripts can run. dpkg stops at a script that fails; here the
 * others go on, and the audit tells, since most of what a set needs does not hang on the one script.
 *
 * @returns runs one stage after the other, and says what became of each script, in the order in which they ran; what debconf and
 * dpkg know is kept from one to the next.
 */
export function scriptRunner(
  tree: Tree,
  { architectures, epoch, mode, answers = [], expectsDpkg = false, installed = [], before, limits }: ScriptsOptions,
): StageScripts {
  const members = membersOf(installed);
  for (const member of members) member.installed.status = 'install ok installed';
  const triggers = new TriggerQueue(before?.triggers);
  const debconf = new DebconfDatabase(
    new Map(answers.map(({ question, value }) => [bytesOf(question), bytesOf(value)])),
    before?.debconf,
  );
  let taken = before?.taken ?? [];
  const run = (packages: readonly MergeInput[]): ScriptAudit[] => {
    const fresh = membersOf(packages);
    members.push(...fresh);
    bringBack(tree, taken);
    const world: ScriptWorld = {
      tree,
      epoch,
      architecture: architectures.native,
      commands: commandsFor(mode),
      limits: limitsOf(limits),
      alwaysThere: hasEssential(tree) ? undefined : isAlwaysThere,
      debian: { packages: members.map(({ installed }) => installed), triggers, debconf },
    };
    const audit = runStage(world, { members, fresh, architectures });
    const hasDpkg = expectsDpkg || members.some(({ installed }) => installed.name === 'dpkg');
    taken = hasDpkg ? [] : takeDpkgData(tree);
    return audit;
  };
  return { run, state: () => ({ triggers: triggers.waiting, debconf: debconf.state, taken }) };
}

interface StageMembers {
  /** Of this stage and of those before it. */
  readonly members: readonly SetMember[];
  readonly fresh: readonly SetMember[];
  readonly architectures: Architectures;
}

function runStage(world: ScriptWorld, { members, fresh, architectures }: StageMembers): ScriptAudit[] {
  const { tree, epoch, debian } = world;
  const audit: ScriptAudit[] = [];
  const run = (member: SetMember, name: ScriptName, args: readonly string[]): void => {
    const text = controlFile(member.input, name === 'triggered' ? 'postinst' : name);
    if (text === undefined) return;
    const became = runMaintainerScript(world, { owner: member.installed, name, text, args });
    audit.push({ ...became, package: nameIn(architectures, member.input.record) });
  };

  const unpack = (member: SetMember): void => {
    member.installed.status = 'install reinstreq half-installed';
    run(member, 'preinst', ['install']);
    member.installed.status = 'install ok unpacked';
  };
  if (fresh.some(({ installed }) => installed.name === 'base-files')) moveToRun(tree, epoch);
  const allowServices = forbidServices(tree, epoch);
  const [essential, others] = phasesOf(fresh);
  for (const phase of [essential, others]) {
    // Essential has nothing to rely on yet; any other package finds what it pre-depends on configured (Policy 7.2).
    const late = phase === others ? preDependents(others) : new Set<SetMember>();
    for (const member of phase) if (!late.has(member)) unpack(member);
    for (const { input } of phase) debian.debconf.load(controlFile(input, 'templates') ?? '');
    for (const member of phase) {
      if (late.has(member)) unpack(member);
      member.installed.status = 'install ok half-configured';
      run(member, 'config', ['configure', '']);
      run(member, 'postinst', ['configure', '']);
      member.installed.status = 'install ok installed';
    }
  }
  const pending = new PendingTriggers(members, fresh);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    for (const name of debian.triggers.drain()) pending.activate(name);
    const told = pending.take(members);
    if (told.length === 0) break;
    for (const { member, names } of told) run(member, 'triggered', ['triggered', names.join(' ')]);
  }
  allowServices();
  return audit;
}

/** Whether the tools that each script may rely on (Policy 3.8) are there; a set may have dpkg without them. */
function hasEssential(tree: Tree): boolean {
  return ['/usr/bin/dpkg', '/usr/bin/cp', '/usr/bin/sed'].every((path) => tree.get(path) !== undefined);
}

/**
 * Puts the file there that keeps services from being started, as every bootstrap does; scripts look whether it is there.
 *
 * @returns takes it away again, unless a package has brought its own.
 */
function forbidServices(tree: Tree, epoch: number): () => void {
  const path = tree.canonical('/usr/sbin/policy-rc.d');
  const parent = tree.get(path?.path.replace(/\/[^/]*$/, '') ?? '');
  if (path === undefined || path.node !== undefined || parent?.type !== 'directory') return () => {};
  const editor = editTree(tree, { type: 'effect', name: 'policy-rc.d', package: undefined }, epoch);
  editor.writeFile(path.path, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const ours = tree.get(path.path);
  return () => {
    if (tree.get(path.path) === ours) tree.remove(path.path);
  };
}

/**
 * What packages ship below /var/run and /var/lock goes to /run: base-files makes links of the two when it is configured, which
 * is before dpkg unpacks any package that is not Essential.
 */
function moveToRun(tree: Tree, epoch: number): void {
  const owner = { type: 'effect', name: 'legacy-run', package: 'base-files' } as const;
  for (const [from, to, mode] of [
    ['/var/lock', '/run/lock', 0o1777],
    ['/var/run', '/run', 0o755],
  ] as const) {
    const source = tree.get(from);
    if (source?.type !== 'directory' || source.children.size === 0 || tree.get('/run')?.type !== 'directory') continue;
    if (tree.get(to) === undefined) tree.set(to, newDirectory({ owner, mtime: epoch, mode }));
    const target = tree.get(to);
    if (target?.type === 'directory') moveChildren(source, target);
  }
}

function moveChildren(source: DirectoryNode, target: DirectoryNode): void {
  for (const [name, child] of source.children) {
    const there = target.children.get(name);
    if (there?.type === 'directory' && child.type === 'directory') moveChildren(child, there);
    else if (there === undefined) target.children.set(name, child);
  }
  source.children.clear();
}

/** The audit where a profile has no script run. */
export function scriptsNotRun(packages: readonly MergeInput[], architectures: Architectures): ScriptAudit[] {
  return packages.flatMap(({ record, unpacked }) =>
    (['preinst', 'postinst'] as const)
      .filter((script) => unpacked.control.has(script))
      .map((script) => notRun(nameIn(architectures, record), script)),
  );
}
