// Walks one rollout at random: people press what comes to their mind, the driver does what `next` says, machines fail as they like.
import type { Finding } from '../../../src/checks/finding.ts';
import { decide } from '../../../src/rollout/decide.ts';
import type { Entry, RolloutEvent } from '../../../src/rollout/event.ts';
import { evolve } from '../../../src/rollout/evolve.ts';
import type { Intent } from '../../../src/rollout/intent.ts';
import { next, type Task } from '../../../src/rollout/next.ts';
import { boundTo } from '../../../src/rollout/occasion.ts';
import { type Lane, laneOfStep, type Plan, plannedNode } from '../../../src/rollout/plan.ts';
import { ORDERS, type Policy } from '../../../src/rollout/policy.ts';
import { gateState, nodesAway, outcomeOf, type Rollout } from '../../../src/rollout/rollout.ts';
import type { Step } from '../../../src/rollout/step.ts';
import {
  APPROVER,
  aFinding,
  aPolicy,
  aProof,
  BYSTANDER,
  REQUESTER,
  SECOND_APPROVER,
} from '../../builders/plan.ts';
import { type Random, seeded } from './random.ts';
import { aWalkedPlan } from './walked-plan.ts';

const PEOPLE = [REQUESTER, APPROVER, SECOND_APPROVER, BYSTANDER];

