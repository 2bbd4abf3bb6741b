// What people read of batches, the canary and a soak: in the plan, on the card, on its buttons, and when it is held.
import { describe, expect, it } from 'vitest';
import { validateMessage } from '../../../playground/slack/validate.ts';
import { decodeButton } from '../../../src/bot/button-value.ts';
import { intentOf } from '../../../src/bot/buttons.ts';
import { cardButtons, heldButtons } from '../../../src/bot/views/buttons.ts';
import { card } from '../../../src/bot/views/card.ts';
import { heldCard } from '../../../src/bot/views/held.ts';
import { eventLine } from '../../../src/bot/views/lines.ts';
import { planMessage } from '../../../src/bot/views/plan.ts';
import { isFolded, reportOf } from '../../../src/bot/views/report.ts';
import { statusMessage } from '../../../src/bot/views/status.ts';
import type { RolloutEvent } from '../../../src/rollout/event.ts';
import { evolve } from '../../../src/rollout/evolve.ts';
import { next } from '../../../src/rollout/next.ts';
import { occasionOf } from '../../../src/rollout/occasion.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import type { Policy } from '../../../src/rollout/policy.ts';
import type { Rollout } from '../../../src/rollout/rollout.ts';
import { soakingOf } from '../../../src/rollout/soak.ts';
import { aNodeDetail, anEstate } from '../../builders/estate.ts';
import { aFinding, aPolicy, REQUESTER } from '../../builders/plan.ts';
import { aCluster } from '../../builders/snapshot.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 20, 15);
const ZONES = ['a', 'a', 'a', 'b', 'b'];

const textOf = (message: { readonly blocks: readonly unknown[] } | null): string =>
  JSON.stringify(message?.blocks);

/** Proposed and started, and then everything done that `next` wants at that moment. */
function begun(changed: Partial<Policy>, size = 5): Rollout {
  const policy = aPolicy(changed);
  const nodes = [
    ...['cp-1', 'cp-2', 'cp-3'].map((name) => aNodeDetail(name)),
    ...ZONES.slice(0, size).map((zone, at) => aNodeDetail(`worker-${at + 1}`, { zone })),
  ];
  const snapshot = {
    ...aCluster({ workers: size }).build(),
    estate: anEstate({ nodes, pods: [], budgets: [] }),
  };
  const goal = { kind: 'upgrade-talos', version: 'v1.13.5' } as const;
  const proposal = planFor(goal, { snapshot, policy, factory: 'factory.example', previousOf: () => null });
  if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
  const { plan } = proposal;
  const asked = { rollout: 'r1', cluster: 'prod', goal, user: REQUESTER, channel: 'C1', delivery: 'd0' };
  return [
    { kind: 'planned', plan, findings: [], expiresAt: NOW + 60 * MINUTE } as const,
    { kind: 'started', user: REQUESTER, delivery: 'd1' } as const,
  ].reduce<Rollout>(told, evolve(null, entry(1, { kind: 'asked', ...asked })));
}

function entry(n: number, event: RolloutEvent): Parameters<typeof evolve>[1] {
  return { n, at: NOW, by: { kind: 'driver', name: 'w1' }, v: 1, event };
}

function told(rollout: Rollout, event: RolloutEvent): Rollout {
  return evolve(rollout, entry(rollout.version + 1, event));
}

function worked(rollout: Rollout): Rollout {
  let now = rollout;
  for (;;) {
    const task = next(now, NOW).tasks.find(({ kind }) => kind === 'step');
    if (task?.kind !== 'step') return now;
    now = told(now, { kind: 'step-begun', step: task.step.id, evidence: {}, by: 'w1' });
    now = told(now, { kind: 'step-ended', step: task.step.id, result: {} });
  }
}

function planOf(rollout: Rollout): string {
  if (rollout.plan === null) throw new Error('there is no plan');
  return textOf(planMessage({ cluster: 'prod', plan: rollout.plan, findings: [], use: 'thread' }));
}

