// What people read before the only control-plane node goes: an outage by its name, and no promise that nothing proves.
import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { planMessage } from '../../../src/bot/views/plan.ts';
import type { Proof, ProofKind } from '../../../src/rollout/gate.ts';
import { aPlan, aPolicy, aProof } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

const ALONE = { voters: 1, quorum: 1, votersLeft: 0, leader: 'cp-1', maxLag: 3 };

function proof(kind: ProofKind): Proof {
  return aProof({ kind, ...ALONE, sentence: `Nothing proves it (${kind}).` });
}

function story(kind: ProofKind): RolloutStory {
  return aRollout({ workers: [], controlPlane: ['cp-1'] })
    .underWay()
    .gate('cp-1', { proof: proof(kind) });
}

function threadText(told: RolloutStory): string {
  const thread = threadOf({ entries: told.entries, policy: aPolicy(), notes: {}, now: told.now + 5_000 });
  return JSON.stringify(thread?.slots.map(({ message }) => message));
}

function card(told: RolloutStory): string {
  const thread = threadOf({ entries: told.entries, policy: aPolicy(), notes: {}, now: told.now + 5_000 });
  return JSON.stringify(
    thread?.slots.filter(({ name }) => name === 'gate:cp-1').map(({ message }) => message),
  );
}

describe('the card of the only control-plane node', () => {
  it.each<[ProofKind, string, string]>([
    ['outage', 'An announced outage', 'its only member, lag 3'],
    ['dead', 'A last resort', 'serves nothing'],
  ])('of the proof %s says "%s"', (kind, title, etcd) => {
    const text = card(story(kind));
    expect(text).toContain(`*${title}*: Nothing proves it`);
    expect(text).toContain(etcd);
    expect(text).toContain('The Kubernetes API is away until it is back: that is expected.');
  });

  it.each<ProofKind>(['outage', 'dead'])(
    'of the proof %s never says that the cluster survives it',
    (kind) => {
      const open = story(kind);
      const texts = [card(open), card(open.approved('cp-1')), card(open.passed('cp-1'))];
      for (const text of texts) {
        expect(text).not.toContain('survives');
        expect(text).not.toContain('hands over');
        expect(text).not.toContain('etcd without it');
      }
    },
  );

  it('says that others survive it, as ever', () => {
    expect(card(story('repair'))).toContain('Why the cluster survives it');
  });
});

describe('an upgrade with one control-plane node', () => {
  const alone = { workers: ['worker-1'], controlPlane: ['cp-1'], alone: true } as const;

  it('says in its plan that the outage is announced, and what comes first', () => {
    const text = JSON.stringify(
      planMessage({ cluster: 'prod', plan: aPlan(alone), findings: [], use: 'thread' }),
    );
    expect(text).toContain('after an approval of an announced outage; etcd is copied first');
    expect(text).toContain('snapshot → pull → cordon → drain');
  });

  it('held at its copy offers no way on without one', () => {
    const told = aRollout(alone)
      .underWay()
      .node('worker-1', 'done')
      .gate('cp-1')
      .approved('cp-1')
      .passed('cp-1');
    const held = threadText(
      told.begun(told.step('cp-1', 'snapshot')).failed('cp-1', 'snapshot', 'the disk is full'),
    );
    expect(held).toContain('*Skip* leaves `cp-1` behind');
    expect(held).not.toContain('without a snapshot');
  });
});
