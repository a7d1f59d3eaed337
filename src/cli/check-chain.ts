import { chainsTo, graphOf } from '../build/plan-graph.js';
import type { CheckReport } from '../build-types.js';
import { chainText } from './plan-words.js';

/** By which chain the package of a finding's first file came into the plan; undefined where there is none to tell. */
export function chainOf({ plan }: CheckReport): (name: string | undefined, arrow: string) => string | undefined {
  if (plan === undefined) return () => undefined;
  const nodes = new Map(graphOf(plan).map((node) => [node.title, node]));
  return (name, arrow) => {
    const node = name === undefined ? undefined : nodes.get(name);
    const [chain] = node === undefined ? [] : chainsTo(node, 1).chains;
    return node === undefined || chain === undefined ? undefined : chainText(node, chain, arrow);
  };
}
