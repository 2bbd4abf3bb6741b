// What people read of a staged upgrade and of a reboot mode before they agree to it, and afterwards.
import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { planMessage } from '../../../src/bot/views/plan.ts';
import { stepWords } from '../../../src/bot/views/words.ts';
import { laneOf } from '../../../src/rollout/plan/lanes.ts';
import type { StepKind } from '../../../src/rollout/step.ts';
import { aPlan, aPolicy, limits } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

const staged = (): RolloutStory => aRollout({ staged: true, workers: ['worker-1'] });

/** Everything that a thread or one of its slots says. */
function said(story: RolloutStory, slot?: string): string {
  const thread = threadOf({ entries: story.entries, policy: aPolicy(), notes: {}, now: story.now + 5_000 });
  const slots = thread?.slots.filter(({ name }) => slot === undefined || name === slot) ?? [];
  return JSON.stringify(slots.map(({ message }) => message));
}

describe('a step', () => {
  it.each<[StepKind, Record<string, string | boolean>, string]>([
    ['reboot', {}, 'reboot'],
    ['reboot', { mode: 'force' }, 'reboot (force)'],
    ['upgrade-legacy', { stage: true }, 'upgrade legacy (staged, two restarts)'],
    [
      'upgrade-legacy',
      { stage: true, mode: 'powercycle' },
      'upgrade legacy (staged, two restarts, powercycle)',
    ],
  ])('%s with %j is %j', (kind, params, words) => {
    const lane = laneOf(1, { node: 'w-1', role: 'worker', steps: [{ kind, params }] }, limits());
    expect(lane.steps.map(stepWords)).toEqual([words]);
  });
});

describe('the plan of a staged upgrade', () => {
  const plan = aPlan({ staged: true });
  const text = JSON.stringify(planMessage({ cluster: 'prod', plan, findings: [], use: 'thread' }));

  it.each([
    'Plan for the upgrade of prod to Talos v1.13.5 (staged)',
    'From then on a node is armed: any restart, a crash too, boots the new version',
    'Workers*: one at a time, each after an approval\\n',
    'Control plane*: one at a time, each after an approval; the etcd leader goes last',
  ])('says: %s', (piece) => expect(text).toContain(piece));
});

describe('the gate of a worker', () => {
  const card = said(staged().underWay().installed().gate('worker-1'), 'gate:worker-1');

  it('says that it is armed, whatever people decide', () => {
    expect(card).toContain('any restart boots it, approved or not');
  });

  it('shows no figures of etcd, which does not need it', () => {
    expect(card).not.toContain('etcd without it');
    expect(said(staged().underWay().installed().gate('cp-1'), 'gate:cp-1')).toContain('etcd without it');
  });
});

describe('the card', () => {
  it('counts nodes once, when they are through', () => {
    const story = staged().underWay().installed();
    expect(said(story, 'card')).toContain('0 of 4 nodes done');
    story.gate('worker-1').approved('worker-1').passed('worker-1').node('worker-1', 'uncordon');
    story.ended(story.step('worker-1', 'uncordon'));
    expect(said(story, 'card')).toContain('1 of 4 nodes done');
  });

  it('shows who is armed', () => {
    const story = staged().underWay().node('worker-1', 'install');
    expect(said(story, 'card')).not.toMatch(/worker-1` armed/);
    expect(said(story.ended(story.step('worker-1', 'install')), 'card')).toMatch(/worker-1` armed/);
  });

  it('says which node restarted by itself, and that nothing restarts it again', () => {
    const story = staged().underWay().installed();
    const result = { restartedItself: 'v1.13.5', bootId: 'b2', previousBootId: 'b1' };
    for (const kind of ['cordon', 'drain', 'reboot', 'uncordon'] as const)
      story.append({ kind: 'step-ended', step: story.step('worker-1', kind).id, result });
    story.begun(story.step('worker-1', 'return'));
    const words = /`worker-1` [^\\]*restarted by itself and ran v1.13.5: it was not restarted again/;
    expect(said(story, 'card')).toMatch(words);
    expect(said(story, 'card')).not.toMatch(/worker-1` armed/);
    story.ended(story.step('worker-1', 'return')).aborted().finished('aborted');
    expect(said(story)).toMatch(/✓ `worker-1` [^\\]*restarted by itself/);
  });
});

describe('the end of a staged upgrade that was given up', () => {
  const text = said(staged().underWay().installed().gate('worker-1').aborted().finished('aborted'));

  it.each(['worker-1', 'cp-1', 'cp-2', 'cp-3'])('names %s as armed', (node) => {
    expect(text).toContain(`\`${node}\` is armed: the new version is installed, and any restart boots it`);
  });

  it('offers both ways out of it for each', () => {
    const pressed = [
      ...text.matchAll(/"armed:(finish|disarm)","value":"\{\\"c\\":\\"prod\\",\\"n\\":\\"([\w-]+)/g),
    ];
    expect(pressed.map(([, way, node]) => `${way} ${node}`).toSorted()).toEqual(
      ['cp-1', 'cp-2', 'cp-3', 'worker-1'].flatMap((node) => [`disarm ${node}`, `finish ${node}`]).toSorted(),
    );
  });

  it('names the commands instead where many are armed', () => {
    const workers = ['worker-1', 'worker-2', 'worker-3'];
    const story = aRollout({ staged: true, workers }).underWay().installed().gate('worker-1');
    const many = said(story.aborted().finished('aborted'));
    expect(many).toContain('/talos disarm prod node');
    expect(many).not.toContain('armed:finish');
  });
});
