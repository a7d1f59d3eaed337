import type { OptionName } from './options.js';
import type { Bytes } from './types.js';

interface Variable {
  readonly value: Bytes | undefined;
  readonly exported: boolean;
  readonly readOnly: boolean;
}

const UNSET: Variable = { value: undefined, exported: false, readOnly: false };

/** An assignment to what is read only. */
export class ReadOnlyError extends Error {}

interface Scope {
  /** What stood outside: undefined where nothing did. */
  readonly saved: Map<Bytes, Variable | undefined>;
  /** The options outside, where `local -` asked for them. */
  options: ReadonlySet<OptionName> | undefined;
}

/** A shell's variables, with the scopes that `local` and assignments before commands open. */
export class Variables {
  #values: Map<Bytes, Variable>;
  #scopes: Scope[] = [];

  constructor(values: Iterable<readonly [Bytes, Variable]> = []) {
    this.#values = new Map(values);
  }

  /** A subshell's own copy; its scopes stay open for ever. */
  copy(): Variables {
    const copy = new Variables(this.#values);
    copy.#scopes = this.#scopes.map(({ saved, options }) => ({ saved: new Map(saved), options }));
    return copy;
  }

  get(name: Bytes): Bytes | undefined {
    return this.#values.get(name)?.value;
  }

  /** @throws ReadOnlyError */
  set(name: Bytes, value: Bytes | undefined, attributes: { exported?: boolean; readOnly?: boolean } = {}): void {
    const old = this.#values.get(name) ?? UNSET;
    if (old.readOnly) throw new ReadOnlyError(`${name}: is read only`);
    const exported = attributes.exported ?? old.exported;
    const readOnly = attributes.readOnly ?? old.readOnly;
    if (value === undefined && attributes.exported === undefined && attributes.readOnly === undefined) {
      this.#values.delete(name);
    } else {
      this.#values.set(name, { value, exported, readOnly });
    }
  }

  /** Marks a variable, set or not, for export or as read only. */
  mark(name: Bytes, attributes: { exported?: boolean; readOnly?: boolean }): void {
    this.#values.set(name, { ...(this.#values.get(name) ?? UNSET), ...attributes });
  }

  openScope(): number {
    this.#scopes.push({ saved: new Map(), options: undefined });
    return this.#scopes.length - 1;
  }

  /**
   * Closes scopes down to the one that `openScope` gave, and puts back what stood outside of them.
   *
   * @returns the options to go back to, if any.
   */
  closeScope(scope: number): ReadonlySet<OptionName> | undefined {
    let before: ReadonlySet<OptionName> | undefined;
    for (const { saved, options } of this.#scopes.splice(scope).reverse()) {
      before = options ?? before;
      for (const [name, variable] of saved) {
        if (variable === undefined) this.#values.delete(name);
        else this.#values.set(name, variable);
      }
    }
    return before;
  }

  /** Makes a variable local to the innermost scope; it keeps its value until it is set. Says whether there is one. */
  makeLocal(name: Bytes): boolean {
    const scope = this.#scopes.at(-1);
    if (scope !== undefined && !scope.saved.has(name)) scope.saved.set(name, this.#values.get(name));
    return scope !== undefined;
  }

  /** Has `closeScope` give these options back. Says whether there is a scope. */
  saveOptions(options: ReadonlySet<OptionName>): boolean {
    const scope = this.#scopes.at(-1);
    if (scope !== undefined) scope.options ??= new Set(options);
    return scope !== undefined;
  }

  entries(): (readonly [Bytes, Variable])[] {
    return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  environment(): Map<Bytes, Bytes> {
    const environment = new Map<Bytes, Bytes>();
    for (const [name, { value, exported }] of this.#values) {
      if (exported && value !== undefined) environment.set(name, value);
    }
    return environment;
  }
}
