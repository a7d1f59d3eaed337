import { graphOf, type PlanNode } from '../build/plan-graph.js';
import type { Plan } from '../solve/types.js';

const STYLES = { 'pre-depends': ' [style=bold]', depends: '', recommends: ' [style=dashed]' };

/** The plan in graphviz's language: a cluster for each stage, an arrow for each dependency; Pre-Depends are bold. */
export function formatPlanDot(plan: Plan): string {
  const nodes = graphOf(plan);
  const clusters = plan.stages.flatMap(({ name }, at) => [
    `  subgraph cluster_${at} {`,
    `    label=${quoted(name)};`,
    ...nodes
      .filter(({ stage }) => stage === name)
      .map(({ title, record }) => `    ${idOf(record)} [label=${quoted(`${title}\n${record.version}`)}];`),
    '  }',
  ]);
  const arrows = nodes.flatMap(({ needs }) =>
    needs.map(({ by, to, type }) => `  ${idOf(by.record)} -> ${idOf(to.record)}${STYLES[type]};`),
  );
  return `${['digraph plan {', '  rankdir=LR;', '  node [shape=box];', ...clusters, ...arrows, '}'].join('\n')}\n`;
}

function idOf({ name, architecture }: PlanNode['record']): string {
  return quoted(`${name}:${architecture}`);
}

/** A quoted string of the DOT language: a line feed of a label is written `\n`, quotes and backslashes are escaped. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
