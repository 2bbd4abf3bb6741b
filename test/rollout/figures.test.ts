import { expect, it } from 'vitest';
import { drainCard } from '../../src/bot/views/drain.ts';
import { scoresOf } from '../../src/rollout/scorecard.ts';
import { APPROVER, aPolicy, REQUESTER } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';

const HOUR = 3_600_000;
it('a pause in the middle of a lane is not our overhead', () => {
  const story = aRollout().underWay();
  for (const k of ['pull', 'cordon', 'drain'] as const) story.did(story.step('worker-1', k));
  story.paused().append({ kind: 'resumed', user: APPROVER, delivery: 'x1' }, 8 * HOUR);
  for (const k of ['install', 'reboot', 'return', 'uncordon'] as const) story.did(story.step('worker-1', k));
  const [score] = scoresOf(story.rollout);
  expect(score?.oursMs ?? 0).toBeLessThan(HOUR);
});
it('nor what another node of its batch waited for people', () => {
  const story = aRollout({ policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
  for (const k of ['pull', 'cordon', 'drain'] as const) {
    story.did(story.step('worker-1', k));
    story.did(story.step('worker-2', k));
  }
  story.begun(story.step('worker-1', 'install')).failed('worker-1', 'install');
  story.append(
    {
      kind: 'retried',
      subject: story.step('worker-1', 'install').id,
      user: APPROVER,
      notBefore: 0,
      delivery: 'x2',
    },
    8 * HOUR,
  );
  for (const k of ['install', 'reboot', 'return', 'uncordon'] as const) {
    story.did(story.step('worker-1', k));
    story.did(story.step('worker-2', k));
  }
  const scores = scoresOf(story.rollout);
  expect(Math.max(...scores.map(({ oursMs }) => oursMs))).toBeLessThan(HOUR);
});
it('the card of a blocked drain calls whoever has the rollout now', () => {
  const story = aRollout().underWay().node('worker-1', 'drain');
  const step = story.step('worker-1', 'drain').id;
  story.append({ kind: 'handed-over', to: APPROVER, user: REQUESTER, delivery: 'h1' });
  const blockers = [
    {
      namespace: 'shop',
      name: 'web-1',
      uid: 'u1',
      workload: 'shop/ReplicaSet web',
      cause: 'budget',
      why: 'x',
      budgets: [],
      loses: [],
    },
  ] as const;
  story.append({ kind: 'drain-blocked', step, blockers });
  const card = drainCard(
    story.rollout,
    { step, node: 'worker-1', blockers, at: story.now, waited: null, ending: null },
    aPolicy(),
  );
  expect(JSON.stringify(card)).toContain(`<@${APPROVER}>, somebody has to decide`);
});