const cardOf = (rollout: Rollout, now = NOW): string =>
  textOf(card({ rollout, policy: aPolicy(), notes: {}, now }));

/** With a past of this cluster, so that the card tells how long it still takes. */
function seenBefore(rollout: Rollout): Rollout {
  const kinds = ['pull', 'drain', 'install', 'reboot', 'return'];
  const usual = { medianMs: MINUTE, p95Ms: 2 * MINUTE, seen: 5 };
  const roles = ['worker', 'control-plane'];
  const usuals = kinds.flatMap((kind) => roles.map((role) => [`${kind} ${role}`, usual] as const));
  return { ...rollout, usuals: Object.fromEntries(usuals) };
}

const CANARY = { order: 'canary', soak: { workersMs: 0, canaryMs: 10 * MINUTE, stagesMs: 0 } } as const;

describe('a plan', () => {
  it('names the batches, and why they are no larger', () => {
    const plan = planOf(begun({ parallelWorkers: 2 }));
    expect(plan).toContain('at most 2 at a time, in batches judged together');
    expect(plan).toContain('_Batch 1:_ `worker-1` `worker-2`');
    expect(plan).toContain(
      '_Batch 2:_ `worker-3` · not with them: worker-4: it is in zone b, and worker-3 in zone a',
    );
  });

  it('says which worker goes first and why, and how long it is watched', () => {
    const plan = planOf(begun(CANARY));
    expect(plan).toContain('first and alone, because its departure hurts least');
    expect(plan).toContain('nothing is touched for 10 min');
    expect(plan).toContain('An operator may cut it short\\n`worker-1`');
  });

  it('of many workers with long names fits into one message, and the file beside it has every batch', () => {
    const { plan } = begun({ parallelWorkers: 5 });
    if (plan === null) throw new Error('there is no plan');
    const named = 'x'.repeat(55);
    const stages = plan.stages.map((stage) => {
      const lanes = Array.from({ length: 20 }, (_, copy) =>
        stage.lanes.map((lane) => ({
          ...lane,
          id: `${lane.id}-${copy}`,
          node: `${lane.node}-${named}-${copy}`,
        })),
      ).flat();
      const batches = lanes.map(({ id }) => ({ lanes: [id], why: [`${named} is in another zone`] }));
      return stage.id === 'workers' ? { ...stage, lanes, batches } : stage;
    });
    const long = { ...plan, stages };
    const sentence = 'something is wrong here '.repeat(12);
    const findings = Array.from({ length: 90 }, (_, at) =>
      aFinding(at < 45 ? 'warning' : 'blocker', { sentence: `${at} ${sentence}`, advice: sentence }),
    );
    const shown = planMessage({ cluster: 'prod', plan: long, findings, use: 'thread' });
    expect(validateMessage(shown)).toEqual([]);
    expect(isFolded(long, [])).toBe(true);
    const { text } = reportOf({ cluster: 'prod', noun: 'it', plan: long, findings: [] });
    expect(text).toContain(`Batch 100: worker-5-${named}-19; not with them: ${named} is in another zone`);
  });

  it('tells soaks between workers without a row for each', () => {
    const plan = planOf(begun({ soak: { workersMs: MINUTE, canaryMs: 0, stagesMs: 0 } }, 2));
    expect(plan).toContain('one at a time, with a soak after each');
    expect(plan).not.toContain('• `soak');
  });
});

