/** The sizes by which GLib's hash table divides, by the binary logarithm of its slots (glib/ghash.c, prime_mod). */
const PRIMES = [
  1, 2, 3, 7, 13, 31, 61, 127, 251, 509, 1021, 2039, 4093, 8191, 16_381, 32_749, 65_521, 131_071, 262_139, 524_287,
  1_048_573,
] as const;
const MIN_SHIFT = 3;

interface Slot<Value> {
  readonly hash: number;
  readonly key: string;
  value: Value;
}

/**
 * GLib's GHashTable with g_str_hash, which files made by its programs are ordered by: open addressing with triangular
 * probing, rehashed in place when it is nearly full. Keys are byte strings; none is ever taken out.
 */
export class GlibHashTable<Value> {
  #slots: (Slot<Value> | undefined)[] = Array.from({ length: 2 ** MIN_SHIFT });
  #modulus: number = PRIMES[MIN_SHIFT];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    return this.#slots[this.#find(key)]?.value;
  }

  has(key: string): boolean {
    return this.#slots[this.#find(key)] !== undefined;
  }

  set(key: string, value: Value): void {
    const at = this.#find(key);
    const slot = this.#slots[at];
    if (slot !== undefined) {
      slot.value = value;
      return;
    }
    this.#slots[at] = { hash: hashOf(key), key, value };
    this.#size += 1;
    if (this.#slots.length <= this.#size + Math.floor(this.#size / 16)) this.#grow();
  }

  /** In the order of g_hash_table_foreach. */
  entries(): [key: string, value: Value][] {
    return this.#slots.flatMap((slot) => (slot === undefined ? [] : [[slot.key, slot.value]]));
  }

  #find(key: string): number {
    const hash = hashOf(key);
    let at = this.#indexOf(hash);
    for (let step = 1; ; step++) {
      const slot = this.#slots[at];
      if (slot === undefined || (slot.hash === hash && slot.key === key)) return at;
      at = (at + step) & (this.#slots.length - 1);
    }
  }

  #indexOf(hash: number): number {
    return (Math.imul(hash, 11) >>> 0) % this.#modulus;
  }

  /** As resize_map(): an entry that stands where another one belongs moves on at once. */
  #grow(): void {
    const before = this.#slots.length;
    const wanted = this.#size + Math.floor(this.#size / 3);
    const shift = 32 - Math.clz32(wanted);
    this.#modulus = PRIMES[shift] ?? 1;
    this.#slots = [...this.#slots, ...Array.from<undefined>({ length: 2 ** shift - before })];
    const settled = new Set<number>();
    for (let start = 0; start < before; start++) {
      if (settled.has(start)) continue;
      let moving = this.#slots[start];
      this.#slots[start] = undefined;
      while (moving !== undefined) {
        let at = this.#indexOf(moving.hash);
        for (let step = 1; settled.has(at); step++) at = (at + step) & (this.#slots.length - 1);
        settled.add(at);
        const evicted: Slot<Value> | undefined = this.#slots[at];
        this.#slots[at] = moving;
        moving = evicted;
      }
    }
  }
}

/** g_str_hash(): its results 0 and 1 stand for slots that are free, so that they become 2. */
function hashOf(key: string): number {
  const hash = djbHash(key);
  return hash < 2 ? 2 : hash;
}

/** Bernstein's hash of a byte string, over signed bytes, as 32 bits. */
export function djbHash(key: string): number {
  let hash = 5381;
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 33) + ((key.charCodeAt(at) << 24) >> 24)) | 0;
  return hash >>> 0;
}
