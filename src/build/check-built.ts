import type { BuildOptions } from '../build-types.js';
import { type CheckSettings, checkTree, type TreeReport } from '../check/check-tree.js';
import type { ConfiguredTree } from '../configured-tree.js';
import { settingsOf } from './check-settings.js';
import { gapWarnings, refuseOpenTree } from './gap-warnings.js';

/**
 * Checks the tree of a build and warns of what is missing.
 *
 * @param gone what the rules took out of it
 * @returns undefined where nobody wants to know
 * @throws KoalaError `check` where the profile broke it, or, with `strict`, where it is open
 */
export async function checkBuilt(
  { tree, plan, clock }: Pick<ConfiguredTree, 'tree' | 'plan' | 'clock'>,
  options: Pick<BuildOptions, 'profile' | 'architecture' | 'check' | 'strict' | 'onEvent'>,
  gone: CheckSettings['gone'],
): Promise<TreeReport | undefined> {
  if (!options.check) return undefined;
  const report = await clock.run('check', () => checkTree(tree, settingsOf(options, plan, gone)));
  refuseOpenTree(report, options.strict);
  for (const text of gapWarnings(report)) options.onEvent({ type: 'warning', text });
  return report;
}
