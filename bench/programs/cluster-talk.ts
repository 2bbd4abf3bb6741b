// What a measurement and the process that simulates its cluster say to each other.
import type { WorldSettings } from '../../playground/world/settings.ts';

export type Request =
  /** Starts the cluster; it is answered with `started`. */
  | { readonly kind: 'start'; readonly settings: Partial<WorldSettings> }
  /** How long answers take from now on, and which machine is out of reach; what was counted before is forgotten. */
  | { readonly kind: 'prepare'; readonly manners: Manners }
  /** Answered with `tally`: what was heard since `prepare`. */
  | { readonly kind: 'tell' };

export interface Manners {
  /** Milliseconds of each answer: drawn between the two, the same for the same call of the same run. */
  readonly usualMs: readonly [least: number, most: number];
  /** One machine whose first answer takes longer, through whichever endpoint it is asked for. */
  readonly slow: { readonly node: string; readonly ms: number } | null;
  /** One machine to which packets vanish. */
  readonly dead: string | null;
}

/** What the servers heard of one machine, through whichever endpoint. */
export interface Heard {
  readonly calls: Readonly<Record<string, number>>;
  /** Milliseconds on the servers' clock (performance.timeOrigin and now): the first call heard, the last answer given. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Milliseconds of the answer that took longest. */
  readonly slowestMs: number;
}

export type Reply =
  | {
      readonly kind: 'started';
      readonly talosconfig: string;
      readonly kubeconfig: string;
      readonly addresses: Readonly<Record<string, string>>;
      readonly port: number;
    }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'tally'; readonly heard: Readonly<Record<string, Heard>> }
  | { readonly kind: 'failed'; readonly why: string };
