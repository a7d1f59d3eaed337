import { parentOf } from '../formats/path.js';
import { readText } from '../rootfs/content.js';
import { editTree } from '../rootfs/editor.js';
import { type Diversion, type MergeInput, mergePackages } from '../rootfs/merge.js';
import type { Architectures } from './architectures.js';
import { DebconfDatabase } from './effects/debconf-database.js';
import { DIVERSIONS, parseDiversions } from './effects/dpkg-divert.js';
import { TriggerQueue } from './effects/state.js';
import { controlFile, membersOf } from './installed.js';
import { runMaintainerScript } from './maintainer-script.js';
import { commandsFor, isAlwaysThere } from './policy.js';

const REHEARSAL = { type: 'effect', name: 'rehearsal', package: undefined } as const;

/**
 * The diversions that preinst scripts make: dpkg has them before it unpacks the package, and the tree of a set needs them before
 * anything is laid into it. The scripts that may divert something are rehearsed over a tree of nothing but the layout.
 */
export function preinstDiversions(
  packages: readonly MergeInput[],
  { native, foreign }: Architectures,
  epoch: number,
): Diversion[] {
  const tree = mergePackages([], native, epoch, foreign);
  editTree(tree, REHEARSAL, epoch).directory(parentOf(DIVERSIONS));
  const members = membersOf(packages);
  const world = {
    tree,
    epoch,
    architecture: native,
    commands: commandsFor('full'),
    alwaysThere: isAlwaysThere,
    debian: {
      packages: members.map(({ installed }) => installed),
      triggers: new TriggerQueue(),
      debconf: new DebconfDatabase(),
    },
  };
  for (const { input, installed } of members) {
    const text = controlFile(input, 'preinst');
    if (text?.includes('dpkg-divert') !== true) continue;
    runMaintainerScript(world, { owner: installed, name: 'preinst', text, args: ['install'] });
  }
  return parseDiversions((readText(tree, DIVERSIONS) ?? '').split('\n'));
}
