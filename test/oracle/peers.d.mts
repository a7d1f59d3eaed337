import type { BuildSummary } from '../../src/index.js';

type Built = Pick<BuildSummary, 'suite' | 'architecture' | 'archives' | 'packages'>;

export const EPOCH: string;
export function mmdebstrap(summary: Built, tar: string): Promise<void>;
export class AptPeer {
  constructor(base: string, work: string, scratch: string);
  open(summary: Built): Promise<void>;
  install(packages: readonly string[], tar: string): Promise<void>;
}
