// What a walk is judged by: every call as it goes out, what the simulated machines really received, and every fact as it is written.
import { CLUSTER, type House } from '../playground/doubles/house.ts';
import type { PortCall, Tap } from '../playground/doubles/mortal.ts';
import type { PodSeen } from '../src/engine/ports/workloads.ts';
import type { Entry } from '../src/rollout/event.ts';
import type { Rollout } from '../src/rollout/rollout.ts';
import type { Step, StepKind } from '../src/rollout/step.ts';
import type { Scene } from '../test/engine/scene.ts';
import { INVARIANTS } from './invariants.ts';
import { LeaseWatch } from './lease-watch.ts';
import { Ledger } from './ledger.ts';
import { Arrivals, type Guarded, guardedNow, isSentAway } from './pods.ts';
import { Standing } from './standing.ts';
import type { Wandering, Weather } from './weather.ts';
import type { Window } from './window.ts';

export interface Broken {
  /** Of the invariant; 0 = the walk itself went wrong. */
  readonly invariant: number;
  readonly what: string;
}

/** A call that changes something, on its way out. */
export interface Act {
  readonly method: string;
  readonly node: string;
  readonly owner: string;
  readonly role: 'control-plane' | 'worker';
  /** The step of the plan that it is of; null when there is none. */
  readonly step: Step | null;
  /** The one it is about; null when it is about a node. */
  readonly pod: PodSeen | null;
}

type Subject = 'address' | 'name' | 'pod';

const ACTS: Readonly<Record<string, { readonly about: Subject; readonly kind: StepKind }>> = {
  pull: { about: 'address', kind: 'pull' },
  install: { about: 'address', kind: 'install' },
  upgradeLegacy: { about: 'address', kind: 'upgrade-legacy' },
  reboot: { about: 'address', kind: 'reboot' },
  rollback: { about: 'address', kind: 'rollback' },
  forfeitLeadership: { about: 'address', kind: 'forfeit' },
  cordon: { about: 'name', kind: 'cordon' },
  uncordon: { about: 'name', kind: 'uncordon' },
  evict: { about: 'pod', kind: 'drain' },
  remove: { about: 'pod', kind: 'drain' },
};
/** Those that are asked after every effect. */
const ALWAYS = INVARIANTS.filter(({ always }) => always !== undefined);
const COUNTED = ['installs', 'reboots', 'rollbacks', 'legacyUpgrades'] as const;
export const DEPARTING = ['reboot', 'rollback', 'upgradeLegacy'];

export class Sight {
  readonly broken: Broken[] = [];
  readonly scene: Scene;
  readonly weather: Weather;
  /** Who keeps the thread; null where nobody does. */
  readonly window: Window | null;
  readonly ledger = new Ledger();
  readonly lease: LeaseWatch;
  readonly standing: Standing;
  readonly arrivals: Arrivals;
  /** Nodes that left by a call of ours and are not back. */
  readonly ours = new Set<string>();
  /** Nodes that left by a call of ours, in order; and when each was back, in milliseconds since 1970. */
  readonly departed: string[] = [];
  readonly backAt = new Map<string, number>();
  /** When somebody put something onto a node or took it from there, other than a drain. */
  disturbedAt = Number.NEGATIVE_INFINITY;
  /** Who has the cluster at the end of the walk. */
  claim: string | null = null;
  readonly foundCordoned: ReadonlyMap<string, boolean>;
  /** What was done to the machines before the walk began. */
  readonly #found: ReadonlyMap<string, Readonly<Record<(typeof COUNTED)[number], number>>>;
  #before: { readonly counts: string; readonly armed: boolean; readonly guarded: Guarded | null } | null =
    null;
  #read = 0;
  #retired = false;
  readonly #compared = new Map<string, number>();

  constructor(scene: Scene, weather: Weather, window: Window | null) {
    this.scene = scene;
    this.window = window;
    this.weather = weather;
    const { world, objects } = scene.house;
    this.standing = new Standing(scene.house);
    this.arrivals = new Arrivals(scene.house);
    this.lease = new LeaseWatch(scene.house);
    // One that came back and was taken away by somebody else is not away by our hand.
    world.onChange(() => this.#forgetThoseBack());
    this.foundCordoned = new Map(world.nodes.map(({ name }) => [name, objects.isCordoned(name)]));
    this.#found = new Map(world.nodes.map(({ name }) => [name, { ...world.counters.of(name) }]));
  }

  get house(): House {
    return this.scene.house;
  }

  get now(): number {
    return this.house.time.now();
  }

  /** How often a machine really carried out such a call since the walk began. */
  received(node: string, what: (typeof COUNTED)[number]): number {
    return this.house.world.counters.of(node)[what] - (this.#found.get(node)?.[what] ?? 0);
  }

  readonly tap: Tap = {
    before: (call) => this.#judged(() => this.#goesOut(call)),
    after: (call) => this.#judged(() => this.#wentOut(call)),
  };

  /** A call whose sender is gone has arrived. */
  arrived({ method, address }: Wandering): void {
    this.#judged(() => {
      const act = this.#actOf({ owner: 'nobody', method, args: [address] });
      if (act !== null && DEPARTING.includes(method)) this.#left(act);
    });
  }

