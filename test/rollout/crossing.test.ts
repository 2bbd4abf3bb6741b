// Two people type about one held card: the later word has not seen what the earlier one led to, and is said again if it is meant.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rollout/decide.ts';
import type { Intent } from '../../src/rollout/intent.ts';
import { boundTo, occasionOf } from '../../src/rollout/occasion.ts';
import { laneOfStep } from '../../src/rollout/plan.ts';
import { APPROVER, aPolicy, REQUESTER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

const TWO_AT_ONCE = aPolicy({ parallelWorkers: 2 });

/** Both failed side by side, and worker-1 is asked about first. */
function bothHeld(): RolloutStory {
  const story = aRollout({ policy: TWO_AT_ONCE }).underWay();
  story.node('worker-1', 'drain').node('worker-2', 'drain');
  return story.failed('worker-1', 'drain').failed('worker-2', 'drain');
}

function says(story: RolloutStory, intent: Intent, by: { user?: string; afterMs?: number } = {}): string {
  const { user = REQUESTER, afterMs = 0 } = by;
  const said = decide(
    story.rollout,
    { intent, user, delivery: 'd' },
    { policy: TWO_AT_ONCE, now: story.now + afterMs },
  );
  return said.kind === 'refusal' ? said.sentence : said.events.map(({ kind }) => kind).join(' ');
}

const one = (story: RolloutStory): string => story.step('worker-1', 'drain').id;

/** What APPROVER decided a moment ago, and where it is held then. */
const CAME_OUT_OF: readonly (readonly [string, () => RolloutStory, string])[] = [
  ['a skip beside another failure', () => bothHeld().skipped('worker-1'), 'worker-2'],
  ['a retry beside another failure', () => withRetry(bothHeld()), 'worker-2'],
  [
    'a skip after which the next node failed at once',
    () => {
      const story = aRollout().underWay().node('worker-1', 'install').failed('worker-1', 'install');
      const uncordon = story.skipped('worker-1').step('worker-1', 'uncordon');
      return story.did(uncordon).node('worker-2', 'cordon').failed('worker-2', 'cordon');
    },
    'worker-2',
  ],
  [
    'a retry that failed again',
    () => {
      const story = aRollout().underWay().node('worker-1', 'drain').failed('worker-1', 'drain');
      return withRetry(story).begun(story.step('worker-1', 'drain')).failed('worker-1', 'drain');
    },
    'worker-1 again',
  ],
];

function withRetry(story: RolloutStory): RolloutStory {
  return story.retried(one(story));
}

describe.each(['retry', 'skip'] as const)('a typed %s', (kind) => {
  it.each(CAME_OUT_OF)('of what somebody else decided by %s is asked again', (_what, tell, held) => {
    const story = tell();
    expect(story.rollout.phase.phase).toBe('held');
    const { sentence, ...rest } = refusalOf(story, { kind });
    expect(rest).toEqual({ kind: 'refusal', code: 'wrong-phase' });
    expect(sentence).toMatch(
      new RegExp(
        `^<@${APPROVER}> decided about worker-1 \\d+ s ago, and now the rollout is held at ${held}\\. `,
      ),
    );
  });

  it('says how long ago, and when it counts', () => {
    const story = bothHeld().skipped('worker-1');
    expect(says(story, { kind }, { afterMs: 7_400 })).toBe(
      `<@${APPROVER}> decided about worker-1 8 s ago, and now the rollout is held at worker-2. If you mean that, say it again in 3 s, or use its newest card in the thread.`,
    );
    expect(says(story, { kind }, { afterMs: 10_000 })).toMatch(/^(retried|skipped)$/);
  });

  it('of the same person is theirs to say twice', () => {
    const story = bothHeld().skipped('worker-1', REQUESTER);
    expect(says(story, { kind })).toMatch(/^(retried|skipped)$/);
  });

  it('is taken where nobody decided anything, or only about something else', () => {
    expect(says(bothHeld(), { kind })).toMatch(/^(retried|skipped)$/);
    const resumed = aRollout().underWay().paused(APPROVER).resumed(APPROVER).node('worker-1', 'drain');
    expect(says(resumed.failed('worker-1', 'drain'), { kind })).toMatch(/^(retried|skipped)$/);
  });

  it('is taken when the clocks are far apart: then nobody knows what crossed', () => {
    const story = bothHeld().skipped('worker-1');
    expect(says(story, { kind }, { afterMs: -60_000 })).toMatch(/^(retried|skipped)$/);
  });

  it('from the newest card is taken at once', () => {
    const story = bothHeld().skipped('worker-1');
    const occasion = occasionOf(story.rollout, story.step('worker-2', 'drain').id) ?? 0;
    expect(says(story, { kind, occasion })).toMatch(/^(retried|skipped)$/);
  });

  it('that came in before the other one counted is about what was held then', () => {
    const story = bothHeld();
    const bound = boundTo(story.rollout, { kind });
    expect(says(story, bound)).toMatch(/^(retried|skipped)$/);
    expect(says(story.skipped('worker-1'), bound)).toContain('That is out of date');
  });
});

function refusalOf(story: RolloutStory, intent: Intent) {
  const asked = { intent, user: REQUESTER, delivery: 'd' };
  const said = decide(story.rollout, asked, { policy: TWO_AT_ONCE, now: story.now });
  if (said.kind !== 'refusal') throw new Error('it was taken');
  return said;
}

it('several facts of one word are one decision, about the node that was held', () => {
  const story = bothHeld();
  const word = { kind: 'skipped', user: APPROVER, delivery: 'one-word' } as const;
  for (const node of ['worker-1', 'worker-2'])
    story.append({ ...word, lane: laneOfStep(story.plan, story.step(node, 'drain').id)?.id ?? '' }, 0);
  expect(story.rollout.lastChoice).toMatchObject({ user: APPROVER, node: 'worker-1' });
});
