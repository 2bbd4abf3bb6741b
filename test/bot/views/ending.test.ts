// A rollout that ends, stops or pauses promises nothing: neither when it is done nor what comes next.
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card.ts';
import { handOverMessage } from '../../../src/bot/views/hand-over.ts';
import { homeView } from '../../../src/bot/views/home.ts';
import { statusMessage } from '../../../src/bot/views/status.ts';
import type { Journey } from '../../../src/rollout/journey.ts';
import { aPolicy, REQUESTER } from '../../builders/plan.ts';
import { aRollout, CHANNEL, type RolloutStory } from '../../builders/rollout.ts';

const KINDS = ['pull', 'snapshot', 'drain', 'install', 'reboot', 'return'];
const USUAL = { medianMs: 300_000, p95Ms: 400_000, seen: 5 };
/** All that is needed for an estimate. */
const USUALS = Object.fromEntries(
  KINDS.flatMap((kind) => ['worker', 'control-plane'].map((role) => [`${kind} ${role}`, USUAL])),
);
const JOURNEY: Journey = {
  ...{ v: 1, to: { talos: 'v1.14.1', kubernetes: null }, hop: 1, of: 2 },
  ahead: [{ kind: 'talos', to: 'v1.14.1' }],
  hopTime: { ms: 720_000, upgrades: 3 },
};

type Play = (story: RolloutStory) => RolloutStory;

/** Two workers are under way together, and `cp-1` leads etcd. */
function told(then: Play): Readonly<Record<'card' | 'status' | 'home' | 'handOver', string>> {
  const begun = aRollout({ policy: aPolicy({ parallelWorkers: 2 }), journey: JOURNEY }).underWay();
  const leader = begun.plan.stages
    .flatMap(({ lanes }) => lanes)
    .find(({ node, gate }) => node === 'cp-1' && gate);
  begun.append({ kind: 'lane-deferred', lane: leader?.id ?? '', why: 'it leads etcd' });
  const story = then(begun.node('worker-1', 'install').node('worker-2', 'install'));
  const rollout = { ...story.rollout, usuals: USUALS };
  const now = story.now + 1_000;
  const policy = aPolicy();
  const at = { cluster: 'prod', channel: CHANNEL, running: { rollout, url: null }, last: null };
  return {
    card: JSON.stringify(card({ rollout, policy, notes: {}, now })),
    status: JSON.stringify(statusMessage([at], now)),
    home: JSON.stringify(homeView({ user: REQUESTER, clusters: [{ ...at, policy }], now })),
    handOver: JSON.stringify(handOverMessage(rollout, { from: 'U1', to: 'U2' })),
  };
}

const goesOn: Play = (story) => story;
const empty: Play = (story) =>
  story.ended(story.step('worker-1', 'install')).ended(story.step('worker-2', 'install'));
const failing: Play = (story) => story.failed('worker-2', 'install');
const tidying: Play = (story) => empty(story.aborted());

const STANDING: readonly (readonly [string, Play])[] = [
  ['stops for a failure', failing],
  ['is held', (story) => failing(story).ended(story.step('worker-1', 'install'))],
  ['pauses', (story) => story.paused()],
  ['is paused', (story) => empty(story.paused())],
];
const ENDING: readonly (readonly [string, Play])[] = [
  ['is aborted', (story) => story.aborted()],
  ['puts back what it changed', tidying],
  ['is held while it puts that back', (story) => tidying(story).failed('worker-1', 'uncordon')],
];

describe('an estimate', () => {
  it('stands on the card while it goes on', () => {
    expect(told(goesOn).card).toMatch(/of work left, done .* if nobody keeps it waiting/);
  });

  it.each([...STANDING, ...ENDING])('stands nowhere when it %s', (_what, then) => {
    for (const text of Object.values(told(then))) {
      expect(text).not.toContain('work left');
      expect(text).not.toContain('keeps it waiting');
    }
  });
});

describe('what comes', () => {
  it.each<readonly [string, Play]>([['goes on', goesOn], ...STANDING])(
    'is told when it %s',
    (_what, then) => {
      const { handOver, card: shown, status } = told(then);
      expect(handOver).toContain('To come: ');
      expect(shown).toContain('goes last, it leads etcd');
      for (const text of [shown, status])
        expect(text).toContain('After it 1 hop of Talos, about 12 min each');
    },
  );

  it.each(ENDING)('is told nowhere when it %s', (_what, then) => {
    for (const text of Object.values(told(then))) {
      expect(text).not.toContain('To come');
      expect(text).not.toContain('goes last');
      expect(text).not.toContain('After it');
    }
  });
});
