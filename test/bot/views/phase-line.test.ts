// The line that says where a rollout stands, while people are asked about a drain.
import { expect, test } from 'vitest';
import { phaseLine } from '../../../src/bot/views/words.ts';
import { aBlocker } from '../../builders/drain.ts';
import { APPROVER, aPolicy } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

const BLOCKED =
  '*Blocked*: the drain of `worker-1` waits for pods that stay; a person may decide, see the thread';

function blocked(): RolloutStory {
  const story = aRollout({ policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
  story.node('worker-1', 'drain').node('worker-2', 'install');
  const { id: step } = story.step('worker-1', 'drain');
  return story.append({ kind: 'drain-blocked', step, blockers: [aBlocker()] });
}

const lineOf = ({ rollout, now }: RolloutStory): string => phaseLine(rollout, now).mrkdwn;

test.each([
  ['nothing else happens', blocked, BLOCKED],
  ['somebody pauses', () => blocked().paused(), `${BLOCKED}. After that it pauses, asked by <@${APPROVER}>`],
  [
    'another node fails',
    () => blocked().failed('worker-2', 'install'),
    `${BLOCKED}. After that it is held: \`worker-2\` has a problem`,
  ],
  [
    'somebody pauses and another node fails',
    () => blocked().paused().failed('worker-2', 'install'),
    `${BLOCKED}. After that it is held: \`worker-2\` has a problem; <@${APPROVER}> had paused it, and it stays paused`,
  ],
])('people are told that they are asked about a drain, also when %s', (_what, told, line) => {
  expect(lineOf(told())).toBe(`:warning: ${line}`);
});

test('nobody is asked about a drain any more when it ends', () => {
  expect(lineOf(blocked().aborted())).toMatch(/^\*Ending\* as aborted/);
});
