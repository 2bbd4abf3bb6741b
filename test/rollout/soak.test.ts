// How long a soak lasts, what wakes it, and who may cut it short: all of it from the facts alone.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rollout/decide.ts';
import type { Entry, RolloutEvent } from '../../src/rollout/event.ts';
import { evolve } from '../../src/rollout/evolve.ts';
import type { Intent } from '../../src/rollout/intent.ts';
import { next } from '../../src/rollout/next.ts';
import { occasionOf } from '../../src/rollout/occasion.ts';
import { planFor } from '../../src/rollout/plan/plan-for.ts';
import { lanesOf, type Plan, stepsOf } from '../../src/rollout/plan.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import { remainingMs } from '../../src/rollout/remaining.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { dueAt, soakingOf } from '../../src/rollout/soak.ts';
import type { Step } from '../../src/rollout/step.ts';
import { APPROVER, aPolicy, BYSTANDER, REQUESTER } from '../builders/plan.ts';
import { aCluster } from '../builders/snapshot.ts';

const MINUTE = 60_000;
const POLICY = aPolicy({ order: 'canary', soak: { workersMs: 0, canaryMs: 10 * MINUTE, stagesMs: 0 } });

function planned(policy: Policy, workers: number): Plan {
  const snapshot = aCluster({ workers }).build();
  const goal = { kind: 'upgrade-talos', version: 'v1.13.5' } as const;
  const proposal = planFor(goal, { snapshot, policy, factory: 'factory.example', previousOf: () => null });
  if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
  return proposal.plan;
}

/** A rollout of such a plan that is told one fact after the other, a second apart. */
class Told {
  readonly plan: Plan;
  rollout: Rollout;
  at = 1_000_000;

