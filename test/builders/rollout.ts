// Tells the story of a rollout as a journal: aRollout().planned().started().node('worker-1', 'done').
import type { Finding } from '../../src/checks/finding.ts';
import type { Actor, Entry, Outcome, RolloutEvent } from '../../src/rollout/event.ts';
import { fold } from '../../src/rollout/evolve.ts';
import type { Proof } from '../../src/rollout/gate.ts';
import type { Journey } from '../../src/rollout/journey.ts';
import { type Lane, laneOfGate, lanesOf, type Plan, stepsOf } from '../../src/rollout/plan.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { changesNode, type Step, type StepKind } from '../../src/rollout/step.ts';
import { APPROVER, aFinding, aPlan, aProof, type PlanOptions, REQUESTER } from './plan.ts';

export const CHANNEL = 'C0PLATF0RM';

/** 2026-11-20 15:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 20, 15);

const DRIVER: Actor = { kind: 'driver', name: 'w1' };

export interface StoryOptions extends PlanOptions {
  readonly id?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly channel?: string;
  readonly journey?: Journey;
}

/** One rollout's journal as it grows; every method appends and returns the same story. */
export class RolloutStory {
  readonly entries: Entry[] = [];
  readonly id: string;
  readonly cluster: string;
  readonly plan: Plan;
  #at = START_MS;
  #deliveries = 0;

  constructor(options: StoryOptions) {
    this.id = options.id ?? 'r0123456789';
    this.cluster = options.cluster ?? 'prod';
    this.plan = aPlan(options);
    this.append({
      kind: 'asked',
      rollout: this.id,
      cluster: this.cluster,
      goal: this.plan.goal,
      user: options.user ?? REQUESTER,
      channel: options.channel ?? CHANNEL,
      delivery: `${this.id}-ask`,
      ...(options.journey === undefined ? {} : { journey: options.journey }),
    });
  }

  /** The rollout as it stands. */
  get rollout(): Rollout {
    const rollout = fold(this.entries);
    if (rollout === null) throw new Error('a story begins with asked');
    return rollout;
  }

  /** Milliseconds since 1970 of the latest fact. */
  get now(): number {
    return this.#at;
  }

