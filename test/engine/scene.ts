// A rollout played in memory: people, processes, a simulated cluster, and an audit that hears every call.
import {
  type BotProcess,
  CLUSTER,
  House,
  type HouseOptions,
  type ProcessPorts,
} from '../../playground/doubles/house.ts';
import type { Tap } from '../../playground/doubles/mortal.ts';
import type { WorkloadSet } from '../../playground/world/kubernetes/default-workloads.ts';
import type { WorldSettings } from '../../playground/world/settings.ts';
import type { Submitted } from '../../src/engine/submit.ts';
import type { EventKind, RolloutEvent } from '../../src/rollout/event.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import type { Asked, Intent } from '../../src/rollout/intent.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import type { Limits, Policy } from '../../src/rollout/policy.ts';
import { gateState, type Rollout } from '../../src/rollout/rollout.ts';
import type { Step, StepKind } from '../../src/rollout/step.ts';
import { APPROVER, aPolicy, BYSTANDER, REQUESTER, SECOND_APPROVER } from '../builders/plan.ts';
import { Audit } from './audit.ts';
import { LITTLE_WORK } from './little-work.ts';

export { APPROVER, BYSTANDER, REQUESTER, SECOND_APPROVER };
export const UPGRADE: Goal = { kind: 'upgrade-talos', version: 'v1.13.5' };

/** Some times what the simulated machines need, so that only trouble reaches a limit. */
const LIMITS: Limits = {
  pullMs: 30_000,
  snapshotMs: 30_000,
  drainMs: 30_000,
  installMs: 20_000,
  rebootMs: 20_000,
  returnMs: 20_000,
  proveMs: 15_000,
  flightMs: 120_000,
};

/** How long a scene may take in simulated time: more than any gate or flight lasts. */
const SCENE_LIMIT_MS = 4 * 3_600_000;
/** A scene in which so much goes wrong unexpectedly would only go on like that. */
const MOST_ERRORS = 30;

export interface SceneOptions {
  readonly goal?: Goal;
  readonly world?: Partial<WorldSettings>;
  readonly policy?: Partial<Omit<Policy, 'limits'>> & { readonly limits?: Partial<Limits> };
  readonly workloads?: WorkloadSet;
  readonly id?: string;
  readonly sweeps?: boolean;
  readonly archived?: boolean;
  readonly guarded?: boolean;
  readonly leased?: boolean;
  readonly certificateMs?: number;
  /** Another house on the same cluster. */
  readonly beside?: House;
  readonly mutexOf?: NonNullable<HouseOptions['mutexOf']>;
  readonly estate?: NonNullable<HouseOptions['estate']>;
  readonly clockOf?: NonNullable<HouseOptions['clockOf']>;
  /** What another scene left: the same cluster, journals and processes. */
  readonly after?: Scene;
}

/** What somebody wants to press, or null. */
export type People = (rollout: Rollout) => { readonly intent: Intent; readonly user: string } | null;

/** They start what is proposed and approve every card; what is held they leave. */
export const willing: People = (rollout) => {
  const { phase } = rollout;
  if (phase.phase === 'proposed') return { intent: { kind: 'start' }, user: REQUESTER };
  if (phase.phase !== 'at-gate') return null;
  const gate = gateState(rollout, phase.gate);
  const approved = gate.state === 'open' ? gate.approvals.map(({ user }) => user) : [];
  const user = [APPROVER, SECOND_APPROVER].find((one) => !approved.includes(one));
  return user === undefined ? null : { intent: { kind: 'approve', gate: phase.gate }, user };
};

export const idle: People = () => null;

export class Scene {
  readonly house: House;
  readonly audit: Audit;
  readonly id: string;
  readonly goal: Goal;
  people: People = willing;
  #between: (ports: ProcessPorts) => ProcessPorts = (ports) => ports;
  /** A press that has not been answered: whoever lives is asked again, with the same delivery. */
  #pressed: { readonly asked: Asked; via: BotProcess } | null = null;
  #deliveries = 0;

  constructor(options: SceneOptions = {}) {
    const { goal = UPGRADE, policy = {}, id = 'r1', after, ...house } = options;
    this.goal = goal;
    this.id = id;
    this.house =
      after?.house ??
      new House({ ...house, policy: aPolicy({ ...policy, limits: { ...LIMITS, ...policy.limits } }) });
    this.audit = new Audit(this.house, id);
    this.house.taps.push(this.audit.tap);
  }

  /** Puts something between every process that is started from now on and the world. */
  between(change: (ports: ProcessPorts) => ProcessPorts): this {
    this.#between = change;
    return this;
  }

  tap(tap: Tap): this {
    this.house.taps.push(tap);
    return this;
  }

  start(between = this.#between): BotProcess {
    return this.house.start((ports) => between(this.audit.watched(ports)));
  }

  get rollout(): Rollout {
    const { rollout } = this.audit;
    if (rollout === null) throw new Error('nothing was asked yet');
    return rollout;
  }

  get phase(): Rollout['phase'] {
    return this.rollout.phase;
  }

  facts<K extends EventKind>(kind: K): readonly Extract<RolloutEvent, { kind: K }>[] {
    return this.audit.entries
      .map(({ event }) => event)
      .filter((event): event is Extract<RolloutEvent, { kind: K }> => event.kind === kind);
  }

