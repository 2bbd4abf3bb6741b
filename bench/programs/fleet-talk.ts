// What a measurement and a process that simulates many clusters say to each other.
import type { WorldSettings } from '../../playground/world/settings.ts';

export type FleetRequest =
  /** Starts the clusters of these names, all alike; it is answered with `started`. */
  | {
      readonly kind: 'start';
      readonly names: readonly string[];
      readonly settings: Partial<WorldSettings>;
    }
  /** Answered with `stands`: how the clusters are now. */
  | { readonly kind: 'tell' };

/** What a configuration says of one simulated cluster. */
export interface Door {
  readonly name: string;
  readonly talosconfig: string;
  readonly port: number;
  /** The registry host of the simulated Image Factory, and where it is asked. */
  readonly factory: { readonly host: string; readonly url: string };
}

export interface Standing {
  readonly name: string;
  /** How often each machine restarted. */
  readonly reboots: readonly number[];
  /** The versions its machines run. */
  readonly versions: readonly string[];
  /** The most control-plane nodes that were ever away at once, for whatever reason. */
  readonly mostAway: number;
}

export type FleetReply =
  | { readonly kind: 'started'; readonly doors: readonly Door[] }
  | { readonly kind: 'stands'; readonly standings: readonly Standing[] }
  | { readonly kind: 'failed'; readonly why: string };
