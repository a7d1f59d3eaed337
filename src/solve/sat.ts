/**
 * A small solver for clauses over Boolean variables: unit propagation, learning at the first unique implication point,
 * back-jumping (Marques-Silva and Sakallah, GRASP, 1996). Clauses may be added between two calls of `solve`. A literal is a
 * variable's number, from 1, or its negative. No randomness and no restarts: what `decide` prefers is tried first.
 */
export class ClauseSolver {
  readonly #clauses: Clause[] = [];
  /** Clauses by the literals that they hold. */
  readonly #occurrences = new Map<number, Clause[]>();
  /** Variable to value, level and reason; what is missing is open. */
  readonly #assigned = new Map<number, Assignment>();
  #trail: number[] = [];
  #level = 0;

  /** @param source what `solve` names when the clause is part of a contradiction */
  add(literals: readonly number[], source: number): void {
    this.#insert({ literals: [...new Set(literals)], sources: new Set([source]) });
  }

  /** The value of a literal, or undefined where it is open. */
  value(literal: number): boolean | undefined {
    const assignment = this.#assigned.get(Math.abs(literal));
    return assignment === undefined ? undefined : assignment.value === literal > 0;
  }

  /**
   * Assigns values until every clause holds and `decide` has nothing more to decide; `value` tells them afterwards.
   *
   * @param decide gives an open literal that is to become true next, or undefined when there is nothing left to want
   * @returns the sources of clauses that contradict each other, or undefined where there is a solution
   */
  solve(decide: () => number | undefined): ReadonlySet<number> | undefined {
    this.#backtrack(-1);
    this.#level = 0;
    let conflict = this.#firstUnits();
    for (;;) {
      if (conflict !== undefined) {
        if (this.#level === 0) return this.#sourcesOf(conflict);
        conflict = this.#learn(conflict);
        continue;
      }
      const literal = decide();
      if (literal === undefined) return undefined;
      this.#level++;
      conflict = this.#assign(literal, undefined);
    }
  }

  #insert(clause: Clause): void {
    this.#clauses.push(clause);
    for (const literal of clause.literals) {
      const clauses = this.#occurrences.get(literal);
      if (clauses === undefined) this.#occurrences.set(literal, [clause]);
      else clauses.push(clause);
    }
  }

  #firstUnits(): Clause | undefined {
    for (const clause of this.#clauses) {
      const conflict = clause.literals.length > 1 ? undefined : this.#enforce(clause);
      if (conflict !== undefined) return conflict;
    }
    return undefined;
  }

  /** Makes a literal true, and all that follows from it; gives the clause that fails thereby. */
  #assign(literal: number, reason: Clause | undefined): Clause | undefined {
    const first = this.#trail.length;
    this.#set(literal, reason);
    for (let at = first; at < this.#trail.length; at++) {
      const set = this.#trail[at] ?? 0;
      for (const clause of this.#occurrences.get(-set) ?? []) {
        const conflict = this.#examine(clause);
        if (conflict !== undefined) return conflict;
      }
    }
    return undefined;
  }

  #enforce(clause: Clause): Clause | undefined {
    const unit = this.#unitOf(clause);
    return unit === undefined || unit === 0 ? (unit === 0 ? clause : undefined) : this.#assign(unit, clause);
  }

  #examine(clause: Clause): Clause | undefined {
    const unit = this.#unitOf(clause);
    if (unit === 0) return clause;
    if (unit !== undefined) this.#set(unit, clause);
    return undefined;
  }

  /** The only literal that can still make a clause true; 0 where none can, undefined where more can or one does. */
  #unitOf(clause: Clause): number | undefined {
    let unit = 0;
    for (const literal of clause.literals) {
      const value = this.value(literal);
      if (value === true || (value === undefined && unit !== 0)) return undefined;
      if (value === undefined) unit = literal;
    }
    return unit;
  }

  #set(literal: number, reason: Clause | undefined): void {
    this.#assigned.set(Math.abs(literal), { value: literal > 0, level: this.#level, reason });
    this.#trail.push(literal);
  }

  /** Learns from a failed clause, goes back to where the lesson forces a literal, and follows it from there. */
  #learn(conflict: Clause): Clause | undefined {
    const learned = new Set<number>();
    const sources = new Set(conflict.sources);
    const seen = new Set<number>();
    let pending = 0;
    const resolve = (clause: Clause, on: number): void => {
      for (const source of clause.sources) sources.add(source);
      for (const literal of clause.literals) {
        const variable = Math.abs(literal);
        const level = this.#assigned.get(variable)?.level ?? 0;
        if (literal === on || seen.has(variable)) continue;
        seen.add(variable);
        if (level === 0) for (const source of this.#groundsOf(variable)) sources.add(source);
        else if (level === this.#level) pending++;
        else learned.add(literal);
      }
    };
    resolve(conflict, 0);
    let at = this.#trail.length - 1;
    for (; ; at--) {
      const literal = this.#trail[at] ?? 0;
      if (!seen.has(Math.abs(literal))) continue;
      if (--pending === 0) {
        learned.add(-literal);
        const levels = [...learned].map((one) =>
          one === -literal ? 0 : (this.#assigned.get(Math.abs(one))?.level ?? 0),
        );
        this.#backtrack(Math.max(...levels));
        const clause = { literals: [...learned], sources };
        this.#insert(clause);
        return this.#assign(-literal, clause);
      }
      const reason = this.#assigned.get(Math.abs(literal))?.reason;
      if (reason !== undefined) resolve(reason, literal);
    }
  }

  /** The sources of all that forces a variable without any decision. */
  #groundsOf(variable: number): ReadonlySet<number> {
    const assignment = this.#assigned.get(variable);
    if (assignment?.reason === undefined) return new Set();
    assignment.grounds ??= this.#sourcesOf(assignment.reason, variable);
    return assignment.grounds;
  }

  #sourcesOf(clause: Clause, except = 0): ReadonlySet<number> {
    const sources = new Set<number>();
    const seen = new Set<number>([except]);
    const clauses = [clause];
    for (const one of clauses) {
      for (const source of one.sources) sources.add(source);
      for (const literal of one.literals) {
        const variable = Math.abs(literal);
        if (seen.has(variable)) continue;
        seen.add(variable);
        const reason = this.#assigned.get(variable)?.reason;
        if (reason !== undefined) clauses.push(reason);
      }
    }
    return sources;
  }

  /** Forgets all that was assigned above a level. */
  #backtrack(level: number): void {
    let length = this.#trail.length;
    while (length > 0) {
      const variable = Math.abs(this.#trail[length - 1] ?? 0);
      if ((this.#assigned.get(variable)?.level ?? 0) <= level) break;
      this.#assigned.delete(variable);
      length--;
    }
    this.#trail.length = length;
    this.#level = level;
  }
}

interface Clause {
  readonly literals: readonly number[];
  /** Of the clauses that were added, those that it follows from. */
  readonly sources: ReadonlySet<number>;
}

interface Assignment {
  readonly value: boolean;
  readonly level: number;
  readonly reason: Clause | undefined;
  grounds?: ReadonlySet<number>;
}
