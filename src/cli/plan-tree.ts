import { type Edge, graphOf, isRoot, type PlanNode } from '../build/plan-graph.js';
import type { Plan } from '../solve/types.js';
import { reasonText } from './plan-words.js';
import { clip, type Look, printable, styled } from './text.js';

const LINES = {
  unicode: { fork: '├─ ', last: '└─ ', through: '│  ', blank: '   ' },
  ascii: { fork: '|- ', last: '`- ', through: '|  ', blank: '   ' },
};

/**
 * For each stage what it asks for, and below each package what that needs. A package is shown with what it needs once, in
 * the first place that needs it; elsewhere it is marked as `above`, or with the earlier stage that has it.
 *
 * @param columns the width to cut lines to; Infinity cuts nothing
 */
export function formatPlanTree(plan: Plan, look: Look, columns: number): string {
  const marks = look.unicode ? LINES.unicode : LINES.ascii;
  const nodes = graphOf(plan);
  const seen = new Set<PlanNode>();
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(clip(line.trimEnd(), columns, look));

  const show = (node: PlanNode, title: string, lead: string, below: string): void => {
    const isKnown = seen.has(node);
    seen.add(node);
    say(`${lead}${title}${isKnown && node.needs.length > 0 ? ' (above)' : ''}`);
    if (isKnown) return;
    for (const [at, edge] of node.needs.entries()) showNeed(edge, at === node.needs.length - 1, below);
  };
  const showNeed = ({ by, to, type }: Edge, isLast: boolean, below: string): void => {
    const lead = below + (isLast ? marks.last : marks.fork);
    const kind = type === 'depends' ? '' : ` [${type}]`;
    if (to.stage === by.stage) show(to, titleOf(to) + kind, lead, below + (isLast ? marks.blank : marks.through));
    else say(`${lead}${to.title} (in ${to.stage})${kind}`);
  };

  for (const stage of plan.stages) {
    const own = nodes.filter((node) => node.stage === stage.name);
    lines.push(styled('bold', clip(printable(stage.name, look), columns, look), look));
    const roots = own.filter(isRoot);
    for (const node of roots) {
      const why = printable(reasonText(node.reason, node.title), look);
      show(node, `${titleOf(node)}, ${why}`, '', '');
    }
    // What only packages of other stages brought in.
    for (const node of own) if (!seen.has(node)) show(node, titleOf(node), '', '');
    lines.push('');
  }
  return lines
    .slice(0, -1)
    .map((line) => `${line}\n`)
    .join('');
}

function titleOf({ title, record }: PlanNode): string {
  return `${title} ${record.version}`;
}
