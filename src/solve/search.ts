import type { PackageRecord } from '../archive/types.js';
import type { Requirement } from './drops.js';
import type { Demand, Problem } from './problem.js';
import { siblingClash } from './relations.js';
import { ClauseSolver } from './sat.js';
import { type Clash, refusals, refuses, Selection } from './selection.js';

/** A fact that a solution has to respect; a contradiction is made of them. */
type Ground =
  | { readonly type: 'demand'; readonly demand: Demand }
  | { readonly type: 'base'; readonly record: PackageRecord }
  | { readonly type: 'requirement'; readonly by: PackageRecord; readonly requirement: Requirement }
  | { readonly type: 'clash'; readonly clash: Clash };

/** A fact as a clause: one of `wanted` is taken, or one of `unless` is not. */
export interface Clause {
  readonly ground: Ground;
  readonly unless: readonly PackageRecord[];
  readonly wanted: readonly PackageRecord[];
}

/**
 * Finds a solution where there is one: what is asked leads to clauses, which `ClauseSolver` satisfies; the packages of its
 * answer add the clauses of their own relations, until an answer brings no new package. Choices are made in the order of
 * `walk`, but what is forced is taken before anything is chosen.
 *
 * @returns the packages, perhaps too many, or clauses that contradict each other
 */
export function search(problem: Problem): Selection | readonly Clause[] {
  const solver = new ClauseSolver();
  const variables = new Variables();
  const clauses: Clause[] = [];
  const add = (clause: Clause): void => {
    solver.add(variables.literals(clause), clauses.length);
    clauses.push(clause);
  };

  const wishes = new Wishes(problem, variables);
  for (const record of problem.base.keys()) add({ ground: { type: 'base', record }, unless: [], wanted: [record] });
  for (const demand of problem.demands) {
    add({ ground: { type: 'demand', demand }, unless: [], wanted: demand.options });
  }
  for (;;) {
    const contradiction = solver.solve(() => wishes.next((literal) => solver.value(literal)));
    if (contradiction !== undefined) return [...contradiction].sort((a, b) => a - b).flatMap((at) => clauses[at] ?? []);
    const fresh = variables.records().filter((record, at) => solver.value(at + 1) === true && !wishes.knows(record));
    if (fresh.length === 0) {
      const taken = variables.records().filter((_, at) => solver.value(at + 1) === true);
      return new Selection(problem.architecture, taken);
    }
    for (const record of fresh) {
      wishes.learn(record);
      for (const clause of clausesOf(problem, record)) add(clause);
    }
  }
}

/** What follows from taking a package. */
function* clausesOf(problem: Problem, record: PackageRecord): Iterable<Clause> {
  for (const relation of refusals(record)) {
    for (const other of problem.refusedBy(relation)) {
      if (!refuses(record, relation, other, problem.architecture)) continue;
      const clash = { by: record, relation, other };
      yield { ground: { type: 'clash', clash }, unless: [record, other], wanted: [] };
    }
  }
  for (const other of problem.siblingsOf(record)) {
    if (siblingClash(record, other) === undefined) continue;
    yield {
      ground: { type: 'clash', clash: { by: record, relation: undefined, other } },
      unless: [record, other],
      wanted: [],
    };
  }
  for (const requirement of requirementsOf(problem, record)) {
    if (requirement.type === 'recommends') continue;
    const wanted = problem.standingFor(requirement.alternatives);
    yield { ground: { type: 'requirement', by: record, requirement }, unless: [record], wanted };
  }
}

/** A package of an earlier stage has all that it needs. */
function requirementsOf(problem: Problem, record: PackageRecord): readonly Requirement[] {
  return problem.base.has(record) ? [] : problem.requirementsOf(record);
}

/** Numbers packages from 1 in the order in which they come up. */
export class Variables {
  readonly #numbers = new Map<PackageRecord, number>();

  literals({ unless, wanted }: Pick<Clause, 'unless' | 'wanted'>): number[] {
    return [...unless.map((record) => -this.of(record)), ...wanted.map((record) => this.of(record))];
  }

  of(record: PackageRecord): number {
    let number = this.#numbers.get(record);
    if (number === undefined) {
      number = this.#numbers.size + 1;
      this.#numbers.set(record, number);
    }
    return number;
  }

  records(): PackageRecord[] {
    return [...this.#numbers.keys()];
  }
}

/** What is to be taken next: the first unmet requirement in depth-first order says it, Recommends among them. */
class Wishes {
  readonly #problem: Problem;
  readonly #variables: Variables;
  readonly #known = new Map<PackageRecord, readonly Wish[]>();
  readonly #demands: readonly Wish[];

  constructor(problem: Problem, variables: Variables) {
    this.#problem = problem;
    this.#variables = variables;
    this.#demands = problem.demands.map(({ options }) => ({ standing: options, options }));
  }

  knows(record: PackageRecord): boolean {
    return this.#known.has(record);
  }

  learn(record: PackageRecord): void {
    this.#known.set(
      record,
      requirementsOf(this.#problem, record).map(({ alternatives }) => ({
        standing: this.#problem.standingFor(alternatives),
        options: this.#problem.optionsFor(alternatives),
      })),
    );
  }

  next(value: (literal: number) => boolean | undefined): number | undefined {
    const visited = new Set<PackageRecord>();
    const path = [this.#demands.values()];
    for (let wishes = path.at(-1); wishes !== undefined; wishes = path.at(-1)) {
      const { value: wish } = wishes.next();
      if (wish === undefined) {
        path.pop();
        continue;
      }
      const taken = wish.standing.find((option) => value(this.#variables.of(option)) === true);
      if (taken !== undefined) {
        if (!visited.has(taken)) path.push((this.#known.get(taken) ?? []).values());
        visited.add(taken);
      } else {
        // Of a requirement that has to be met an option is open; where none is, it was a Recommends.
        for (const option of wish.options) {
          const literal = this.#variables.of(option);
          if (value(literal) === undefined) return literal;
        }
      }
    }
    return undefined;
  }
}

interface Wish {
  readonly standing: readonly PackageRecord[];
  /** The same in the order in which they are tried. */
  readonly options: Iterable<PackageRecord>;
}
