// What each Slack delivery was about, in this process: the same rules as src/store's scripts, held to them by test/contracts.
import type { Clock } from '../../src/engine/ports/clock.ts';
import {
  type Answer,
  DELIVERY_KNOWN_MS,
  type Deliveries,
  type Meant,
} from '../../src/engine/ports/deliveries.ts';
import type { MemoryJournal } from './store.ts';

export class MemoryDeliveries implements Deliveries {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #journal: Pick<MemoryJournal, 'sizeOf'>;
  readonly #knownMs: number;
  readonly #known = new Map<string, { readonly meant: Meant; readonly until: number }>();

  constructor(
    clock: Pick<Clock, 'now'>,
    journal: Pick<MemoryJournal, 'sizeOf'>,
    options: { readonly knownMs?: number } = {},
  ) {
    this.#clock = clock;
    this.#journal = journal;
    this.#knownMs = options.knownMs ?? DELIVERY_KNOWN_MS;
  }

  async first(cluster: string, delivery: string, rollout: string | null): Promise<Meant> {
    const key = keyOf(cluster, delivery);
    const known = this.#live(key);
    if (known !== null) return known.meant;
    const version = rollout === null ? 0 : this.#journal.sizeOf(cluster, rollout);
    const meant: Meant = { rollout, version, answer: null };
    this.#known.set(key, { meant, until: this.#clock.now() + this.#knownMs });
    return meant;
  }

  async answer(cluster: string, delivery: string, answer: Answer): Promise<void> {
    const key = keyOf(cluster, delivery);
    const known = this.#live(key);
    if (known === null || known.meant.answer !== null) return;
    this.#known.set(key, { ...known, meant: { ...known.meant, answer: { ...answer } } });
  }

  #live(key: string): { readonly meant: Meant; readonly until: number } | null {
    const known = this.#known.get(key);
    return known !== undefined && known.until > this.#clock.now() ? known : null;
  }
}

function keyOf(cluster: string, delivery: string): string {
  return JSON.stringify([cluster, delivery]);
}
