import type { Edge, PlanNode } from '../build/plan-graph.js';
import type { Plan, Reason } from '../solve/types.js';

/** A dependency that the profile leaves out: what, whose, and why. */
export function dropText({ drop, by, relation }: Plan['dropped'][number]): string {
  const what = relation === drop.package ? drop.package : `${drop.package} (${by} depends on ${relation})`;
  return `${what === drop.package ? `${what} (of ${by})` : what}: ${drop.reason}`;
}

/** Why a package is there: `asked for`, `libssl3t64 depends on libc6 (>= 2.34)`. */
export function reasonText(reason: Reason, name: string): string {
  switch (reason.type) {
    case 'asked':
      return reason.relation === name ? 'asked for' : `asked for as ${reason.relation}`;
    case 'essential':
      return 'essential';
    case 'priority':
      return `priority ${reason.priority}`;
    default:
      return `${reason.by} ${verbOf(reason.type)} ${reason.relation}`;
  }
}

/** The same in as few words as can be. */
export function shortReason(reason: Reason): string {
  switch (reason.type) {
    case 'asked':
      return 'asked for';
    case 'essential':
      return 'essential';
    case 'priority':
      return reason.priority;
    default:
      return `for ${reason.by}`;
  }
}

/** `base asks for libssl3t64 → depends on libc6 (>= 2.34)` */
export function chainText(target: PlanNode, chain: readonly Edge[], arrow: string): string {
  const start = chain[0]?.by ?? target;
  const links = chain.map(({ type, relation, to }) => `${verbOf(type)} ${resolved(relation, to)}`);
  return [rootText(start), ...links].join(` ${arrow} `);
}

function rootText(node: PlanNode): string {
  const { title, stage, reason } = node;
  switch (reason.type) {
    case 'essential':
      return `${stage} takes ${title} as an essential package`;
    case 'priority':
      return `${stage} takes ${title} for its priority, ${reason.priority}`;
    default:
      return `${stage} asks for ${reason.type === 'asked' ? resolved(reason.relation, node) : title}`;
  }
}

/** A relation, and the package that met it where that is not plain. */
function resolved(relation: string, { title }: PlanNode): string {
  const [named] = /^[a-z0-9+.-]+(?::(?!any\b)[a-z0-9-]+)?/.exec(relation) ?? [];
  const isPlain = !relation.includes('|') && named === title;
  return isPlain ? relation : `${relation}, which is ${title}`;
}

function verbOf(type: Edge['type']): string {
  return type === 'depends' ? 'depends on' : type === 'pre-depends' ? 'pre-depends on' : 'recommends';
}
