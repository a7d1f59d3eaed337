import { packageName } from '../archive/package-name.js';
import type { PackageRecord, PackageUniverse } from '../archive/types.js';
import { KoalaError } from '../formats/errors.js';
import { type Alternatives, formatAlternatives, formatRelation, type Relation } from '../formats/relation.js';
import { minimise } from './contradiction.js';
import { nearNames } from './near-names.js';
import type { Problem } from './problem.js';
import { siblingClash, standsFor } from './relations.js';
import type { Clause } from './search.js';
import type { Clash } from './selection.js';

/**
 * The error that says why a stage has no solution. Its details are a proof: what was asked, what that needs, in the order
 * in which one leads to the other, and last where it breaks; with any line less there might be a solution.
 *
 * @param contradiction clauses that cannot all hold
 */
export function explain(problem: Problem, contradiction: readonly Clause[], universe: PackageUniverse): KoalaError {
  const proof = inReadingOrder(minimise(contradiction));
  const lines = proof.flatMap((clause) => linesOf(clause, problem, universe));
  const fromBase = proof.find(({ ground }) => ground.type === 'base');
  const place =
    fromBase?.ground.type === 'base'
      ? `put stage ${problem.stage} on top of ${problem.base.get(fromBase.ground.record)}`
      : `resolve stage ${problem.stage}`;
  const near = proof.flatMap(({ ground }) =>
    ground.type === 'demand' ? unknownNames(ground.demand.alternatives, universe) : [],
  );
  const suggestions = near.flatMap((name) => nearNames(name, universe.names()));
  return new KoalaError('solve', `cannot ${place}: ${lines.at(-1)}`, {
    details: lines,
    ...(suggestions.length === 0 ? {} : { hint: `did you mean ${suggestions.join(' or ')}?` }),
  });
}

/** What was asked, then what each needs, breadth first, and the conflicts between them last. */
function inReadingOrder(clauses: readonly Clause[]): readonly Clause[] {
  const ordered = clauses.filter(({ ground }) => ground.type === 'demand' || ground.type === 'base');
  for (const { wanted } of ordered) {
    for (const record of wanted) {
      for (const clause of clauses) {
        if (clause.ground.type !== 'requirement' || clause.ground.by !== record || ordered.includes(clause)) continue;
        ordered.push(clause);
      }
    }
  }
  const broken = ordered.filter(({ wanted }) => wanted.length === 0);
  return [
    ...ordered.filter(({ wanted }) => wanted.length > 0),
    ...broken,
    ...clauses.filter(({ ground }) => ground.type === 'clash'),
  ];
}

function linesOf({ ground, wanted }: Clause, problem: Problem, universe: PackageUniverse): string[] {
  const title = titleIn(problem);
  switch (ground.type) {
    case 'base':
      return [`${problem.base.get(ground.record)} has ${title(ground.record)}`];
    case 'clash':
      return [clashLine(ground.clash, title)];
    case 'requirement': {
      const { type, alternatives } = ground.requirement;
      const verb = type === 'pre-depends' ? 'pre-depends on' : 'depends on';
      return [
        `${title(ground.by)} ${verb} ${formatAlternatives(alternatives)}${providedBy(alternatives, wanted)}`,
        ...missing(alternatives, problem, universe),
      ];
    }
    case 'demand': {
      const { alternatives, reason } = ground.demand;
      const what = formatAlternatives(alternatives);
      const line =
        reason.type === 'essential'
          ? `stage ${problem.stage} takes ${what} as an essential package`
          : reason.type === 'priority'
            ? `stage ${problem.stage} takes ${what} as a package of priority ${reason.priority}`
            : `stage ${problem.stage} asks for ${what}${providedBy(alternatives, wanted)}`;
      return [line, ...missing(alternatives, problem, universe)];
    }
  }
}

/** Says which packages stand for names that are not their own. */
function providedBy(alternatives: Alternatives, wanted: readonly PackageRecord[]): string {
  const providers = wanted.filter((record) => alternatives.every(({ name }) => name !== record.name));
  return providers.length === 0 ? '' : ` (provided by ${providers.map(({ name }) => name).join(', ')})`;
}

function clashLine({ by, relation, other }: Clash, title: Title): string {
  if (relation === undefined) {
    const rule =
      siblingClash(by, other) === 'version' ? 'they are not of one version' : 'they are not both Multi-Arch: same';
    return `${title(by)} and ${title(other)} cannot be installed together: ${rule}`;
  }
  const verb = by.breaks.some((alternatives) => alternatives.includes(relation)) ? 'breaks' : 'conflicts with';
  const clash = `${title(by)} ${verb} ${formatRelation(relation)}`;
  if (other.name !== relation.name) return `${clash}, which ${title(other)} provides`;
  return relation.constraint === undefined ? clash : `${clash}, and ${other.name} is ${other.version}`;
}

/** For each alternative for which there is no candidate, what there is instead. */
function missing(alternatives: Alternatives, problem: Problem, universe: PackageUniverse): string[] {
  return alternatives.flatMap((relation) => {
    if (problem.standingFor([relation]).length > 0 && !problem.excludes(relation.name)) return [];
    return [absence(relation, problem, universe)];
  });
}

function absence(relation: Relation, problem: Problem, universe: PackageUniverse): string {
  const { name } = relation;
  const title = titleIn(problem);
  const wantedArchitecture = relation.qualifier ?? relation.asker;
  const foreign = problem.foreignArchitectures.find((architecture) => architecture === wantedArchitecture);
  const versions = universe.versions(name, foreign).map(({ record }) => record);
  const candidate = problem.candidateOf(name, foreign);
  const providers = universe.providing(name);
  const wanted = formatRelation(relation);
  const full = foreign === undefined ? name : `${name}:${foreign}`;
  if (problem.excludes(name)) return `${name} is excluded`;
  if (candidate !== undefined) {
    const other = versions.find((record) => standsFor(record, relation, problem.architecture));
    const place = problem.base.get(candidate);
    const before = place === undefined ? `${title(candidate)} goes before it` : `${place} has ${title(candidate)}`;
    if (other !== undefined) return `${wanted} is there as ${title(other)}, but ${before}`;
    if (place !== undefined) return `${wanted} is not there, and ${before}`;
    return `${wanted} is not there, only ${versions.map(title).join(', ')}`;
  }
  if (versions.length > 0)
    return `${full} is never chosen: the priority of ${versions.map(title).join(', ')} is below 0`;
  if (providers.length > 0) {
    const offers = providers.map((record) => {
      const offered = record.provides.flat().find((provided) => provided.name === name);
      const excluded = problem.excludes(record.name) ? ', which is excluded' : '';
      return `${offered === undefined ? name : formatRelation(offered)} of ${title(record)}${excluded}`;
    });
    return `${wanted} is not there, only ${offers.join(', ')}`;
  }
  return `there is no package ${full}`;
}

function unknownNames(alternatives: Alternatives, universe: PackageUniverse): string[] {
  return alternatives
    .map(({ name }) => name)
    .filter((name) => universe.versions(name).length === 0 && universe.providing(name).length === 0);
}

type Title = (record: PackageRecord) => string;

function titleIn({ architecture }: Problem): Title {
  return (record) => `${packageName(record, architecture)} ${record.version}`;
}
