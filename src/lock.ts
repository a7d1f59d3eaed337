import { openStore } from './archive/store.js';
import type { PackageUniverse } from './archive/types.js';
import { configFor } from './build/lock-config.js';
import { announceUse } from './build/scratch.js';
import { createStepClock } from './build/steps.js';
import type { LockOptions, PlanOptions } from './build-types.js';
import { keepUp } from './cache/upkeep.js';
import { KoalaError } from './formats/errors.js';
import { mendingIndices, openTransport, openUniverse, type Tools } from './plan.js';
import { agreeing, disagreements } from './solve/lock/agreement.js';
import type { Lock } from './solve/lock/types.js';
import { type FormerArchive, lockOf } from './solve/lock/write.js';
import { solve } from './solve/solve.js';
import type { Plan, SolveRequest } from './solve/types.js';

/** How the packages of an architecture are chosen. */
export interface Chooser {
  choose(request: SolveRequest, universe: PackageUniverse): Plan | Promise<Plan>;
  /** Of packages that are in none of the indices. */
  readonly formerArchive?: FormerArchive;
}

/**
 * Chooses the packages of a profile for several architectures and writes the choice down.
 *
 * @throws KoalaError with a message for the user; `solve` where architectures would get different versions
 */
export async function lock(options: LockOptions): Promise<Lock> {
  return withTools(options, (tools) => lockWith({ choose: solve }, options, tools));
}

/** Opens what choosing needs, and closes it again. */
export async function withTools<T>(options: LockOptions, action: (tools: Tools) => Promise<T>): Promise<T> {
  const store = await openStore(options.cacheDir);
  const use = await announceUse(options.cacheDir, options);
  const transport = openTransport(options);
  try {
    const tools = { store, transport, clock: createStepClock(options.onEvent) };
    return await mendingIndices(options.onEvent, () => action(tools));
  } finally {
    await transport.close();
    await use.remove();
    await keepUp(store, options);
  }
}

export async function lockWith(chooser: Chooser, options: LockOptions, tools: Tools): Promise<Lock> {
  const opened = [];
  // One after the other: what one has fetched, the next finds in the store.
  for (const architecture of options.architectures) {
    opened.push(await openUniverse(choiceFor(options, architecture), tools));
  }
  const universes = agreeing(opened.map(({ universe }) => universe));
  const planned = await Promise.all(
    opened.map(async ({ request, ...one }, at) => {
      return { ...one, plan: await chooser.choose(request, universes[at] ?? one.universe) };
    }),
  );
  checkAgreement(
    planned.map(({ plan }) => plan),
    options,
  );
  return lockOf(await configFor(options), planned, chooser.formerArchive);
}

export function choiceFor(options: LockOptions, architecture: string): PlanOptions {
  return { ...options, architecture };
}
function checkAgreement(plans: Parameters<typeof disagreements>[0], options: LockOptions): void {
  const found = disagreements(plans).map(({ name, versions }) => {
    return `${name}: ${versions.map(({ architecture, version }) => `${version} (${architecture})`).join(', ')}`;
  });
  if (found.length === 0) return;
  if (options.allowDifferences) {
    for (const text of found) options.onEvent({ type: 'warning', text: `versions differ: ${text}` });
    return;
  }
  const [is, those] = found.length === 1 ? ['1 package has', 'it'] : [`${found.length} packages have`, 'them'];
  throw new KoalaError('solve', `cannot lock ${options.architectures.join(', ')} together: ${is} different versions`, {
    details: found,
    hint: `lock each architecture on its own, or allow ${those} with --allow-differences`,
  });
}
