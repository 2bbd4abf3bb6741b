// What a held rollout and an aborted one tell people: which question a button answers, what Retry can do, and what was left on a node.
import { describe, expect, test } from 'vitest';
import { decodeButton } from '../../../src/bot/button-value.ts';
import { type Slot, threadOf } from '../../../src/bot/thread.ts';
import { statusMessage } from '../../../src/bot/views/status.ts';
import { whyMessage } from '../../../src/bot/views/why.ts';
import { APPROVER } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';
import { POLICY, STORIES } from './stories.ts';

function slotsOf(story: RolloutStory): readonly Slot[] {
  const thread = threadOf({ entries: story.entries, policy: POLICY, notes: {}, now: story.now });
  return thread?.slots ?? [];
}

function slotNamed(story: RolloutStory, name: string): Slot {
  const found = slotsOf(story).find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no slot ${name}`);
  return found;
}

function heldStory(): RolloutStory {
  return aRollout().underWay().node('worker-1', 'install').failed('worker-1', 'install');
}

describe('a held card', () => {
  const held = (story: RolloutStory): Slot => {
    const found = slotsOf(story).findLast(({ name }) => name.startsWith('held:'));
    if (found === undefined) throw new Error('nothing is held');
    return found;
  };
  const occasions = ({ message }: Slot): readonly (readonly [string, number | null])[] =>
    message.blocks.flatMap((block) =>
      block.type === 'actions'
        ? block.elements.flatMap((one) =>
            one.type === 'button' && one.action_id?.startsWith('rollout:') === true
              ? [[one.action_id, decodeButton(one.value)?.occasion ?? null] as const]
              : [],
          )
        : [],
    );

  test('binds Retry and Skip to its own question, on the parent too; Abort may be said at any time', () => {
    const story = heldStory();
    const since = story.rollout.version;
    const bound = [
      ['rollout:retry', since],
      ['rollout:skip', since],
      ['rollout:abort', null],
    ];
    expect(held(story).name).toBe(`held:${since}`);
    expect(occasions(held(story))).toEqual(bound);
    expect(occasions(slotNamed(story, 'card'))).toEqual([...bound, ['rollout:handover', null]]);
  });

  test('asks anew when the same step fails again, and the parent counts as changed', () => {
    const story = heldStory();
    const before = slotNamed(story, 'card').state;
    const install = story.step('worker-1', 'install');
    story.retried(install.id).begun(install).failed('worker-1', 'install');
    expect(occasions(held(story))[0]).toEqual(['rollout:retry', story.rollout.version]);
    expect(slotNamed(story, 'card').state).not.toBe(before);
  });

  test.each([
    ['a worker', 'worker-1', 'abort (or skip this worker) and ask again'],
    ['a control-plane node', 'cp-1', 'version or image: abort and ask again'],
  ])('about %s that did not return says that Retry only looks again', (_what, node, way) => {
    const story = aRollout(node === 'cp-1' ? { workers: [] } : {}).underWay();
    if (node === 'cp-1') story.gate(node).approved(node).passed(node);
    story.node(node, 'return').failed(node, 'return', 'it fell back to v1.13.4');
    const text = JSON.stringify(held(story).message.blocks);
    expect(text).toContain('only looks again');
    expect(text).toContain(way);
    expect(occasions(held(story)).map(([action]) => action)).toContain('rollout:retry');
  });
});

describe('a rollout that was paused before it was held', () => {
  const told = (name: string): RolloutStory => STORIES[name]?.() ?? aRollout();
  const text = (story: RolloutStory, slot: RegExp): string =>
    JSON.stringify(
      slotsOf(story)
        .filter(({ name }) => slot.test(name))
        .map(({ message }) => message),
    );
  const whyOf = ({ rollout, now }: RolloutStory): string =>
    whyMessage({ rollout, policy: POLICY, notes: {}, now, report: null, trouble: null }).text;
  const statusOf = ({ rollout, now }: RolloutStory): string => {
    const running = { rollout, url: null };
    return statusMessage([{ cluster: 'prod', channel: 'C1', running, last: null }], now).text;
  };
  const handed = (story: RolloutStory): RolloutStory =>
    story.append({ kind: 'handed-over', to: APPROVER, user: APPROVER, delivery: 'h' });

  test.each([
    ['the held card', (story: RolloutStory) => text(story, /^held:/), 'before it was held: unless you abort'],
    [
      'Skip, which asks again',
      (story: RolloutStory) => text(story, /^held:/),
      'The rollout stays paused until somebody resumes it.',
    ],
    ['the card', (story: RolloutStory) => text(story, /^card$/), 'had paused it, and it stays paused'],
    ['status', statusOf, 'had paused it, and it stays paused after that'],
    ['why', whyOf, 'After Retry or Skip it stays paused until somebody resumes it'],
    ['the hand-over', (story: RolloutStory) => text(handed(story), /^hand-over:/), 'it stays paused'],
  ])('%s says so', (_where, said, words) => {
    expect(said(told('held while pausing'))).toContain(words);
    expect(said(told('held while pausing'))).toContain(`<@${APPROVER}>`);
    expect(said(told('held'))).not.toContain(words);
  });

  test('is said to be paused still once somebody chose, and what was chosen stays on the card', () => {
    const story = told('retried, and still paused');
    expect(text(story, /^paused:/)).toContain(`*Still paused* by <@${APPROVER}>`);
    expect(text(story, /^held:/)).toContain(`*Retried* by <@${APPROVER}>`);
    expect(text(story, /^held:/)).not.toContain('unless you abort');
    expect(text(story, /^card$/)).toContain(`*Paused* by <@${APPROVER}>: nothing is in hand`);
    expect(text(story, /^card$/)).toContain('rollout:resume');
  });
});

describe('the summary after an abort', () => {
  const told = (story: RolloutStory): string => JSON.stringify(slotNamed(story, 'summary').message.blocks);
  const at = (kind: 'install' | 'reboot'): RolloutStory => aRollout().underWay().node('worker-1', kind);
  const takenOver = (story: RolloutStory): RolloutStory => {
    const uncordon = story.step('worker-1', 'uncordon');
    if (story.rollout.phase.phase === 'tidying') story.begun(uncordon).failed('worker-1', 'uncordon');
    const taken = { step: uncordon.id, user: APPROVER, delivery: 'd' };
    return story.append({ kind: 'debt-taken', ...taken }).finished('aborted');
  };

  test('calls a restart in doubt one that was not seen to end, and not armed', () => {
    const text = told(takenOver(at('reboot').doubted('worker-1', 'reboot').aborted()));
    expect(text).toContain('a restart of `worker-1` was sent and not seen to end');
    expect(text).not.toContain('is armed');
  });

  test('names a node that restarted and was not seen to be whole again', () => {
    const gone = aRollout().underWay().node('worker-1', 'return').failed('worker-1', 'return').aborted();
    const text = told(takenOver(gone));
    expect(text).toContain('`worker-1` restarted and was not seen to be whole again');
    expect(text).not.toContain('sent and not seen to end');
  });

  test('calls a node armed that was installed and never restarted', () => {
    const story = at('install');
    const text = told(takenOver(story.ended(story.step('worker-1', 'install')).aborted()));
    expect(text).toContain('`worker-1` is armed');
    expect(text).not.toContain('not seen to end');
  });
});
