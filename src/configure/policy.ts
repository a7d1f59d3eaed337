import type { Tree } from '../rootfs/tree.js';
import type { TreeNode } from '../rootfs/types.js';
import { CORE_COMMANDS } from './commands/core/registry.js';
import { GENERAL_COMMANDS } from './commands/registry.js';
import { CACHE_COMMANDS } from './effects/caches.js';
import { DEBIAN_COMMANDS } from './effects/registry.js';
import type { Command } from './shell/types.js';

const NO_MANAGER = 'a container has no service manager, and starts what it is told to start';

/**
 * What `configure: container` leaves out beside what no image has (effects/left-out.ts): commands, each with its reason.
 * debconf's databases and menus are written nowhere, whatever the profile says.
 */
const CONTAINER_COMMANDS: Readonly<Record<string, string>> = {
  'deb-systemd-helper': NO_MANAGER,
  systemctl: NO_MANAGER,
  'update-rc.d': NO_MANAGER,
};

/** Data of dpkg's tools, which nobody reads in a tree without dpkg. */
const DPKG_DATA = [
  '/var/lib/dpkg/alternatives',
  '/var/lib/dpkg/diversions',
  '/var/lib/dpkg/diversions-old',
  '/var/lib/dpkg/statoverride',
  '/var/lib/dpkg/statoverride-old',
];

/** Ours, those of Debian's tools in place of general ones of the same name. */
const ALL_COMMANDS: ReadonlyMap<string, Command> = new Map([...CORE_COMMANDS, ...GENERAL_COMMANDS, ...DEBIAN_COMMANDS]);

/** The commands that scripts find. */
export function commandsFor(mode: 'full' | 'container'): ReadonlyMap<string, Command> {
  if (mode === 'full') return ALL_COMMANDS;
  return new Map([...ALL_COMMANDS, ...Object.entries(CONTAINER_COMMANDS).map(leftOut)]);
}

function leftOut([command, why]: [string, string]): [string, Command] {
  return [
    command,
    ({ system, line, args }) => {
      system.report({ type: 'left-out', command, why, line });
      // So that a script does not go on as for a unit that is there.
      return args.includes('is-active') || args.includes('is-enabled') ? 1 : 0;
    },
  ];
}

/**
 * Scripts rely on Essential (Policy 3.8), which a set may be built without: they are to be carried out all the same, so that
 * there each command of ours counts as installed. Programs that make caches come with what reads the caches.
 */
export function isAlwaysThere(name: string): boolean {
  return (ALL_COMMANDS.has(name) && !CACHE_COMMANDS.has(name)) || name === 'sh' || name === 'dash';
}

/** Entries that were taken out of a tree. */
export type TakenEntries = readonly (readonly [path: string, node: TreeNode])[];

/** Takes away, from a tree without dpkg, what its tools kept for themselves while the scripts ran. */
export function takeDpkgData(tree: Tree): TakenEntries {
  return DPKG_DATA.flatMap((path) => {
    const node = tree.get(path);
    return node !== undefined && tree.remove(path) ? [[path, node] as const] : [];
  });
}

/** Puts it back, for scripts that run later. */
export function bringBack(tree: Tree, taken: TakenEntries): void {
  for (const [path, node] of taken) tree.set(path, node);
}