  append(event: RolloutEvent, afterMs = 1_000): this {
    this.#at += this.entries.length === 0 ? 0 : afterMs;
    this.entries.push({ n: this.entries.length + 1, at: this.#at, by: DRIVER, v: 1, event });
    return this;
  }

  #delivery(): string {
    this.#deliveries += 1;
    return `${this.id}-${this.#deliveries}`;
  }

  planned(findings: readonly Finding[] = [aFinding('ok')]): this {
    return this.append({ kind: 'planned', plan: this.plan, findings, expiresAt: this.#at + 3_600_000 });
  }

  declined(
    outcome: 'refused' | 'unchanged' | 'blocked',
    sentence: string,
    findings: readonly Finding[] = [],
  ): this {
    return this.append({ kind: 'declined', outcome, sentence, findings });
  }

  overridden(check: string, subjects: readonly string[], user = APPROVER): this {
    const reason = 'That app is being replaced this week.';
    return this.append({ kind: 'overridden', check, subjects, user, reason, delivery: this.#delivery() });
  }

  started(user: string | null = REQUESTER): this {
    return this.append({ kind: 'started', user, delivery: user === null ? null : this.#delivery() });
  }

  /** Everything up to a running rollout whose images are on every machine. */
  underWay(): this {
    return this.planned().started().pulled();
  }

  pulled(): this {
    for (const lane of lanesOf(this.plan)) {
      if (lane.steps.every((step) => step.kind === 'pull')) for (const step of lane.steps) this.did(step);
    }
    return this;
  }

  /** The first part of a staged upgrade, on every node. */
  installed(): this {
    for (const { steps } of lanesOf(this.plan)) {
      const [step] = steps;
      if (step?.kind === 'install' && steps.length === 1) this.did(step);
    }
    return this;
  }

  /** The step that copies etcd. */
  get copying(): Step {
    const step = stepsOf(this.plan).find(({ kind }) => kind === 'snapshot');
    if (step === undefined) throw new Error('no snapshot is planned');
    return step;
  }

  copied(): this {
    const result = { name: 'prod/20261120T150000.000Z_prod_r1.snapshot', bytes: 73_400_352, digest: 'ab12' };
    return this.begun(this.copying).append({ kind: 'step-ended', step: this.copying.id, result });
  }

  did(step: Step): this {
    return this.begun(step).ended(step);
  }

  begun(step: Step): this {
    return this.append({ kind: 'step-begun', step: step.id, evidence: { bootId: 'b1' }, by: 'w1' });
  }

  ended(step: Step): this {
    const result = step.kind === 'return' ? { version: 'v1.13.5' } : {};
    return this.append({ kind: 'step-ended', step: step.id, result });
  }

  step(node: string, kind: StepKind): Step {
    const lane = this.#lane(node, kind);
    const step = lane.steps.find((candidate) => candidate.kind === kind);
    if (step === undefined) throw new Error(`${node} has no step ${kind}`);
    return step;
  }

  /** Takes the node through its lane up to and including the beginning of this step, or through all of it. */
  node(name: string, until: StepKind | 'done'): this {
    for (const step of this.#lane(name, until).steps) {
      if (step.kind === until) return this.begun(step);
      this.did(step);
    }
    return this;
  }

  failed(node: string, kind: StepKind, why = 'the installer ended with exit code 1'): this {
    return this.append({ kind: 'step-failed', step: this.step(node, kind).id, why });
  }

  doubted(node: string, kind: StepKind, why = 'nobody can say whether the reboot was taken'): this {
    return this.append({ kind: 'step-doubted', step: this.step(node, kind).id, why });
  }

  gate(node: string, changed: { readonly needs?: number; readonly proof?: Proof } = {}): this {
    const gate = `gate:${node}`;
    const fingerprint = laneOfGate(this.plan, gate)?.gate?.fingerprint;
    if (fingerprint === undefined) throw new Error(`${node} has no gate`);
    const { needs = 1, proof = aProof() } = changed;
    return this.append({
      kind: 'gate-opened',
      gate,
      fingerprint,
      proof,
      needs,
      expiresAt: this.#at + 3_600_000,
    });
  }

  approved(node: string, user = APPROVER): this {
    const gate = `gate:${node}`;
    const fingerprint = laneOfGate(this.plan, gate)?.gate?.fingerprint ?? '';
    return this.append({ kind: 'approved', gate, fingerprint, user, delivery: this.#delivery() });
  }

  passed(node: string): this {
    return this.append({ kind: 'gate-passed', gate: `gate:${node}`, proof: aProof() });
  }

  voided(node: string, why = 'cp-3 does not answer'): this {
    return this.append({ kind: 'gate-voided', gate: `gate:${node}`, why });
  }

  withheld(node: string, why = 'cp-3 lags 900 entries behind'): this {
    return this.append({ kind: 'gate-withheld', gate: `gate:${node}`, why });
  }

  denied(node: string, reason = '', user = APPROVER): this {
    return this.append({ kind: 'denied', gate: `gate:${node}`, user, reason, delivery: this.#delivery() });
  }

  expiredAt(node: string): this {
    return this.append({ kind: 'gate-expired', gate: `gate:${node}` });
  }

  paused(user = APPROVER): this {
    return this.append({ kind: 'paused', user, delivery: this.#delivery() });
  }

  resumed(user = APPROVER): this {
    return this.append({ kind: 'resumed', user, delivery: this.#delivery() });
  }

  aborted(user = APPROVER): this {
    return this.append({ kind: 'aborted', user, delivery: this.#delivery() });
  }

  retried(subject: string, user = APPROVER): this {
    return this.append({ kind: 'retried', subject, user, notBefore: 0, delivery: this.#delivery() });
  }

  skipped(node: string, user = APPROVER): this {
    return this.append({ kind: 'skipped', lane: this.#lane(node).id, user, delivery: this.#delivery() });
  }

  finished(outcome: Outcome): this {
    return this.append({ kind: 'finished', outcome });
  }

  /** The whole upgrade to its good end. */
  upgraded(): this {
    this.underWay();
    for (const lane of lanesOf(this.plan)) {
      if (!lane.steps.some(changesNode)) {
        if (lane.steps.some((step) => step.kind === 'snapshot')) this.copied();
        continue;
      }
      if (lane.gate !== null) this.gate(lane.node).approved(lane.node).passed(lane.node);
      this.node(lane.node, 'done');
    }
    return this.finished('upgraded');
  }

  /** The one that has such a step: a staged plan has two lanes a node. */
  #lane(node: string, kind?: StepKind | 'done'): Lane {
    const lanes = lanesOf(this.plan).filter((one) => one.node === node && one.steps.some(changesNode));
    const lane = lanes.find(({ steps }) => steps.some((step) => step.kind === kind)) ?? lanes[0];
    if (lane === undefined) throw new Error(`no lane changes ${node}`);
    return lane;
  }
}

export function aRollout(options: StoryOptions = {}): RolloutStory {
  return new RolloutStory(options);
}
