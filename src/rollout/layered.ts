// A map that grows by one with each fact: what was there before is shared, where a copy of it all each time would take a long journal seconds.

/** Additions kept apart: few enough to copy with each, and many enough that all of the rest is seldom copied. */
const MOST_RECENT = 256;

/** The same map with one entry more, or another value for it, in the order in which keys were first added; the one before stays as it is. */
export function added<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  const [settled, recent] = map instanceof Layered ? [map.settled, map.recent] : [map, new Map<K, V>()];
  const next = new Map<K, V>(recent).set(key, value);
  return next.size < MOST_RECENT
    ? new Layered(settled, next)
    : new Layered(new Map([...settled, ...next]), new Map<K, V>());
}

/** Two layers, read as one. How it is parted follows from the additions alone, so that equal journals fold to equal maps. */
class Layered<K, V> implements ReadonlyMap<K, V> {
  readonly settled: ReadonlyMap<K, V>;
  readonly recent: ReadonlyMap<K, V>;

  constructor(settled: ReadonlyMap<K, V>, recent: ReadonlyMap<K, V>) {
    this.settled = settled;
    this.recent = recent;
  }

  get size(): number {
    return [...this.recent.keys()].reduce(
      (size, key) => (this.settled.has(key) ? size : size + 1),
      this.settled.size,
    );
  }

  has(key: K): boolean {
    return this.recent.has(key) || this.settled.has(key);
  }

  get(key: K): V | undefined {
    return this.recent.has(key) ? this.recent.get(key) : this.settled.get(key);
  }

  entries(): MapIterator<[K, V]> {
    return this.#whole().entries();
  }

  keys(): MapIterator<K> {
    return this.#whole().keys();
  }

  values(): MapIterator<V> {
    return this.#whole().values();
  }

  forEach(use: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) use(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  #whole(): ReadonlyMap<K, V> {
    return new Map([...this.settled, ...this.recent]);
  }
}