  constructor(policy: Policy = POLICY, workers = 3) {
    this.plan = planned(policy, workers);
    const { goal } = this.plan;
    const asked = { rollout: 'r1', cluster: 'prod', goal, user: REQUESTER, channel: 'C1', delivery: 'd0' };
    this.rollout = evolve(null, this.#entry(1, { kind: 'asked', ...asked }));
    this.tell({ kind: 'planned', plan: this.plan, findings: [], expiresAt: 9_999_999 });
    this.tell({ kind: 'started', user: REQUESTER, delivery: 'd1' });
  }

  tell(event: RolloutEvent): this {
    this.at += 1_000;
    this.rollout = evolve(this.rollout, this.#entry(this.rollout.version + 1, event));
    return this;
  }

  /** Everything that `next` wants is done, until it wants nothing at this moment. */
  works(): this {
    for (;;) {
      const task = next(this.rollout, this.at).tasks.find(({ kind }) => kind === 'step');
      if (task?.kind !== 'step') return this;
      this.tell({ kind: 'step-begun', step: task.step.id, evidence: {}, by: 'w1' });
      this.tell({ kind: 'step-ended', step: task.step.id, result: {} });
    }
  }

  get soak(): Step {
    const soak = stepsOf(this.plan).find(({ kind }) => kind === 'soak');
    if (soak === undefined) throw new Error('nothing soaks');
    return soak;
  }

  says(intent: Intent, user = REQUESTER, now = this.at): ReturnType<typeof decide> {
    return decide(this.rollout, { intent, user, delivery: `d-${now}` }, { policy: POLICY, now });
  }

  #entry(n: number, event: RolloutEvent): Entry {
    return { n, at: this.at, by: { kind: 'driver', name: 'w1' }, v: 1, event };
  }
}

describe('a soak', () => {
  it('leaves nothing in hand and wakes when its time is over, reckoned from the last fact before it', () => {
    const told = new Told().works();
    const until = told.at + 10 * MINUTE;
    expect(next(told.rollout, told.at)).toEqual({ tasks: [], wakeAt: until });
    expect(next(told.rollout, until - 1).tasks).toEqual([]);
    expect(next(told.rollout, until)).toMatchObject({ tasks: [{ kind: 'step', step: { kind: 'soak' } }] });
    expect(soakingOf(told.rollout)).toEqual({ step: told.soak, until });
  });

  it('is over at the same time whatever is paused and resumed meanwhile', () => {
    const told = new Told().works();
    const until = dueAt(told.rollout, told.soak);
    told.tell({ kind: 'paused', user: REQUESTER, delivery: 'p' });
    expect(told.rollout.phase.phase).toBe('paused');
    expect(soakingOf(told.rollout)).toBeNull();
    told.tell({ kind: 'resumed', user: REQUESTER, delivery: 'r' });
    expect(soakingOf(told.rollout)?.until).toBe(until);
  });

  it('counts down in what is left, whatever is written down meanwhile, and is no part of it once it was cut short', () => {
    const told = new Told().works();
    const kinds = ['pull', 'snapshot', 'drain', 'install', 'reboot', 'return'];
    const usuals = Object.fromEntries(
      kinds.flatMap((kind) =>
        ['worker', 'control-plane'].map((role) => [
          `${kind} ${role}`,
          { medianMs: 10_000, p95Ms: 20_000, seen: 5 },
        ]),
      ),
    );
    const left = () => remainingMs({ ...told.rollout, usuals }) ?? Number.NaN;
    const whole = left();
    told.at += 8 * MINUTE - 1_000;
    told.tell({ kind: 'handed-over', to: APPROVER, user: REQUESTER, delivery: 'h' });
    expect(left()).toBe(whole - 8 * MINUTE);
    told.tell({ kind: 'soak-shortened', step: told.soak.id, user: REQUESTER, delivery: 'c' });
    expect(left()).toBe(whole - 10 * MINUTE);
    told.tell({ kind: 'paused', user: REQUESTER, delivery: 'p' });
    expect(left()).toBe(whole - 10 * MINUTE);
  });

  it('can be aborted at any moment: nothing is in hand', () => {
    const told = new Told().works();
    told.tell({ kind: 'aborted', user: REQUESTER, delivery: 'a' });
    expect(told.rollout.phase).toMatchObject({ phase: 'tidying', outcome: 'aborted' });
  });

  it('that was skipped lets the others go, and leaves no node behind', () => {
    const told = new Told().works();
    told.tell({ kind: 'step-failed', step: told.soak.id, why: 'worker-1 is not Ready' });
    expect(told.rollout.phase).toMatchObject({ phase: 'held', held: { node: 'soak of worker-1' } });
    const said = told.says({ kind: 'skip' });
    expect(said).toMatchObject({ kind: 'decided', events: [{ kind: 'skipped' }] });
    if (said.kind === 'decided') for (const event of said.events) told.tell(event);
    const [lane] = [...told.rollout.skipped.keys()];
    expect(lanesOf(told.plan).find(({ id }) => id === lane)?.node).toBe('soak of worker-1');
    expect(next(told.rollout, told.at).tasks).toMatchObject([{ step: { node: 'worker-2' } }]);
  });
});

describe('continuing now', () => {
  it('is an operator’s, is written down with the name, and gives up the time and not the questions', () => {
    const told = new Told().works();
    expect(told.says({ kind: 'continue' }, BYSTANDER)).toMatchObject({
      kind: 'refusal',
      code: 'not-operator',
    });
    expect(told.says({ kind: 'continue' })).toMatchObject({
      events: [{ kind: 'soak-shortened', step: told.soak.id, user: REQUESTER }],
    });
    told.tell({ kind: 'soak-shortened', step: told.soak.id, user: REQUESTER, delivery: 'c' });
    expect(next(told.rollout, told.at).tasks).toMatchObject([{ step: { kind: 'soak' }, begun: false }]);
  });

  it('is refused when nothing soaks, and from a button about an earlier soak', () => {
    const told = new Told();
    expect(told.says({ kind: 'continue' })).toMatchObject({ code: 'wrong-phase' });
    told.works();
    const occasion = occasionOf(told.rollout, told.soak.id);
    expect(occasion).toBe(told.rollout.version);
    expect(told.says({ kind: 'continue', occasion: (occasion ?? 0) - 1 })).toMatchObject({
      code: 'wrong-phase',
    });
    expect(told.says({ kind: 'continue', occasion: occasion ?? 0 })).toMatchObject({ kind: 'decided' });
    expect(told.says({ kind: 'continue' }, REQUESTER, told.at + 11 * MINUTE)).toMatchObject({
      code: 'wrong-phase',
    });
  });

  it('keeps its button valid over a pause: it is the same soak', () => {
    const told = new Told().works();
    const occasion = occasionOf(told.rollout, told.soak.id) ?? 0;
    told.tell({ kind: 'paused', user: REQUESTER, delivery: 'p' });
    told.tell({ kind: 'resumed', user: REQUESTER, delivery: 'r' });
    expect(told.says({ kind: 'continue', occasion })).toMatchObject({ kind: 'decided' });
  });
});

describe('batches', () => {
  const wide = aPolicy({ parallelWorkers: 2, soak: { workersMs: MINUTE, canaryMs: 0, stagesMs: 0 } });
  const going = (told: Told): readonly string[] =>
    next(told.rollout, told.at).tasks.map((task) => (task.kind === 'step' ? task.step.node : task.kind));

  it('begin when the one before is through, and its soak is over', () => {
    const told = new Told(wide, 5);
    for (const lane of lanesOf(told.plan).filter(({ steps }) => steps.length === 1))
      for (const { id, kind } of lane.steps)
        if (kind === 'pull') {
          told.tell({ kind: 'step-begun', step: id, evidence: {}, by: 'w1' });
          told.tell({ kind: 'step-ended', step: id, result: {} });
        }
    expect(going(told)).toEqual(['worker-1', 'worker-2']);
    const first = lanesOf(told.plan).find(({ node, steps }) => node === 'worker-1' && steps.length > 1);
    for (const { id } of first?.steps ?? []) {
      told.tell({ kind: 'step-begun', step: id, evidence: {}, by: 'w1' });
      told.tell({ kind: 'step-ended', step: id, result: {} });
    }
    expect(going(told)).toEqual(['worker-2']);
    told.works();
    expect(next(told.rollout, told.at)).toEqual({ tasks: [], wakeAt: told.at + MINUTE });
    told.at += MINUTE;
    told.works();
    expect(soakingOf(told.rollout)?.step.params['nodes']).toBe('worker-3,worker-4');
  });
});