describe('a card', () => {
  it('says until when it soaks and what of, and offers to continue that soak', () => {
    const soaking = worked(begun(CANARY));
    expect(soakingOf(soaking)?.until).toBe(NOW + 10 * MINUTE);
    expect(cardOf(soaking)).toContain('*Soaking* until');
    expect(cardOf(soaking)).toContain('2026-11-20 15:10 UTC');
    expect(cardOf(soaking)).toContain('`worker-1` must still be whole');
    const button = cardButtons(soaking, { policy: aPolicy(), now: NOW }).find(
      ({ action_id }) => action_id === 'rollout:continue',
    );
    const value = decodeButton(button?.value);
    if (value === null) throw new Error('no button continues');
    expect(intentOf('rollout:continue', value)).toEqual({
      kind: 'continue',
      occasion: occasionOf(soaking, soakingOf(soaking)?.step.id ?? ''),
    });
    expect(intentOf('rollout:continue', { ...value, occasion: null })).toBeNull();
  });

  it('offers nothing to continue when nothing soaks', () => {
    expect(
      cardButtons(begun(CANARY), { policy: aPolicy(), now: NOW }).map(({ action_id }) => action_id),
    ).not.toContain('rollout:continue');
  });

  it('counts nodes and no soaks among the workers, and shows the one that lasts', () => {
    const soaking = worked(begun({ soak: { workersMs: MINUTE, canaryMs: 0, stagesMs: 0 } }, 2));
    expect(cardOf(soaking)).toContain('*Workers* · 1 of 2');
    expect(cardOf(soaking)).toContain('▸ *soaking*');
    expect(cardOf(soaking)).toContain('1 of 5 nodes');
  });
});

describe('a card of a soak that is over', () => {
  const until = NOW + 10 * MINUTE;

  it('does not say that it soaks', () => {
    const soaking = worked(begun({ soak: { workersMs: 10 * MINUTE, canaryMs: 0, stagesMs: 0 } }, 2));
    expect(cardOf(soaking, until - 1)).toContain('▸ *soaking*');
    expect(cardOf(soaking, until)).toContain('▸ *soaked*');
    expect(cardOf(soaking, until)).not.toContain('soaking');
  });

  it('is told of a canary by the status too', () => {
    const running = { rollout: worked(begun(CANARY)), url: null };
    const status = { cluster: 'prod', channel: 'C', running, last: null };
    expect(textOf(statusMessage([status], until - 1))).not.toContain('▸');
    expect(textOf(statusMessage([status], until))).toContain('▸ `soak of worker-1` soaked');
  });

  it('says what is left, and no moment that has passed or that nobody can keep', () => {
    const soaking = seenBefore(worked(begun(CANARY)));
    const lasting = cardOf(soaking, until - 1);
    const [work] = lasting.match(/about [^,]* of work left/) ?? [];
    expect(lasting).toMatch(/of work left, done <!date\^\d+\^.*> if nobody keeps it waiting/);
    const over = cardOf(soaking, until);
    expect(over).not.toContain('if nobody keeps it waiting');
    expect(over).toContain('of work left');
    expect(over).not.toContain(work);
    for (const later of [1, 60, 600]) expect(cardOf(soaking, until + later * MINUTE)).toBe(over);
  });
});

describe('a soak that ends badly', () => {
  const soaking = worked(begun(CANARY));
  const step = soakingOf(soaking)?.step.id ?? '';
  const held = told(soaking, { kind: 'step-failed', step, why: 'worker-1 is not Ready in Kubernetes' });

  it('is asked about: again, or in spite of it, and no node is left behind', () => {
    if (held.phase.phase !== 'held') throw new Error('it is not held');
    const shown = textOf(heldCard(held, { held: held.phase.held, at: NOW, choice: null }, aPolicy()));
    expect(shown).toContain('soak of worker-1');
    expect(shown).toContain('*Retry* asks again what must hold at the end of the soak');
    expect(shown).toContain('*Skip* ends the soak in spite of what was found and goes on with `worker-2`');
    const skip = heldButtons(held, aPolicy()).find(({ action_id }) => action_id === 'rollout:skip');
    expect(JSON.stringify(skip?.confirm)).toContain('Go on in spite of it?');
  });
});

describe('the thread', () => {
  it('names who cut a soak short', () => {
    const event = { kind: 'soak-shortened', step: '09-soak', user: REQUESTER, delivery: 'd' } as const;
    expect(textOf(eventLine(worked(begun(CANARY)), event))).toContain(`*Soak cut short* by <@${REQUESTER}>`);
  });
});