  /** At the very end, when the rollout has come to its own. */
  async close(): Promise<void> {
    this.claim = await this.house.journal.claimOf(CLUSTER);
    this.#judged(() => {
      for (const { number, ended } of INVARIANTS)
        for (const what of ended?.(this) ?? []) this.breaks(number, what);
    });
  }

  /** After everything: reads what was written, and asks what must hold always. */
  look(): void {
    this.#judged(() => this.#look());
  }

  /** Somebody else judges from now on. */
  retire(): void {
    this.#retired = true;
  }

  breaks(invariant: number, what: string): void {
    const known = this.broken.some((one) => one.invariant === invariant && one.what === what);
    if (!known) this.broken.push({ invariant, what });
  }

  /** A mistake of the judge is told as such: it must never be taken for one of the product. */
  #judged(judge: () => void): void {
    if (this.#retired) return;
    try {
      judge();
    } catch (error) {
      this.breaks(
        0,
        `it cannot be judged: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }

  #goesOut(call: PortCall): void {
    this.#look();
    const act = this.#actOf(call);
    if (act === null) return;
    const guarded = act.pod === null ? null : guardedNow(this.house, act.pod);
    const { armed } = this.house.world.machine(act.node);
    this.#before = { counts: this.#countsOf(act.node), armed, guarded };
    for (const { number, sent } of INVARIANTS)
      for (const what of sent?.(this, act) ?? []) this.breaks(number, what);
    if (act.step !== null) this.ledger.step(act.step.id).sent += 1;
  }

  #wentOut(call: PortCall): void {
    const act = this.#actOf(call);
    const before = this.#before;
    this.#before = null;
    const guarded = before?.guarded ?? null;
    if (act !== null && act.pod !== null && guarded !== null && isSentAway(this.house, act.pod))
      for (const { number, taken } of INVARIANTS)
        for (const what of taken?.(this, act, guarded) ?? []) this.breaks(number, what);
    if (act !== null && before !== null && this.#countsOf(act.node) !== before.counts) {
      for (const { number, received } of INVARIANTS)
        for (const what of received?.(this, act, before) ?? []) this.breaks(number, what);
      if (DEPARTING.includes(act.method)) this.#left(act);
    }
    this.#look();
  }

  #left(act: Act): void {
    for (const { number, left } of INVARIANTS)
      for (const what of left?.(this, act) ?? []) this.breaks(number, what);
    this.ours.add(act.node);
    if (!this.departed.includes(act.node)) this.departed.push(act.node);
  }

  #forgetThoseBack(): void {
    const away = this.house.world.counters.awayNow();
    for (const node of this.ours) {
      if (away.includes(node)) continue;
      this.ours.delete(node);
      this.backAt.set(node, this.now);
    }
  }

  #look(): void {
    for (const entry of this.#entries().slice(this.#read)) this.#written(entry);
    for (const { number, always } of ALWAYS)
      for (const what of always?.(this) ?? []) this.breaks(number, what);
  }

  /** A journal that contradicts itself can be replayed by nobody. */
  #entries(): readonly Entry[] {
    try {
      return this.scene.audit.entries;
    } catch (error) {
      this.breaks(
        7,
        `the journal cannot be replayed: ${error instanceof Error ? error.message : String(error)}`,
      );
      return [];
    }
  }

  #written(entry: Entry): void {
    this.#read += 1;
    for (const { number, written } of INVARIANTS)
      for (const what of written?.(this, entry) ?? []) this.breaks(number, what);
    this.ledger.write(entry);
    if (this.ledger.finished === null || entry.event.kind !== 'finished') return;
    for (const { number, finished } of INVARIANTS)
      for (const what of finished?.(this) ?? []) this.breaks(number, what);
  }

  #countsOf(node: string): string {
    const counts = this.house.world.counters.of(node);
    return COUNTED.map((what) => counts[what]).join();
  }

  #actOf({ owner, method, args }: PortCall): Act | null {
    const known = ACTS[method];
    if (known === undefined) return null;
    const [subject] = args;
    const named = known.about === 'pod' ? (subject as PodSeen).node : String(subject);
    const machine = this.house.world.find(named);
    if (machine === undefined) return null;
    const { name: node, role } = machine.node;
    // A rollback that was in doubt is followed by a plain restart: sent twice it would go forward again.
    const again = method === 'reboot' && this.ledger.beginsOn(node, 'rollback') > 1;
    const step =
      this.ledger.stepOn(node, known.kind) ?? (again ? this.ledger.stepOn(node, 'rollback') : null);
    return { method, node, owner, role, step, pod: known.about === 'pod' ? (subject as PodSeen) : null };
  }

  /** Processes that drive it and have read as far as the journal goes, each once for each entry. */
  *drivers(): Iterable<{ readonly owner: string; readonly seen: Rollout; readonly written: Rollout }> {
    const { rollout } = this.scene.audit;
    if (rollout === null) return;
    for (const { owner, driver } of this.house.living) {
      const seen = driver.seen(this.scene.id);
      if (seen?.version !== rollout.version || this.#compared.get(owner) === rollout.version) continue;
      this.#compared.set(owner, rollout.version);
      yield { owner, seen, written: rollout };
    }
  }

  /** Whether the store says that this rollout is looked at again some time. */
  get hasLook(): boolean {
    return this.house.journal.looksOf(CLUSTER).has(this.scene.id);
  }
}
