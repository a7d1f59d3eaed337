import type { Planned } from '../build-types.js';
import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { compareBytes } from '../formats/path.js';
import { didYouMean } from '../profile/nearest.js';
import type { Plan } from '../solve/types.js';
import { type Choice, type ChoiceArguments, choiceOf, type PackagesArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { formatPlanDot } from './plan-dot.js';
import { planJson } from './plan-json.js';
import { formatPlanTable } from './plan-table.js';
import { formatPlanTree } from './plan-tree.js';
import { noticesTo, type TalkArguments } from './progress.js';
import { lookOf, reportColumns } from './text.js';

/** The options of `plan` as the parser gives them. */
export interface PlanArguments extends ChoiceArguments, PackagesArguments, TalkArguments {
  readonly format: string | undefined;
  readonly tree: boolean;
  readonly json: boolean;
  readonly dot: boolean;
}

const FORMATS = ['table', 'tree', 'json', 'dot', 'names'] as const;
type Format = (typeof FORMATS)[number];

/** Shows what a build would install and why, and fetches none of it. The plan goes to standard output, all else to error. */
export async function runPlan(given: PlanArguments, io: Io, interruption: Interruption): Promise<void> {
  const format = formatGiven(given);
  const choice = await choiceOf(given, io);
  const planned = await io.plan({ ...choice, signal: interruption.signal, onEvent: noticesTo(io, given) });
  io.stdout.write(textOf(format, planned, choice, io));
}

function textOf(format: Format, planned: Planned, choice: Choice, io: Io): string {
  const look = lookOf(io.stdout, io.environment);
  const columns = reportColumns(io.stdout);
  switch (format) {
    case 'table':
      return formatPlanTable(planned, look, columns);
    case 'tree':
      return formatPlanTree(planned.plan, look, columns);
    case 'json':
      return jsonText(planJson(planned, choice));
    case 'dot':
      return formatPlanDot(planned.plan);
    case 'names':
      return formatNames(planned.plan);
  }
}

/** `name version architecture`, sorted by name. */
function formatNames(plan: Plan): string {
  const lines = plan.stages.flatMap(({ packages }) =>
    packages.map(({ record: { name, version, architecture } }) => `${name} ${version} ${architecture}\n`),
  );
  return lines.sort(compareBytes).join('');
}

function formatGiven({ format, tree, json, dot }: PlanArguments): Format {
  const flags = { tree, json, dot };
  const named = FORMATS.filter((known) => known === format || (known in flags && flags[known as keyof typeof flags]));
  if (format !== undefined && !FORMATS.some((known) => known === format)) {
    throw new KoalaError('usage', `cannot write the format ${JSON.stringify(format)}${didYouMean(format, FORMATS)}`, {
      hint: `known are ${FORMATS.join(', ')}`,
    });
  }
  if (named.length > 1) throw new KoalaError('usage', `cannot do both: ${named.join(' and ')} are formats`);
  return named[0] ?? 'table';
}
