// What a rollout leaves on nodes for a later restart: the words people read go by this, and so do the ways out they are offered.
import { describe, expect, it } from 'vitest';
import { unsettledOf } from '../../src/rollout/unsettled.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

const at = (kind: 'drain' | 'install' | 'reboot' | 'return'): RolloutStory =>
  aRollout().underWay().node('worker-1', kind);
const left = (story: RolloutStory) =>
  unsettledOf(story.rollout).map(({ node, kind, disarms }) => ({ node, kind, disarms }));

const CASES: readonly [string, RolloutStory, object | null][] = [
  ['nothing before there is a plan', aRollout(), null],
  ['nothing behind a drain', at('drain').aborted(), null],
  ['nothing while it is installed', at('install'), null],
  ['nothing when its installation failed', at('install').failed('worker-1', 'install').aborted(), null],
  [
    'an armed node behind an installation that ended',
    (() => {
      const story = at('install');
      return story.ended(story.step('worker-1', 'install')).aborted();
    })(),
    { kind: 'armed', disarms: true },
  ],
  [
    'an installation in doubt, which nobody takes back',
    at('install').doubted('worker-1', 'install').aborted(),
    { kind: 'install-in-doubt', disarms: false },
  ],
  ['nothing of a node with a restart in hand', at('reboot'), null],
  [
    'a restart in doubt behind an installation that ended',
    at('reboot').doubted('worker-1', 'reboot').aborted(),
    { kind: 'restart-in-doubt', disarms: true },
  ],
  ['nothing of a node that restarted', at('return').failed('worker-1', 'return').aborted(), null],
  ['nothing of an upgrade that went well', aRollout().upgraded(), null],
];

describe('what a rollout leaves unsettled', () => {
  it.each(CASES)('is %s', (_, story, expected) => {
    expect(left(story)).toEqual(expected === null ? [] : [{ node: 'worker-1', ...expected }]);
  });

  it('is every node that a staged upgrade installed, in the order of the plan', () => {
    const story = aRollout({ staged: true }).underWay().installed().gate('worker-1').aborted();
    expect(new Set(left(story).map(({ kind }) => kind))).toEqual(new Set(['armed']));
    expect(left(story).map(({ node }) => node)).toEqual(story.plan.nodes.map(({ name }) => name));
  });
});
