import { type FileOwner, namesNear, ownerOf } from './build/file-owner.js';
import { graphOf, type PlanNode } from './build/plan-graph.js';
import type { TreeOptions } from './build-types.js';
import { withConfiguredTree } from './configured-tree.js';
import { KoalaError } from './formats/errors.js';
import { pathRules } from './rootfs/filters.js';
import { nearNames } from './solve/near-names.js';
import type { Plan } from './solve/types.js';

/** Why a file is in a tree: who brought it, and the packages among which that one is. */
interface FileReason {
  readonly file: FileOwner;
  readonly nodes: readonly PlanNode[];
}

/**
 * Makes a tree in memory, up to configuring, and tells who brought a file of it.
 *
 * @throws KoalaError with a message for the user; `tree` where nothing is at the path
 */
export async function whyFile(options: TreeOptions, path: string): Promise<FileReason> {
  return withConfiguredTree(options, async ({ tree, scripts, plan }) => {
    const { directory, names, missing } = namesNear(tree, path);
    const file = ownerOf(tree, path, scripts, pathRules(options.profile, []));
    if (file !== undefined) return { file, nodes: graphOf(plan) };
    const near = nearNames(missing, names).map((name) => `${directory === '/' ? '' : directory}/${name}`);
    throw new KoalaError('tree', `cannot say why ${path} is there: it is not`, {
      hint: near.length === 0 ? `${directory} is there` : `did you mean ${near.join(' or ')}?`,
    });
  });
}

/** The packages of a plan with all that they say of each other, whatever the plan was chosen from. */
export async function planWithRelations(options: TreeOptions): Promise<Plan> {
  return withConfiguredTree(options, async ({ plan }) => plan);
}
