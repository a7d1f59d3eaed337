import type { PackageUniverse } from '../archive/types.js';
import { type Chains, chainsTo, graphOf, type PlanNode } from '../build/plan-graph.js';
import type { TreeOptions } from '../build-types.js';
import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { nearNames } from '../solve/near-names.js';
import { namesOf } from '../solve/relations.js';
import type { Plan } from '../solve/types.js';
import { type ChoiceArguments, choiceOrLock, type LockedArguments, type PackagesArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { epochOf, jobsOf } from './options.js';
import { chainText, dropText } from './plan-words.js';
import { noticesTo, type TalkArguments } from './progress.js';
import { lookOf, printable, reportColumns, styled, wrap } from './text.js';

/** What is asked of `why`, as the parser gives it. */
export interface WhyArguments extends ChoiceArguments, LockedArguments, PackagesArguments, TalkArguments {
  /** A name, or the absolute path of a file in the tree. */
  readonly package: string;
  readonly all: boolean;
  readonly json: boolean;
  readonly jobs: string | undefined;
}

const SHOWN = 5;
/** With `--all`; a chain is a line or two. */
const MOST = 1000;

/**
 * Shows the chains of dependencies that bring a package into a plan, or who brought a file into the tree, and then the same of
 * its package.
 *
 * @throws KoalaError `solve` where it is not in the plan, with what was dropped of it, who provides it, and near names; `tree`
 * for a file that is not there
 */
export async function runWhy(given: WhyArguments, io: Io, interruption: Interruption): Promise<void> {
  if (given.package.startsWith('/')) {
    const { runWhyFile } = await import('./why-file.js');
    return runWhyFile(given, io, interruption);
  }
  const chosen = await choiceOrLock(given, io);
  const onEvent = noticesTo(io, given);
  if (chosen.locked !== undefined) {
    const { planWithRelations } = await import('../why.js');
    const plan = await planWithRelations(treeOptions(given, chosen, io, interruption, onEvent));
    return answer(given, io, { plan, universe: undefined });
  }
  answer(given, io, await io.plan({ ...chosen.choice, signal: interruption.signal, onEvent }));
}

/** What a tree is made by, for a question about it. */
export function treeOptions(
  given: Pick<WhyArguments, 'jobs'>,
  { choice, locked }: Awaited<ReturnType<typeof choiceOrLock>>,
  io: Io,
  { signal }: Interruption,
  onEvent: TreeOptions['onEvent'],
): TreeOptions {
  return { ...choice, locked, jobs: jobsOf(given.jobs), epoch: epochOf(io.environment), signal, onEvent };
}

/** A plan, and what it was chosen from where that is known. */
interface Asked {
  readonly plan: Plan;
  readonly universe: PackageUniverse | undefined;
}

function answer({ package: name, all, json }: WhyArguments, io: Io, asked: Asked): void {
  const nodes = graphOf(asked.plan);
  const found = nodes.filter(({ title, record }) => {
    return [title, record.name, `${record.name}:${record.architecture}`].includes(name);
  });
  if (found.length === 0) throw notThere(name, nodes, asked);
  const answers = answersOf(found, all);
  io.stdout.write(json ? jsonText(answers.map(jsonOf)) : answers.map((one) => textOf(one, io)).join(''));
}

/** @param all whether more than the shortest chains are wanted */
export function answersOf(nodes: readonly PlanNode[], all: boolean): Answer[] {
  return nodes.map((node) => ({ node, ...chainsTo(node, all ? MOST : SHOWN) }));
}

/** Why a package is there. */
type Answer = Chains & { readonly node: PlanNode };

export function textOf({ node, chains, more }: Answer, io: Io): string {
  const look = lookOf(io.stdout, io.environment);
  const columns = reportColumns(io.stdout);
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

export function jsonOf({ node: { title, record, stage, reason }, chains, more }: Answer): unknown {
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

function notThere(name: string, nodes: readonly PlanNode[], { plan, universe }: Asked): KoalaError {
  const drops = plan.dropped.filter(({ drop }) => drop.package === name);
  const providers = nodes.filter(({ record }) => namesOf(record).has(name)).map(({ title }) => title);
  const [plain = name, architecture] = name.split(':');
  const foreign = architecture === universe?.architecture ? undefined : architecture;
  const exists =
    universe === undefined || universe.versions(plain, foreign).length > 0 || universe.providing(name).length > 0;
  const near = nearNames(name, new Set(nodes.map(({ title }) => title)));
  const others = near.length > 0 || exists ? near : nearNames(name, universe?.names() ?? []);
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
