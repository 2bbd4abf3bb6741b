// How long each node took, as the summary tells it.
import { expect, it } from 'vitest';
import { scoreLines } from '../../../src/bot/views/scorecard.ts';
import { aRollout } from '../../builders/rollout.ts';

const told = (waitedMs: number): string => {
  const story = aRollout().underWay().did(aRollout().step('worker-1', 'pull'));
  const cordon = story.step('worker-1', 'cordon');
  story.append({ kind: 'step-begun', step: cordon.id, evidence: {}, by: 'w1' }, waitedMs).ended(cordon);
  for (const kind of ['drain', 'install', 'reboot', 'return', 'uncordon'] as const)
    story.did(story.step('worker-1', kind));
  return scoreLines(story.rollout)
    .map(({ mrkdwn }) => mrkdwn)
    .join('\n');
};

it('names what lies between the steps by its place: a check, or another bot, may have kept it waiting', () => {
  expect(told(1_200_000)).toMatch(/^`worker-1` drain 1 s · install 2 s · away 2 s · between 20 min$/m);
  expect(told(1_200_000)).toContain('_between_: all else, such as checks that were waited for');
  expect(told(1_200_000)).not.toMatch(/bot/);
});

it('tells a short time between the steps to a tenth of a second', () => {
  expect(told(1_400)).toMatch(/ · between 8\.4 s$/m);
});
