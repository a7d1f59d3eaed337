/** A list that is made as far as somebody looks, and kept. */
export class LazyList<T> implements Iterable<T> {
  readonly #made: T[] = [];
  readonly #rest: Iterator<T>;

  constructor(items: Iterable<T>) {
    this.#rest = items[Symbol.iterator]();
  }

  at(index: number): T | undefined {
    while (this.#made.length <= index) {
      const next = this.#rest.next();
      if (next.done === true) return undefined;
      this.#made.push(next.value);
    }
    return this.#made[index];
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = 0; ; index++) {
      const item = this.at(index);
      if (item === undefined) return;
      yield item;
    }
  }
}