  /** The step of this kind in the lane that changes the node. */
  step(node: string, kind: StepKind): Step {
    const lane = lanesOf(this.rollout.plan ?? failing('there is no plan yet')).find(
      (one) => one.node === node && one.steps.some((step) => step.kind !== 'pull'),
    );
    return lane?.steps.find((step) => step.kind === kind) ?? failing(`${node} has no step ${kind}`);
  }

  /** One intent by one person through one process, answered. */
  async says(intent: Intent, user = REQUESTER, delivery = this.#delivery()): Promise<Submitted> {
    const [process = failing('no process lives')] = this.house.living;
    let answer: Submitted | null = null;
    const asking = process.submit({ cluster: CLUSTER, rollout: this.id }, { intent, user, delivery });
    void asking.then((given) => {
      answer = given;
    });
    await this.house.time.runUntil(() => answer !== null, 1_000);
    return asking;
  }

  asks(user = REQUESTER): Promise<Submitted> {
    return this.says(this.askIntent(), user);
  }

  askIntent(): Intent {
    return { kind: 'ask', rollout: this.id, cluster: CLUSTER, goal: this.goal, channel: 'C0PLATFORM' };
  }

  /** Lets time pass, with the people pressing what they are willing to, until the condition holds. */
  async until(hasCome: (rollout: Rollout) => boolean, limitMs = SCENE_LIMIT_MS): Promise<this> {
    const come = (): boolean => {
      this.audit.compare();
      const { errors } = this.house.voices;
      if (errors.length > MOST_ERRORS) throw new Error(`it goes wrong: ${JSON.stringify(errors.at(-1))}`);
      const { rollout } = this.audit;
      if (rollout !== null && hasCome(rollout)) return true;
      this.#press(rollout);
      return false;
    };
    try {
      await this.house.time.runUntil(come, limitMs);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${this.story()}`);
    }
    return this;
  }

  /** From the question to an end, or to something that only a person can decide. */
  async plays(): Promise<this> {
    if (this.house.living.length === 0) this.start();
    return await this.until(
      (rollout) =>
        rollout.phase.phase === 'finished' ||
        ((rollout.phase.phase === 'held' || rollout.phase.phase === 'paused') &&
          this.people(rollout) === null),
    );
  }

  /** Until this step's fact is in the journal. */
  untilStep(
    node: string,
    kind: StepKind,
    fact: 'step-begun' | 'step-ended' | 'step-failed' | 'step-doubted',
  ): Promise<this> {
    return this.until(() => {
      if (this.rollout.plan === null) return false;
      const { id } = this.step(node, kind);
      return this.facts(fact).some((event) => event.step === id);
    });
  }

  /** Until the card of this node is open. */
  untilGate(node: string): Promise<this> {
    return this.until(({ phase }) => phase.phase === 'at-gate' && phase.gate === `gate:${node}`);
  }

  /** The last facts, for a failed assertion. */
  story(): string {
    const lines = this.audit.entries.slice(-12).map(({ n, at, by, event }) => {
      const { kind, ...rest } = event;
      return `${n} ${at} ${by.kind} ${kind} ${JSON.stringify(rest).slice(0, 160)}`;
    });
    return [JSON.stringify(this.audit.rollout?.phase ?? null), ...lines, ...this.audit.broken].join('\n');
  }

  /** What the simulator counted for every node of a role, or for one node. */
  counted(
    what: 'installs' | 'reboots' | 'rollbacks' | 'pulls' | 'legacyUpgrades',
  ): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.house.world.nodes.map(({ name }) => [name, this.house.world.counters.of(name)[what]]),
    );
  }

  versions(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.house.world.machines().map((one) => [one.node.name, one.version]));
  }

  #delivery(): string {
    this.#deliveries += 1;
    // Of its own in the house, as in a workspace: another scene may be played there.
    return `${this.id}-${this.#deliveries}`;
  }

  #press(rollout: Rollout | null): void {
    const [process] = this.house.living;
    if (process === undefined) return;
    if (this.#pressed === null) {
      const wish = rollout === null ? { intent: this.askIntent(), user: REQUESTER } : this.people(rollout);
      if (wish === null) return;
      this.#send({ ...wish, delivery: this.#delivery() }, process);
    } else if (!this.#pressed.via.life.alive) this.#send(this.#pressed.asked, process);
  }

  #send(asked: Asked, via: BotProcess): void {
    const pressed = { asked, via };
    this.#pressed = pressed;
    void via
      .submit({ cluster: CLUSTER, rollout: this.id }, asked)
      .catch(() => undefined)
      .then(() => {
        if (this.#pressed === pressed) this.#pressed = null;
      });
  }
}

export function aScene(options: SceneOptions = {}): Scene {
  return new Scene(options);
}

/** Three control-plane nodes and one worker with little work: quicker to play where nothing depends on more. */
export function aSmallScene(options: SceneOptions = {}): Scene {
  return aScene({
    workloads: LITTLE_WORK,
    ...options,
    world: { controlPlanes: 3, workers: 1, ...options.world },
  });
}

function failing(why: string): never {
  throw new Error(why);
}
