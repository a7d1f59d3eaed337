import type { Command, Report, System } from '../../../src/configure/shell/types.js';
import { editTree } from '../../../src/rootfs/editor.js';
import { Tree } from '../../../src/rootfs/tree.js';
import type { Owner } from '../../../src/rootfs/types.js';

export const EPOCH = 1_700_000_000;
export const PACKAGE: Owner = { type: 'package', name: 'base' };

export interface SystemInput {
  readonly directories?: readonly string[];
  /** Content by path; all of them executable. */
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly commands?: Readonly<Record<string, Command>>;
  readonly budget?: Partial<System['budget']>;
  readonly alwaysThere?: readonly string[];
}

/** A small tree whose entries belong to the package `base`, and a system in which `demo`'s script runs. */
export function makeSystem(input: SystemInput = {}): { system: System; reports: Report[] } {
  const tree = new Tree(PACKAGE, EPOCH - 100);
  const editor = editTree(tree, PACKAGE, EPOCH - 100);
  for (const path of input.directories ?? []) editor.directory(path);
  for (const [path, content] of Object.entries(input.files ?? {})) editor.writeFile(path, content, { mode: 0o755 });
  for (const [path, target] of Object.entries(input.links ?? {})) editor.symlink(path, target);
  const reports: Report[] = [];
  const system: System = {
    tree,
    epoch: EPOCH,
    architecture: 'amd64',
    owner: { type: 'package', name: 'demo' },
    packageName: 'demo',
    commands: new Map(Object.entries(input.commands ?? {})),
    budget: { steps: 200_000, outputBytes: 10_000_000, memoryBytes: 50_000_000, ...input.budget },
    report: (event) => reports.push(event),
    alwaysThere: (name) => input.alwaysThere?.includes(name) === true,
  };
  return { system, reports };
}
