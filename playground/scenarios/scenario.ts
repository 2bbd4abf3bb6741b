// What a scenario is: a cluster to begin with, people who do something, and what must be true afterwards.
import type { Outcome } from '../../src/rollout/event.ts';
import type { Member } from '../crew.ts';
import type { WorldSettings } from '../world/settings.ts';
import type { Troupe } from './troupe.ts';

export interface NodeResult {
  readonly name: string;
  readonly role: string;
  readonly from: string;
  readonly to: string;
  /** Image Factory schematics when the scenario began and ended; empty for a plain installer image. */
  readonly fromSchematic: string;
  readonly toSchematic: string;
  /** The simulator's count of accepted calls; a failed install counts. */
  readonly installs: number;
  /** Of the last accepted installation: the image asked for, and `preserve` where the call has that word; else null. */
  readonly image: string | null;
  readonly preserve: boolean | null;
  /** Times its data was wiped. */
  readonly wipes: number;
  /** Calls it answered UNIMPLEMENTED. */
  readonly unimplemented: number;
  /** Ids of its etcd member at the start and at the end, 16 hexadecimal digits; null on workers. */
  readonly fromMember: string | null;
  readonly toMember: string | null;
  readonly bootloader: string;
  /** What it says it runs on at the end. */
  readonly platform: string;
  readonly reboots: number;
  readonly rollbacks: number;
  /** What our own doing added to the simulator's drain, install and reboot of this node, in milliseconds. */
  readonly overheadMs: number;
}

/** The last line of a headless run. Only ever extended. */
export interface Result {
  readonly schema: 1;
  readonly scenario: string;
  readonly ok: boolean;
  readonly outcome: Outcome | 'held';
  readonly nodes: readonly NodeResult[];
  /** Nodes in the order clients made them leave, repeats kept. */
  readonly rebootOrder: readonly string[];
  /** Granted control-plane gates only, each with who asked for its rollout. */
  readonly approvals: readonly { readonly node: string; readonly by: string; readonly asker: string }[];
  /** Copies of etcd that the machines gave. */
  readonly snapshots: number;
  readonly maxControlPlaneAway: number;
  readonly maxControlPlaneAwayAny: number;
  readonly refusedClicks: number;
  readonly slack: { readonly calls: number; readonly rejected: number; readonly rateLimited: number };
  readonly wallMs: number;
  readonly peopleMs: number;
  readonly limitMs: number;
  readonly overheadMs: number;
  /** From the last fact of a process killed with a step in hand to the next driver's first; null where nobody was. */
  readonly drivingAgainMs: number | null;
  /** Steps held in doubt, of all rollouts. */
  readonly doubts: number;
  /** Why `ok` is false; empty otherwise. */
  readonly missed: readonly string[];
  /** Only of a series: each leg by itself. The fields above then hold for all of them, nodes as `leg/node`. */
  readonly legs?: readonly LegResult[];
}

export type LegResult = Omit<Result, 'schema' | 'scenario' | 'legs'> & {
  readonly leg: string;
  readonly sentence: string;
};

export type Measured = Omit<LegResult, 'ok' | 'missed' | 'leg' | 'sentence'> & {
  /** The etcd leader when the scenario began. */
  readonly firstLeader: string | null;
  /** Those who may approve, without `requester`. */
  readonly approvers: readonly string[];
  readonly overrides: readonly { readonly check: string; readonly by: string; readonly reason: string }[];
  /** Copies of etcd that lie in the archive, verified and whole. */
  readonly archived: number;
  /** Every call that may have changed something, of machines or of Kubernetes; dry runs and questions are none. */
  readonly touches: readonly string[];
  /** The registry host of the Image Factory. */
  readonly factory: string;
};

/** One thing that must hold: a sentence and whether it does. */
export type Expectation = readonly [sentence: string, holds: boolean];

export interface Scenario {
  readonly name: string;
  readonly sentence: string;
  readonly world?: Partial<WorldSettings>;
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, string>>;
  /** More of the cluster's entry in the configuration: what stands beside its policy. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Milliseconds for which the bot's talosconfig is good when the scenario begins. */
  readonly certificateMs?: number;
  /** The pod the bot is told that it is. */
  readonly ownPod?: { readonly namespace: string; readonly name: string };
  readonly healthChecks?: readonly Readonly<Record<string, unknown>>[];
  /** Which processes there are; by default one that does everything. */
  readonly cast?: readonly Member[];
  /** own: a Redis that may be killed and frozen. */
  readonly redis?: 'own';
  /** People act; resolves when the last rollout's journal has ended. */
  readonly play: (troupe: Troupe) => Promise<void>;
  readonly expect: (measured: Measured) => readonly Expectation[];
}

/** Several small clusters, each with a stage of its own. */
export interface Series {
  readonly name: string;
  readonly sentence: string;
  /** Names of legs are unique, and short: they stand before everything that is said of one. */
  readonly legs: readonly Scenario[];
}
