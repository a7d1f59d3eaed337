import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { keepBytes, readBlockFile, touchBlockFile } from '../archive/block-file.js';
import { entryPath } from '../archive/layout.js';
import type { Store } from '../archive/store.js';
import type { ScriptAudit } from '../configure/audit.js';
import type { ConfigureState } from '../configure/configured.js';
import { discard } from '../files/discard.js';
import type { Diversion, MergeInput } from '../rootfs/merge.js';
import { type ContentSource, type PackedNodes, packNodes, unpackNodes } from '../rootfs/packed.js';
import { Tree } from '../rootfs/tree.js';
import type { StepClock } from './steps.js';

/** All that the stages that follow one build on. */
export interface AfterStage {
  readonly tree: Tree;
  readonly state: ConfigureState;
  /** What became of the maintainer scripts so far. */
  readonly scripts: readonly ScriptAudit[];
  /** Those that the tree depends on, if any. */
  readonly diversions: readonly Diversion[] | undefined;
}

/** The same, as it is kept. */
interface KeptStage extends Pick<AfterStage, 'scripts' | 'diversions'> {
  /** The tree, and what is beside it. */
  readonly nodes: PackedNodes;
  readonly state: ConfigureState;
  /** Where the entries beside the tree belong. */
  readonly beside: readonly string[];
}

/** A stage that was configured now. */
export interface FreshStage {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** Of files that scripts and profiles write; with more it takes longer than it is worth. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * What a stage left, as bytes.
 *
 * @param packages those so far
 * @returns undefined where it cannot be kept
 */
export function packStage(after: AfterStage, packages: readonly MergeInput[]): Uint8Array | undefined {
  const { tree, state, scripts, diversions } = after;
  const taken = state.scripts?.taken ?? [];
  const sources = new Map(sourcesOf(packages).map((source, at) => [source, at]));
  try {
    const nodes = packNodes([tree.root, ...taken.map(([, node]) => node)], sources, MAX_BYTES);
    const kept: KeptStage = {
      nodes,
      state: withTaken(state, []),
      beside: taken.map(([path]) => path),
      scripts,
      diversions,
    };
    return serialize(kept);
  } catch {
    return undefined;
  }
}

/** @throws Error where these are no such bytes */
function unpackStage(bytes: Uint8Array, packages: readonly MergeInput[]): AfterStage {
  const { nodes, state, beside, scripts, diversions } = deserialize(bytes) as KeptStage;
  const [root, ...others] = unpackNodes(nodes, sourcesOf(packages));
  if (root?.type !== 'directory' || others.length !== beside.length) throw new Error('it is no tree');
  const taken = others.map((node, at) => [beside[at] ?? '', node] as const);
  return { tree: new Tree(root.owner, root.mtime, root), state: withTaken(state, taken), scripts, diversions };
}

/** Files of packages, and those of their control members, which dpkg's database has. */
function sourcesOf(packages: readonly MergeInput[]): ContentSource[] {
  return packages.flatMap(({ unpacked: { spool, control } }) => [
    spool,
    ...[...control.values()].map(({ bytes }) => bytes),
  ]);
}

function withTaken(state: ConfigureState, taken: NonNullable<ConfigureState['scripts']>['taken']): ConfigureState {
  return state.scripts === undefined ? state : { ...state, scripts: { ...state.scripts, taken } };
}

/** What it takes to take a stage. */
interface Surroundings {
  /** Those so far. */
  readonly packages: readonly MergeInput[];
  /** Those that there are now. */
  readonly diversions: () => Promise<readonly Diversion[]>;
  readonly clock: StepClock;
}

/** Takes what an earlier build kept of a stage; undefined where there is nothing. What is damaged is thrown away. */
export async function takeStage(
  store: Store,
  key: string,
  { packages, diversions, clock }: Surroundings,
): Promise<AfterStage | undefined> {
  const path = entryPath(store.directory, 'stages', key);
  const after = clock.part('tree', () => readStage(path, key, packages));
  if (after?.diversions !== undefined && !isDeepStrictEqual(after.diversions, await diversions())) return undefined;
  if (after !== undefined) await touchBlockFile(path);
  return after;
}

function readStage(path: string, key: string, packages: readonly MergeInput[]): AfterStage | undefined {
  try {
    return unpackStage(readBlockFile(path, key), packages);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') discard(path);
    return undefined;
  }
}

/** Keeps stages for later builds. Where that fails, they just are not kept. */
export async function keepStages(store: Store, stages: readonly FreshStage[]): Promise<void> {
  for (const { key, bytes } of stages) {
    await keepBytes(store, entryPath(store.directory, 'stages', key), bytes, key);
  }
}
