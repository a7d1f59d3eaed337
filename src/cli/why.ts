import { type Chains, chainsTo, graphOf, type PlanNode } from '../build/plan-graph.js';
import type { Planned } from '../build-types.js';
import { KoalaError } from '../formats/errors.js';
import { nearNames } from '../solve/near-names.js';
import { namesOf } from '../solve/relations.js';
import { type ChoiceArguments, choiceOf, type PackagesArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { chainText, dropText } from './plan-words.js';
import { noticesTo } from './progress.js';
import { lookOf, printable, styled, wrap } from './text.js';

/** What is asked of `why`, as the parser gives it. */
export interface WhyArguments extends ChoiceArguments, PackagesArguments {
  readonly package: string;
  readonly all: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const SHOWN = 5;
/** With `--all`; a chain is a line or two. */
const MOST = 1000;

/**
 * Shows the chains of dependencies that bring a package into a plan.
 *
 * @throws KoalaError `solve` where it is not in the plan, with what was dropped of it, who provides it, and near names
 */
export async function runWhy(given: WhyArguments, io: Io, interruption: Interruption): Promise<void> {
  const choice = await choiceOf(given, io);
  const planned = await io.plan({ ...choice, signal: interruption.signal, onEvent: noticesTo(io, given) });
  const nodes = graphOf(planned.plan);
  const wanted = given.package;
  const found = nodes.filter(({ title, record }) =>
    [title, record.name, `${record.name}:${record.architecture}`].includes(wanted),
  );
  if (found.length === 0) throw notThere(given.package, nodes, planned);
  const answers = found.map((node) => ({ node, ...chainsTo(node, given.all ? MOST : SHOWN) }));
  io.stdout.write(
    given.json ? `${JSON.stringify(answers.map(jsonOf), null, 2)}\n` : answers.map((one) => textOf(one, io)).join(''),
  );
}

type Answer = Chains & { readonly node: PlanNode };

function textOf({ node, chains, more }: Answer, io: Io): string {
  const look = lookOf(io.stdout, io.environment);
  const columns = io.stdout.columns || Number.POSITIVE_INFINITY;
  const lines = chains.flatMap((chain) =>
    wrap(printable(chainText(node, chain, look.unicode ? '→' : '->'), look), columns - 2).map(
      (line, at) => `${at === 0 ? '' : '  '}${line}`,
    ),
  );
  const rest = more ? [styled('dim', chains.length < MOST ? 'and more: --all shows them' : 'and more', look)] : [];
  return [styled('bold', `${node.title} ${node.record.version}, stage ${node.stage}`, look), ...lines, ...rest]
    .map((line) => `${line}\n`)
    .join('');
}

function jsonOf({ node: { title, record, stage, reason }, chains, more }: Answer): unknown {
  return {
    package: title,
    version: record.version,
    stage,
    reason,
    chains: chains.map((chain) =>
      chain.map(({ by, type, relation, to }) => ({ by: by.title, type, relation, package: to.title })),
    ),
    more,
  };
}

function notThere(name: string, nodes: readonly PlanNode[], { plan, universe }: Planned): KoalaError {
  const drops = plan.dropped.filter(({ drop }) => drop.package === name);
  const providers = nodes.filter(({ record }) => namesOf(record).has(name)).map(({ title }) => title);
  const [plain = name, architecture] = name.split(':');
  const foreign = architecture === universe.architecture ? undefined : architecture;
  const exists = universe.versions(plain, foreign).length > 0 || universe.providing(name).length > 0;
  const near = nearNames(name, new Set(nodes.map(({ title }) => title)));
  const others = near.length > 0 || exists ? near : nearNames(name, universe.names());
  return new KoalaError(
    'solve',
    `cannot say why ${name} is in the plan: it is not${exists ? '' : ', and no archive has it'}`,
    {
      details: [
        ...drops.map((one) => `left out on purpose: ${dropText(one)}`),
        ...providers.map((provider) => `${provider}, which provides it, is`),
      ],
      ...(others.length === 0 ? {} : { hint: `did you mean ${others.join(' or ')}?` }),
    },
  );
}
