import { expect, it } from 'vitest';
import { evolve } from '../../src/rollout/evolve.ts';
import { next } from '../../src/rollout/next.ts';
import { planFor } from '../../src/rollout/plan/plan-for.ts';
import { remainingMs } from '../../src/rollout/remaining.ts';
import { soakingOf } from '../../src/rollout/soak.ts';
import { APPROVER, aPolicy, REQUESTER } from '../builders/plan.ts';
import { aCluster } from '../builders/snapshot.ts';

const MIN = 60_000;
it('what is left shrinks while it soaks, and is gone when the soak was cut short', () => {
  const policy = aPolicy({ order: 'canary', soak: { workersMs: 0, canaryMs: 60 * MIN, stagesMs: 0 } });
  const proposal = planFor({ kind: 'upgrade-talos', version: 'v1.13.5' }, {
    snapshot: aCluster({ workers: 2 }).build(),
    policy,
    factory: 'factory.example',
    previousOf: () => null,
  } as any);
  if (proposal.kind !== 'planned') throw new Error('no');
  const { plan } = proposal;
  let n = 0;
  let at = 1_000_000;
  let r: any = null;
  const tell = (event: any, after = 1_000) => {
    at += after;
    n += 1;
    r = evolve(r, { n, at, by: { kind: 'clock' }, v: 1, event } as any);
  };
  tell({
    kind: 'asked',
    rollout: 'r1',
    cluster: 'prod',
    goal: plan.goal,
    user: REQUESTER,
    channel: 'C',
    delivery: 'd0',
  });
  const usual = { medianMs: 10_000, p95Ms: 20_000, seen: 5 };
  const usuals: any = {};
  for (const k of ['pull', 'snapshot', 'drain', 'install', 'reboot', 'return'])
    for (const role of ['worker', 'control-plane']) usuals[`${k} ${role}`] = usual;
  tell({ kind: 'planned', plan, findings: [], expiresAt: 9e12, usuals });
  tell({ kind: 'started', user: REQUESTER, delivery: 'd1' });
  while (soakingOf(r) === null)
    for (const t of next(r, at).tasks)
      if (t.kind === 'step') {
        tell({ kind: 'step-begun', step: t.step.id, evidence: {}, by: 'w' });
        tell({ kind: 'step-ended', step: t.step.id, result: {} });
      }
  const _end = soakingOf(r)?.until;
  const before = remainingMs(r)!;
  tell({ kind: 'handed-over', to: APPROVER, user: REQUESTER, delivery: 'd2' }, 50 * MIN);
  const during = remainingMs(r)!;
  tell({ kind: 'soak-shortened', step: soakingOf(r)?.step.id, user: REQUESTER, delivery: 'd3' });
  expect(during).toBeLessThan(before - 40 * MIN);
});
