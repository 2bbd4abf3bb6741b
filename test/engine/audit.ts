// Watches every call between the processes and the world, and writes down each broken promise of the product (design.md section 5).
import { isDeepStrictEqual } from 'node:util';
import { CLUSTER, type House, type ProcessPorts } from '../../playground/doubles/house.ts';
import type { PortCall, Tap } from '../../playground/doubles/mortal.ts';
import { type AppendRequest, type Journal, LEASE_MS } from '../../src/engine/ports/journal.ts';
import type { PodSeen } from '../../src/engine/ports/workloads.ts';
import type { Entry } from '../../src/rollout/event.ts';
import { evolve, fold } from '../../src/rollout/evolve.ts';
import { laneOfStep, stepsOf } from '../../src/rollout/plan.ts';
import { debtsOf, gateState, type Rollout, stepState } from '../../src/rollout/rollout.ts';
import type { Step, StepKind } from '../../src/rollout/step.ts';
import { besideCall, isDriversOwn } from './beside-calls.ts';
import { wrongDeletions, wrongDeparture } from './drained.ts';
import { etcdTroubles } from './leaving.ts';

import { wrongAboutFindings } from './standing.ts';
import { wrongWhilePaused } from './still-paused.ts';

/** Calls that change something, and whether the first argument names the node by address. */
const ACTS: Readonly<Record<string, 'address' | 'name' | 'pod'>> = {
  pull: 'address',
  install: 'address',
  upgradeLegacy: 'address',
  reboot: 'address',
  rollback: 'address',
  forfeitLeadership: 'address',
  cordon: 'name',
  uncordon: 'name',
  evict: 'pod',
  remove: 'pod',
};

const NEVER_TWICE: Readonly<Record<string, StepKind>> = {
  install: 'install',
  upgradeLegacy: 'upgrade-legacy',
  reboot: 'reboot',
  rollback: 'rollback',
};

const DEPARTING = ['reboot', 'rollback', 'upgradeLegacy'];

/** One thing that a process did to the journal or to the cluster. */
export interface Effect {
  readonly n: number;
  readonly owner: string;
  /** `append step-begun 03-cp-1-reboot`, `reboot cp-1`. */
  readonly name: string;
}

export class Audit {
  readonly broken: string[] = [];
  readonly effects: Effect[] = [];
  readonly #house: House;
  readonly #id: string;
  readonly #entries: Entry[] = [];
  #rollout: Rollout | null = null;
  /** How often each never-step was sent, by step and by begin. */
  readonly #sends = new Map<string, number>();
  readonly #leases = new Map<string, { readonly owner: string; until: number }>();
  #foundCordoned: ReadonlyMap<string, boolean> = new Map();
  #compared = 0;

  constructor(house: House, id: string) {
    this.#house = house;
    this.#id = id;
    this.noteFound();
  }

  /** Remembers how the nodes are found; again after a test has prepared them. */
  noteFound(): void {
    const { world, objects } = this.#house;
    this.#foundCordoned = new Map(world.nodes.map(({ name }) => [name, objects.isCordoned(name)]));
  }

  /** Hears the calls; the crash of a test comes after it in the list of taps. */
  readonly tap: Tap = {
    before: (call) => this.#before(call),
  };

