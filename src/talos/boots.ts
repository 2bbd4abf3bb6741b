// What is known of the boot a machine is in: facts that no machine changes without restarting are asked once per boot.
import type { Told } from '../cluster/inspection.ts';

/** How one boot of a machine is told from another. */
export type Boot =
  | { readonly kind: 'id'; readonly id: string }
  /** When the kernel started, for a role that may not read the id: good enough to tell two boots apart, not to prove one. */
  | { readonly kind: 'time'; readonly atMs: number };

/** What a machine is made of in one boot. */
export interface Traits {
  readonly version: string;
  readonly platform: string;
  readonly schematic: string | null;
  readonly factoryUrl: string | null;
  readonly extensions: readonly string[];
}

/** What firmware and boot loader decided, and from where. */
export interface Origin {
  readonly secureBoot: Told<boolean>;
  readonly bootedEntry: Told<string>;
  readonly systemDisk: Told<string>;
}

interface KnownBoot {
  readonly boot: Boot;
  readonly traits: Traits;
  readonly origin: Origin | null;
}

/** Milliseconds by which a boot's time may seem to move while the machine's clock is set; no machine boots twice within it. */
const CLOCK_JITTER_MS = 5_000;
/** Milliseconds a denial is believed: our certificate may be renewed with another role while we run. */
const DENIED_FOR_MS = 60_000;
/** Machines remembered: more than one cluster of Talos has; whoever was asked longest ago is forgotten. */
const MOST_MACHINES = 2_048;

export function sameBoot(one: Boot, other: Boot): boolean {
  if (one.kind === 'id' && other.kind === 'id') return one.id === other.id;
  return one.kind === 'time' && other.kind === 'time' && Math.abs(one.atMs - other.atMs) <= CLOCK_JITTER_MS;
}

/** The last boot of each machine, by address. A boot once left never comes back, so nothing here is ever wrong, only unused. */
export class Boots {
  readonly #known = new Map<string, KnownBoot>();
  #deniedAtMs = Number.NEGATIVE_INFINITY;

  /** Our role may not read the file that holds the boot id. */
  learnDenial(): void {
    this.#deniedAtMs = performance.now();
  }

  fileIsDenied(): boolean {
    return performance.now() - this.#deniedAtMs < DENIED_FOR_MS;
  }

  last(address: string): KnownBoot | null {
    return this.#known.get(address) ?? null;
  }

  /** Remembers the traits of a machine that has come up: earlier its extensions may not be listed yet. */
  learn(address: string, boot: Boot, traits: Traits): void {
    const before = this.#known.get(address);
    this.#known.delete(address);
    const origin = before !== undefined && sameBoot(before.boot, boot) ? before.origin : null;
    this.#known.set(address, { boot, traits, origin });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_MACHINES && oldest !== undefined) this.#known.delete(oldest);
  }

  /** The machine is in another boot than the one remembered, of which nothing can be learnt yet. */
  forget(address: string): void {
    this.#known.delete(address);
  }

  learnOrigin(address: string, boot: Boot, origin: Origin): void {
    const known = this.#known.get(address);
    if (known !== undefined && sameBoot(known.boot, boot)) this.#known.set(address, { ...known, origin });
  }
}