export class Walker {
  readonly random: Random;
  readonly policy: Policy;
  readonly entries: Entry[] = [];
  /** Machines that are physically down because of us. The rollout is never asked about this: it is the truth it must respect. */
  readonly down = new Set<string>();
  rollout: Rollout;
  now = 1_000_000;
  readonly #plan: Plan;
  #deliveries = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.policy = aPolicy({
      approvals: 1 + this.random.below(2),
      parallelWorkers: 1 + this.random.below(3),
      selfApproval: this.random.pick(['refused', 'allowed']),
      order: this.random.pick(ORDERS),
      soak: {
        workersMs: this.random.pick([0, 60_000]),
        canaryMs: this.random.pick([0, 600_000]),
        stagesMs: this.random.pick([0, 300_000]),
      },
    });
    this.#plan = aWalkedPlan(this.random, this.policy);
    this.rollout = this.#first();
  }

  get over(): boolean {
    return this.rollout.phase.phase === 'finished';
  }

  /** One thing happens: mostly the driver does something, now and then a person presses a button. */
  move(): void {
    this.#recover();
    const { tasks, wakeAt } = next(this.rollout, this.now);
    if (tasks.length > 0 && !this.random.chance(0.15)) {
      this.#append(...this.#facts(this.random.pick(tasks)));
      return;
    }
    if (wakeAt !== null && this.random.chance(0.2)) this.now = Math.max(this.now, wakeAt);
    this.#press();
  }

  #first(): Rollout {
    const { goal } = this.#plan;
    const event: RolloutEvent = {
      ...{ kind: 'asked', rollout: 'r1', cluster: 'prod', goal },
      ...{ user: REQUESTER, channel: 'C1', delivery: 'd0' },
    };
    const entry: Entry = { n: 1, at: this.now, by: { kind: 'person', user: REQUESTER }, v: 1, event };
    this.entries.push(entry);
    return evolve(null, entry);
  }

  #append(...events: readonly RolloutEvent[]): void {
    for (const event of events) {
      this.now += this.random.below(2_000);
      const by = { kind: 'driver', name: 'w1' } as const;
      const entry: Entry = { n: this.rollout.version + 1, at: this.now, by, v: 1, event };
      this.entries.push(entry);
      this.rollout = evolve(this.rollout, entry);
    }
  }

  #press(): void {
    const gates = [...this.rollout.gates.keys()];
    const gate = gates.length === 0 ? 'gate:none' : this.random.pick(gates);
    const calm: readonly Intent[] = [
      ...([
        { kind: 'start' },
        { kind: 'resume' },
        { kind: 'continue' },
        { kind: 'retry' },
        { kind: 'retry' },
        { kind: 'skip' },
      ] as const),
      ...Array(6).fill({ kind: 'approve', gate }),
      ...Array(this.rollout.phase.phase === 'proposed' ? 6 : 1).fill(this.#overriding()),
    ];
    const harsh: readonly Intent[] = [
      { kind: 'abort' },
      { kind: 'deny', gate, reason: 'no' },
      { kind: 'pause' },
    ];
    // On the newest card: typed words that cross are refused (test/rollout/crossing.test.ts).
    const intent = boundTo(this.rollout, this.random.pick(this.random.chance(0.06) ? harsh : calm));
    this.#deliveries += 1;
    const asked = { intent, user: this.random.pick(PEOPLE), delivery: `d${this.#deliveries}` };
    const said = decide(this.rollout, asked, { policy: this.policy, now: this.now });
    if (said.kind === 'decided') this.#append(...said.events);
  }

  #overriding(): Intent {
    const checks = this.random.pick([['flux'], ['velero'], ['flux', 'velero'], ['etcd-quorum']]);
    return { kind: 'override', checks, reason: this.random.pick(['It is being replaced.', '']) };
  }

  #facts(task: Task): readonly RolloutEvent[] {
    switch (task.kind) {
      case 'plan':
        return this.#proposal();
      case 'step':
        return task.begun ? this.#settle(task.step) : this.#begin(task.step);
      case 'open-gate':
        return this.#openGate(task.lane);
      case 'prove-gate':
        return this.#proveGate(task.lane);
      case 'expire':
        return this.#expire();
      case 'finish': {
        const { phase } = this.rollout;
        const outcome = phase.phase === 'tidying' ? phase.outcome : outcomeOf(this.rollout, this.#plan);
        return [{ kind: 'finished', outcome }];
      }
    }
  }

  #proposal(): readonly RolloutEvent[] {
    if (this.random.chance(0.03))
      return [{ kind: 'declined', outcome: 'blocked', sentence: 'no', findings: [] }];
    const expiresAt = this.now + this.policy.proposalExpiryMs;
    const findings = this.random.chance(0.4) ? this.#standing() : [];
    const planned: RolloutEvent = { kind: 'planned', plan: this.#plan, findings, expiresAt };
    const asks = findings.length > 0 || this.random.chance(0.5);
    return asks ? [planned] : [planned, { kind: 'started', user: null, delivery: null }];
  }

  /** What a planner proposes a plan with: advice only. */
  #standing(): readonly Finding[] {
    const flux = ['apps', 'infra'].map((subject) => aFinding('blocker', { check: 'flux', subject }));
    return [
      aFinding('ok'),
      ...flux,
      ...(this.random.chance(0.5) ? [aFinding('unknown', { check: 'velero' })] : []),
    ];
  }

  #begin(step: Step): readonly RolloutEvent[] {
    // Found already so; only a return has to be watched to be believed.
    if (step.kind !== 'return' && this.random.chance(0.03))
      return [{ kind: 'step-ended', step: step.id, result: {} }];
    if (this.random.chance(0.03) || !this.#mayDepart(step))
      return [{ kind: 'step-failed', step: step.id, why: 'it could not be looked at' }];
    if (step.presence === 'departs') this.down.add(step.node);
    return [{ kind: 'step-begun', step: step.id, evidence: { bootId: 'b' }, by: 'w1' }];
  }

  /** What the engine proves right before a control-plane node departs: nobody else is away. */
  #mayDepart(step: Step): boolean {
    const lane = laneOfStep(this.#plan, step.id);
    if (step.presence !== 'departs' || lane?.role !== 'control-plane') return true;
    return this.#nobodyAwayBut(step.node);
  }

  #nobodyAwayBut(node: string): boolean {
    return nodesAway(this.rollout).every((away) => away === node || !this.down.has(away));
  }

  #settle(step: Step): readonly RolloutEvent[] {
    const { id } = step;
    if (this.random.chance(0.85)) {
      if (step.kind === 'return') this.down.delete(step.node);
      return [{ kind: 'step-ended', step: id, result: {} }];
    }
    if (this.random.chance(0.4)) {
      // Provably never sent, so the machine never went.
      if (step.presence === 'departs') this.down.delete(step.node);
      return [{ kind: 'step-withdrawn', step: id, why: 'the lease ran out' }];
    }
    if (step.repeat === 'never' && this.random.chance(0.5))
      return [{ kind: 'step-doubted', step: id, why: 'nobody knows' }];
    if (step.presence === 'departs') this.down.delete(step.node);
    return [{ kind: 'step-failed', step: id, why: 'refused' }];
  }

  #openGate(lane: Lane): readonly RolloutEvent[] {
    const gate = lane.gate?.id ?? '';
    if (this.random.chance(0.1) && !this.rollout.deferred.includes(lane.id))
      return [{ kind: 'lane-deferred', lane: lane.id, why: 'it leads' }];
    if (this.random.chance(0.1) || !this.#nobodyAwayBut(lane.node))
      return [{ kind: 'gate-withheld', gate, why: 'a lag' }];
    const { approvals: needs, gateExpiryMs } = this.policy;
    const expiresAt = this.now + gateExpiryMs;
    return [{ kind: 'gate-opened', gate, fingerprint: 'f', proof: aProof(), needs, expiresAt }];
  }

  #proveGate(lane: Lane): readonly RolloutEvent[] {
    const gate = lane.gate?.id ?? '';
    const holds = this.random.chance(0.8) && this.#nobodyAwayBut(lane.node);
    return [
      holds ? { kind: 'gate-passed', gate, proof: aProof() } : { kind: 'gate-voided', gate, why: 'a lag' },
    ];
  }

  #expire(): readonly RolloutEvent[] {
    const { phase } = this.rollout;
    if (phase.phase === 'proposed') return [{ kind: 'expired' }];
    if (phase.phase !== 'at-gate') throw new Error(`nothing expires while ${phase.phase}`);
    const state = gateState(this.rollout, phase.gate);
    if (state.state !== 'open') throw new Error(`${phase.gate} expires while ${state.state}`);
    return [{ kind: 'gate-expired', gate: phase.gate }];
  }

  /** Workers that were left behind come back some day. */
  #recover(): void {
    for (const node of this.down) {
      const left = plannedNode(this.#plan, node)?.role === 'worker' && this.leftBehind(node);
      if (left && this.random.chance(0.1)) this.down.delete(node);
    }
  }

  /** True when people skipped a lane of this node. */
  leftBehind(node: string): boolean {
    return this.#plan.stages
      .flatMap((stage) => stage.lanes)
      .some((lane) => lane.node === node && this.rollout.skipped.has(lane.id));
  }
}
