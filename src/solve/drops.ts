import { packageName } from '../archive/package-name.js';
import type { PackageRecord } from '../archive/types.js';
import { type Alternatives, formatAlternatives } from '../formats/relation.js';
import type { Drop, Stage } from '../profile/types.js';
import type { Plan, PlannedStage } from './types.js';

/** What a package needs of others: one of the alternatives. */
export interface Requirement {
  readonly type: 'pre-depends' | 'depends' | 'recommends';
  readonly alternatives: Alternatives;
}

/** What a package needs, dropped or not, in the order of apt's cache: Pre-Depends, Depends, Recommends if they are followed. */
export function requirementsOf(record: PackageRecord, recommends: boolean): Requirement[] {
  const typed = (type: Requirement['type'], relations: readonly Alternatives[]): Requirement[] =>
    relations.map((alternatives) => ({ type, alternatives }));
  return [
    ...typed('pre-depends', record.preDepends),
    ...typed('depends', record.depends),
    ...typed('recommends', recommends ? record.recommends : []),
  ];
}

/** The first of the drops that leaves out what a package needs. */
export function dropFor(
  record: PackageRecord,
  { alternatives }: Requirement,
  drops: readonly Drop[],
): Drop | undefined {
  return drops.find(
    (drop) =>
      (drop.from === undefined || drop.from === record.name) && alternatives.some(({ name }) => name === drop.package),
  );
}

/**
 * What was left out of a plan's packages on purpose: what a stage drops holds for it and those behind it.
 *
 * @param planned the stages of the plan, each at the place of its stage
 * @param architecture the one that is built for
 */
export function droppedIn(
  planned: readonly PlannedStage[],
  stages: readonly Stage[],
  architecture: string,
): Plan['dropped'] {
  return planned.flatMap(({ packages }, at) => {
    const drops = stages.slice(0, at + 1).flatMap((stage) => stage.drops);
    return packages.flatMap(({ record }) =>
      requirementsOf(record, stages[at]?.recommends ?? false).flatMap((requirement) => {
        const drop = dropFor(record, requirement, drops);
        const relation = formatAlternatives(requirement.alternatives);
        return drop === undefined ? [] : [{ drop, by: packageName(record, architecture), relation }];
      }),
    );
  });
}
