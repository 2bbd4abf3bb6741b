/** The simulated cluster: machines, etcd, Kubernetes, counters and faults over one clock. */
import { FactoryShelf } from '../factory/shelf.ts';
import type { WorldClock } from './clock.ts';
import { Counters } from './counters.ts';
import { WorldError } from './error.ts';
import { Etcd } from './etcd.ts';
import { checkParams, FaultValues, type Heal, type RawParams } from './fault.ts';
import { FAULTS } from './faults.ts';
import type { KubernetesSide } from './kubernetes-side.ts';
import { Machine } from './machine.ts';
import { createRandom } from './random.ts';
import { type DrawnNode, drawNodes, limitMs, type WorldSettings } from './settings.ts';
import { type FaultView, snapshotOf, type WorldSnapshot } from './snapshot.ts';

interface ActiveFault extends FaultView {
  readonly heal: Heal;
  readonly spent: () => boolean;
}

export class World {
  readonly settings: WorldSettings;
  readonly clock: WorldClock;
  readonly kubernetes: KubernetesSide;
  /** The nodes as the seed drew them, with their times. */
  readonly nodes: readonly DrawnNode[];
  readonly etcd: Etcd;
  readonly counters: Counters;
  /** What the Image Factory has: its images are what machines pull. */
  readonly shelf = new FactoryShelf();
  /** The way to the Kubernetes API is cut, whoever serves it. */
  kubernetesAway = false;
  /** What `talosctl upgrade-k8s` leaves: every node, and every machine's configuration, at this version. */
  readonly upgradeKubernetes: (version: string) => void;
  private readonly byName: ReadonlyMap<string, Machine>;
  private readonly listeners = new Set<() => void>();
  private faults: ActiveFault[] = [];
  private faultCount = 0;

  constructor(given: { settings: WorldSettings; clock: WorldClock; kubernetes: KubernetesSide }) {
    const { clock, kubernetes } = given;
    // Of one's own: people upgrade Kubernetes, and every machine reads the version here.
    const settings: { -readonly [K in keyof WorldSettings]: WorldSettings[K] } = { ...given.settings };
    this.settings = settings;
    this.upgradeKubernetes = (version) => {
      settings.kubernetesVersion = version;
      kubernetes.setKubernetesVersion(version);
      this.changed();
    };
    this.clock = clock;
    this.kubernetes = kubernetes;
    this.nodes = drawNodes(settings);
    const random = createRandom(settings.seed).fork('etcd');
    const { electionMs, etcdDatabaseBytes: databaseBytes } = settings;
    this.etcd = new Etcd(this.nodes, { clock, random, electionMs, databaseBytes });
    this.counters = new Counters(this.nodes);
    const changed = (): void => this.changed();
    const surroundings = { settings, clock, etcd: this.etcd, kubernetes, counters: this.counters, changed };
    this.byName = new Map(this.nodes.map((node) => [node.name, new Machine(node, surroundings)]));
    for (const machine of this.byName.values()) this.register(machine);
    this.etcd.onChange(changed);
    kubernetes.onChange(() => this.tell());
    this.changed();
  }

  machines(): readonly Machine[] {
    return [...this.byName.values()];
  }

  /** @throws WorldError INVALID_ARGUMENT naming the nodes there are */
  machine(name: string): Machine {
    const machine = this.byName.get(name);
    if (machine === undefined)
      throw new WorldError(
        'INVALID_ARGUMENT',
        `no node "${name}": there are ${[...this.byName.keys()].join(', ')}`,
      );
    return machine;
  }

  /** By address or name, as the `node` metadata of a call names it. */
  find(target: string): Machine | undefined {
    return this.byName.get(target) ?? this.machines().find((one) => one.node.address === target);
  }

  /** What a whole upgrade of this cluster takes at least, in milliseconds, from its drawn times. */
  limitMs(parallelWorkers = 1): number {
    return limitMs(this.settings, this.nodes, parallelWorkers);
  }

  snapshot(): WorldSnapshot {
    return snapshotOf(this);
  }

  /** Hears that something changed; the returned function ends it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // ---- etcd calls that are counted -------------------------------------------------------------------------

  /** Hands over the etcd leadership of a node, as Etcd.forfeit. */
  forfeitLeadership(name: string): string {
    const next = this.etcd.forfeit(name);
    this.counters.count(name, 'forfeits');
    return next;
  }

  /** A snapshot of etcd, as Etcd.snapshot. */
  etcdSnapshot(name: string): Iterable<Uint8Array> {
    const chunks = this.etcd.snapshot(name);
    this.counters.count(name, 'snapshots');
    return chunks;
  }

  // ---- faults ----------------------------------------------------------------------------------------------

  /**
   * Injects a fault by name.
   * @throws WorldError INVALID_ARGUMENT for an unknown name or parameters it does not take
   */
  inject(name: string, params: RawParams = {}): FaultView {
    const kind = FAULTS.find((one) => one.name === name);
    if (kind === undefined)
      throw new WorldError(
        'INVALID_ARGUMENT',
        `no fault "${name}": there are ${FAULTS.map((one) => one.name).join(', ')}`,
      );
    checkParams(kind, params);
    const values = new FaultValues(this, params);
    // One that has happened must not end its successor when it is healed.
    this.faults = this.faults.filter((one) => !one.spent());
    const heal = kind.apply(this, values);
    this.faultCount += 1;
    const view = { id: this.faultCount, name, params, atMs: this.clock.now() };
    const spent = (): boolean => kind.spent?.(values) ?? false;
    if (heal !== null) this.faults.push({ ...view, heal, spent });
    this.changed();
    return view;
  }

  /** Heals the active faults of that name and node; all of them when neither is given. Returns how many. */
  heal(which: { name?: string | undefined; node?: string | undefined } = {}): number {
    const chosen = this.faults.filter(
      (one) =>
        !one.spent() &&
        (which.name === undefined || one.name === which.name) &&
        (which.node === undefined || one.params['node'] === which.node),
    );
    this.faults = this.faults.filter((one) => !chosen.includes(one));
    for (const fault of chosen) fault.heal?.();
    this.changed();
    return chosen.length;
  }

  activeFaults(): readonly FaultView[] {
    return this.faults
      .filter((one) => !one.spent())
      .map(({ id, name, params, atMs }) => ({ id, name, params, atMs }));
  }

  // ---- within ----------------------------------------------------------------------------------------------

  private register({ node, parts }: Machine): void {
    const { settings } = this;
    const zone = settings.zones[node.name];
    this.kubernetes.addNode({
      name: node.name,
      role: node.role,
      address: node.address,
      talosVersion: settings.talosVersion,
      kubernetesVersion: settings.kubernetesVersion,
      schematic: settings.schematic,
      bootId: parts.state.bootId,
      ...(zone === undefined ? {} : { zone }),
    });
    this.kubernetes.setNodeReady(node.name, true);
  }

  private changed(): void {
    const serving = this.machines().some((one) => one.parts.state.apiServing);
    this.kubernetes.apiServerUp(serving && this.etcd.hasQuorum() && !this.kubernetesAway);
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
