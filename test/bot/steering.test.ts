// What a person reads who says Retry or Skip by a command: what was done, and how the rollout stands after it.
import { expect, test } from 'vitest';
import { aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory, type StoryOptions } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';

/** Says it as an operator, and waits for what they read. */
async function answerTo(
  words: string,
  tell: (options: StoryOptions) => RolloutStory,
): Promise<{ it: Rig; said: string }> {
  const it = await withBot();
  const { users, channels } = it.slack;
  await it.tell(tell({ channel: channels.platform }));
  await it.slack.command(users.requester, channels.platform, words);
  const { text } = await it.until('the answer', () => it.private(users.requester)[0]);
  return { it, said: text };
}

test('a skipped copy of etcd leaves no node behind', async () => {
  const { it, said } = await answerTo('/talos skip', (options) => {
    const story = aRollout({ ...options, workers: [], archived: true }).underWay();
    story.begun(story.copying);
    return story.append({ kind: 'step-failed', step: story.copying.id, why: 'the archive is full' });
  });
  expect((await it.newest())?.skipped.size).toBe(1);
  expect(said).toContain('does without a snapshot of etcd');
  expect(said).toContain('cp-1 is next');
  expect(said).not.toContain('behind');
});

test('whoever takes over what could not be put back is told that it is theirs', async () => {
  const { it, said } = await answerTo('/talos skip', (options) => {
    const story = aRollout(options).underWay().node('worker-1', 'drain').aborted();
    story.ended(story.step('worker-1', 'drain')).begun(story.step('worker-1', 'uncordon'));
    return story.failed('worker-1', 'uncordon', 'Kubernetes refuses it');
  });
  expect((await it.newest())?.debtsTaken.size).toBe(1);
  expect(said).toContain('(its cordon) is yours to put back by hand');
  expect(said).toContain('The rollout ends as aborted');
});

test('a retry says that another node keeps it held', async () => {
  const { it, said } = await answerTo('/talos retry', (options) => {
    const story = aRollout({ ...options, policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
    story.node('worker-1', 'drain').node('worker-2', 'install');
    return story.failed('worker-1', 'drain').failed('worker-2', 'install');
  });
  expect((await it.newest())?.phase).toMatchObject({ phase: 'held', held: { node: 'worker-2' } });
  expect(said).toContain('The rollout stays held until worker-2 is decided as well');
});

test('a retry of what was paused says that it stays so', async () => {
  const { it, said } = await answerTo('/talos retry', (options) =>
    aRollout(options).underWay().node('worker-1', 'install').paused().failed('worker-1', 'install'),
  );
  expect((await it.newest())?.phase.phase).toBe('paused');
  expect(said).toContain('The rollout stays paused until somebody resumes it');
});