  /** The journal's rollout as an uninvolved reader folds it. */
  get rollout(): Rollout | null {
    const { journal } = this.#house;
    if (journal.sizeOf(CLUSTER, this.#id) > this.#entries.length) {
      const fresh = journal.entriesOf(CLUSTER, this.#id, this.#entries.length);
      for (const entry of fresh) {
        const { event } = entry;
        const unfound = wrongAboutFindings(this.#rollout, event, this.#house.policy);
        for (const wrong of [unfound, wrongWhilePaused(this.#entries, event)])
          if (wrong !== null) this.#breaks(wrong);
        this.#rollout = evolve(this.#rollout, entry);
        this.#entries.push(entry);
        if (entry.event.kind === 'finished') this.#atTheEnd(this.#rollout);
      }
    }
    return this.#rollout;
  }

  get entries(): readonly Entry[] {
    void this.rollout;
    return this.#entries;
  }

  sends(kind: StepKind): number {
    return [...this.#sends]
      .filter(([key]) => key.endsWith(`-${kind}`))
      .reduce((sum, [, times]) => sum + times, 0);
  }

  /** Puts the book of leases between a process and the store: whoever does not renew here does not hold one. */
  watched(ports: ProcessPorts): ProcessPorts {
    const { journal } = ports;
    const now = (): number => this.#house.time.now();
    const book: Partial<Journal> = {
      take: async (cluster, rollout, owner) => {
        const reply = await journal.take(cluster, rollout, owner);
        if (reply.kind === 'taken') this.#leases.set(reply.lease.token, { owner, until: now() + LEASE_MS });
        return reply;
      },
      renew: async (lease) => {
        const reply = await journal.renew(lease);
        const known = this.#leases.get(lease.token);
        if (reply.kind === 'renewed' && known !== undefined) known.until = now() + LEASE_MS;
        return reply;
      },
      letGo: async (lease, ...seen) => {
        const reply = await journal.letGo(lease, ...seen);
        if (reply === 'let-go') this.#leases.delete(lease.token);
        return reply;
      },
    };
    const known = new Proxy(journal, {
      get: (target, key) => {
        const own: unknown = Reflect.get(book, key);
        if (own !== undefined) return own;
        const member: unknown = Reflect.get(target, key, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    return { ...ports, journal: known };
  }

  /** Between two instants: what each driver believes is what an uninvolved reader folds. */
  compare(): void {
    const { rollout } = this;
    if (rollout === null || rollout.version === this.#compared) return;
    this.#compared = rollout.version;
    for (const { driver, owner } of this.#house.living) {
      const seen = driver.seen(this.#id);
      if (seen?.version === rollout.version && !isDeepStrictEqual(seen, rollout))
        this.#breaks(`${owner} believes something else than the journal says at entry ${rollout.version}`);
    }
  }

  /** What must hold at the very end, whatever happened on the way. */
  close(): void {
    const { rollout } = this;
    if (!isDeepStrictEqual(fold(this.#entries), rollout)) this.#breaks('a replay ends in another rollout');
    const { maxControlPlaneAway } = this.#house.world.counters;
    if (maxControlPlaneAway > 1) this.#breaks(`${maxControlPlaneAway} control-plane nodes were away at once`);
    for (const { message, fields } of this.#house.voices.errors)
      this.#breaks(`logged in error: ${message} ${JSON.stringify(fields)}`);
  }

  #breaks(what: string): void {
    this.broken.push(`[${this.effects.length}] ${what}`);
  }

  #before(call: PortCall): void {
    if (call.method === 'append') {
      this.#count(call, `append ${eventsOf(call)}`);
      return;
    }
    const beside = besideCall(call);
    if (beside !== null) {
      this.#count(call, beside);
      if (isDriversOwn(beside) && !this.#holdsLease(call.owner))
        this.#breaks(`${beside} by ${call.owner}, which has no lease`);
      return;
    }
    const about = ACTS[call.method];
    if (about === undefined) return;
    const node = this.#nodeOf(call.args[0], about);
    this.#count(call, `${call.method} ${node}`);
    this.#mayAct(call, node);
  }

  #count({ owner }: PortCall, name: string): void {
    this.effects.push({ n: this.effects.length + 1, owner, name });
  }

  #nodeOf(subject: unknown, about: 'address' | 'name' | 'pod'): string {
    if (about === 'pod') return (subject as PodSeen).node;
    const text = String(subject);
    return about === 'name' ? text : (this.#house.world.find(text)?.node.name ?? text);
  }

  #mayAct(call: PortCall, node: string): void {
    const { rollout } = this;
    const act = `${call.method} of ${node}`;
    if (rollout === null || rollout.plan === null) {
      this.#breaks(`${act} before there was a plan`);
      return;
    }
    if (!this.#holdsLease(call.owner)) this.#breaks(`${act} by ${call.owner}, which has no lease`);
    const machine = this.#house.world.machine(node);
    const lane = rollout.plan.stages
      .flatMap(({ lanes }) => lanes)
      .find((one) => one.node === node && one.gate !== null);
    if (call.method === 'install' && lane?.steps.every(({ kind }) => kind !== 'install') === true) {
      // A staged plan installs before its gates: then a person pressed Start, whatever the policy says.
      const begun = this.#entries.some(({ event }) => event.kind === 'started' && event.user !== null);
      if (!begun) this.#breaks(`${act} although nobody started it`);
    } else if (machine.node.role === 'control-plane' && call.method !== 'pull') {
      const gate = lane === undefined || lane.gate === null ? null : gateState(rollout, lane.gate.id);
      if (gate?.state !== 'passed') this.#breaks(`${act} while its gate is ${gate?.state ?? 'missing'}`);
      this.#mayGoAlone(call, act);
    }
    const kind = NEVER_TWICE[call.method];
    const step = stepsOf(rollout.plan).find((one) => one.node === node && one.kind === kind);
    if (kind !== undefined && step !== undefined) this.#sentOnce(rollout, step, call.owner);
    for (const why of wrongDeletions(call, this.#entries)) this.#breaks(why);
    if (DEPARTING.includes(call.method)) this.#mayLeave(node, rollout);
  }

  /** On the legacy path the node takes the mutex itself, so it must be free; a repair may do without when etcd says nothing. */
  #mayGoAlone({ method, owner }: PortCall, act: string): void {
    const { mutex, guarded } = this.#house;
    if (!guarded || !(method in NEVER_TWICE) || mutex.trouble !== null) return;
    const expected = method === 'upgradeLegacy' ? null : owner;
    if (mutex.owner !== expected)
      this.#breaks(`${act} while ${mutex.owner ?? 'nobody'} holds the upgrade mutex`);
  }

  #holdsLease(owner: string): boolean {
    const now = this.#house.time.now();
    return [...this.#leases.values()].some((lease) => lease.owner === owner && lease.until > now);
  }

  #sentOnce(rollout: Rollout, step: Step, owner: string): void {
    const state = stepState(rollout, step.id);
    if (state.state !== 'begun') this.#breaks(`${step.id} sent while ${state.state}`);
    else if (state.by !== owner) this.#breaks(`${step.id} sent by ${owner}, begun by ${state.by}`);
    const begins = rollout.begins.get(step.id) ?? 0;
    const times = (this.#sends.get(`${begins}:${step.id}`) ?? 0) + 1;
    this.#sends.set(`${begins}:${step.id}`, times);
    if (times > 1) this.#breaks(`${step.id} sent ${times} times for one "begun"`);
    const again = this.#entries.filter(
      ({ event }) =>
        (event.kind === 'retried' && event.subject === step.id) ||
        (event.kind === 'step-withdrawn' && event.step === step.id),
    ).length;
    if (begins > 1 + again) this.#breaks(`${step.id} begun ${begins} times, but said again ${again} times`);
  }

  #mayLeave(node: string, rollout: Rollout): void {
    const { world, policy } = this.#house;
    const role = world.machine(node).node.role;
    const others = world.counters.awayNow().filter((name) => name !== node);
    const roles = others.map((name) => world.machine(name).node.role);
    if (roles.some((other) => other !== role))
      this.#breaks(`${node} leaves while ${others.join(', ')} is away`);
    const width = role === 'worker' ? policy.parallelWorkers : 1;
    if (others.length >= width) this.#breaks(`${node} leaves as number ${others.length + 1} of ${width}`);
    for (const why of wrongDeparture(this.#house, { rollout, entries: this.#entries }, node))
      this.#breaks(`${node} leaves ${why}`);
    if (role === 'worker') return;
    for (const why of etcdTroubles(this.#house, this.#entries, node)) this.#breaks(`${node} leaves ${why}`);
  }

  #atTheEnd(rollout: Rollout): void {
    const debts = debtsOf(rollout).map(({ pay }) => pay.id);
    if (debts.length > 0) this.#breaks(`finished with the debts ${debts.join(', ')}`);
    const plan = rollout.plan;
    for (const [node, cordoned] of this.#foundCordoned) {
      const taken =
        plan !== null && [...rollout.debtsTaken.keys()].some((id) => laneOfStep(plan, id)?.node === node);
      if (!taken && this.#house.objects.isCordoned(node) !== cordoned)
        this.#breaks(`${node} was found ${cordoned ? 'cordoned' : 'schedulable'} and was not left so`);
    }
  }
}

function eventsOf({ args }: PortCall): string {
  const { events } = args[0] as AppendRequest;
  return events
    .map((event) =>
      'step' in event
        ? `${event.kind} ${event.step}`
        : 'gate' in event
          ? `${event.kind} ${event.gate}`
          : event.kind,
    )
    .join(' + ');
}
