import type { MergeInput } from '../../src/rootfs/merge.js';
import type { Plan } from '../../src/solve/types.js';

/** A plan with these packages by their stages, all of them asked for. */
export function planOf(stages: Readonly<Record<string, readonly MergeInput[]>>): Plan {
  return {
    architecture: 'amd64',
    stages: Object.entries(stages).map(([name, inputs]) => ({
      name,
      packages: inputs.map(({ record }) => ({ record, reason: { type: 'asked', relation: record.name } as const })),
    })),
    unusedDrops: [],
    dropped: [],
  };
}
