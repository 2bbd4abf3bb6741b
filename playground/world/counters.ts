/** What was done to each node, and how many control-plane nodes were away at once. */
import type { DrawnNode } from './settings.ts';

export type Counted =
  | 'pulls'
  | 'installs'
  | 'reboots'
  | 'rollbacks'
  | 'legacyUpgrades'
  | 'forfeits'
  | 'snapshots'
  /** Times its EPHEMERAL partition was wiped, with all data of pods and etcd. */
  | 'wipes'
  /** Calls answered UNIMPLEMENTED: methods its version or its role does not have. */
  | 'unimplemented';

export type NodeCounters = Readonly<Record<Counted, number>>;

/** Who made a node leave: a client's call, or an injected fault (a human with other tools, a power cut). */
export type DepartureBy = 'client' | 'fault';

const NOTHING: NodeCounters = {
  pulls: 0,
  installs: 0,
  reboots: 0,
  rollbacks: 0,
  legacyUpgrades: 0,
  forfeits: 0,
  snapshots: 0,
  wipes: 0,
  unimplemented: 0,
};

/** An accepted installation as it was asked for. */
export interface Ordered {
  readonly image: string;
  /** Null where the call has no such word (LifecycleService). */
  readonly preserve: boolean | null;
}

/** Counts accepted calls of clients; a call that is refused counts nowhere, a failed install does count. */
export class Counters {
  /** Nodes in the order clients made them leave (reboot, legacy upgrade, rollback), repeats kept. */
  readonly rebootOrder: string[] = [];
  /** The most control-plane nodes away at once by clients' calls. */
  maxControlPlaneAway = 0;
  /** The same, counting also those a fault took away. */
  maxControlPlaneAwayAny = 0;
  private readonly nodes: Map<string, NodeCounters>;
  private readonly orders = new Map<string, readonly Ordered[]>();
  private readonly controlPlane: ReadonlySet<string>;
  private readonly away = new Map<string, DepartureBy>();

  constructor(nodes: readonly DrawnNode[]) {
    this.nodes = new Map(nodes.map((node) => [node.name, NOTHING]));
    this.controlPlane = new Set(
      nodes.filter((node) => node.role === 'control-plane').map((node) => node.name),
    );
  }

  of(node: string): NodeCounters {
    return this.nodes.get(node) ?? NOTHING;
  }

  count(node: string, what: Counted): void {
    const before = this.of(node);
    this.nodes.set(node, { ...before, [what]: before[what] + 1 });
  }

  /** An installation was accepted. */
  install(node: string, ordered: Ordered): void {
    this.count(node, 'installs');
    this.orders.set(node, [...this.ordersOf(node), ordered]);
  }

  /** Every accepted installation of a node, oldest first. */
  ordersOf(node: string): readonly Ordered[] {
    return this.orders.get(node) ?? [];
  }

  /** The node leaves: from the accepted call or the fault on. */
  depart(node: string, by: DepartureBy): void {
    if (by === 'client') this.rebootOrder.push(node);
    // A client's call on a node a fault took away makes it the client's departure, never the other way round.
    if (by === 'client' || !this.away.has(node)) this.away.set(node, by);
    const awayNow = [...this.away].filter(([name]) => this.controlPlane.has(name));
    const byClients = awayNow.filter(([, who]) => who === 'client');
    this.maxControlPlaneAway = Math.max(this.maxControlPlaneAway, byClients.length);
    this.maxControlPlaneAwayAny = Math.max(this.maxControlPlaneAwayAny, awayNow.length);
  }

  /** The node is RUNNING and ready again and, on the control plane, caught up in etcd. */
  arrive(node: string): void {
    this.away.delete(node);
  }

  /** Names of the nodes that are away now. */
  awayNow(): string[] {
    return [...this.away.keys()];
  }
}
