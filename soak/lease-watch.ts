// The advisory Lease as the simulated cluster has it: since when another bot holds it, and whether it is kept when all is over.
import type { House } from '../playground/doubles/house.ts';
import { holderOf, specOf } from '../test/engine/leased.ts';
import type { Scene } from '../test/engine/scene.ts';

/** How old an answer about it may be when a node leaves, in milliseconds: as old as a proof may be. */
const SEEN_MS = 4_000;
/** In so many milliseconds whoever holds it has renewed it. */
const RENEWED_MS = 45_000;

export class LeaseWatch {
  /** Who goes on renewing it when all is over; null = nobody. */
  kept: string | null = null;
  readonly #house: House;
  #seizedAt: number | null = null;
  /** When the API came or went last. */
  #apiMovedAt = Number.NEGATIVE_INFINITY;

  constructor(house: House) {
    this.#house = house;
    house.objects.onApiServer(() => {
      this.#apiMovedAt = house.time.now();
    });
  }

  /** Another bot has it from now on, or has given it back. */
  seized(is: boolean): void {
    this.#seizedAt = is ? this.#house.time.now() : null;
  }

  /** Whether anybody who asks has long been told that another bot has it. */
  get isElsewhere(): boolean {
    const { time, objects } = this.#house;
    const since = Math.max(this.#seizedAt ?? Number.POSITIVE_INFINITY, this.#apiMovedAt);
    return objects.apiUp && time.now() - since > SEEN_MS;
  }

  /** Sees whether it is still renewed, which takes as long as a renewal. */
  async looks(scene: Scene): Promise<void> {
    const holder = holderOf(scene);
    if (typeof holder !== 'string' || !holder.startsWith(`talos-chatops/${scene.id}/`)) return;
    const before = specOf(scene)['renewTime'];
    await this.#house.time.advance(RENEWED_MS);
    this.kept = holderOf(scene) === holder && specOf(scene)['renewTime'] !== before ? holder : null;
  }
}
