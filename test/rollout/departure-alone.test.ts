// May the only control-plane node go: its etcd is well, and the copy of it young.
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/cluster/snapshot.ts';
import { proveDeparture } from '../../src/rollout/departure.ts';
import type { Entry, RolloutEvent } from '../../src/rollout/event.ts';
import { fold } from '../../src/rollout/evolve.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { planFor } from '../../src/rollout/plan/plan-for.ts';
import { type Lane, lanesOf, type Plan } from '../../src/rollout/plan.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { APPROVER, aPolicy, REQUESTER } from '../builders/plan.ts';
import { aCluster, SNAPSHOT_AT, type SnapshotBuilder } from '../builders/snapshot.ts';

const UPGRADE: Goal = { kind: 'upgrade-talos', version: 'v1.13.5' };

interface Scene {
  readonly plan: Plan;
  readonly rollout: Rollout;
  readonly lane: Lane;
}

function judge({ rollout, plan, lane }: Scene, snapshot: Snapshot): string {
  const departure = proveDeparture(rollout, plan, lane, snapshot);
  return departure.kind === 'proved' ? 'proved' : `${departure.kind}: ${departure.whys.join('; ')}`;
}

describe('the departure of the only control-plane node', () => {
  const HOUR_MS = 3_600_000;
  const COPY = { name: 'prod/x.snapshot', bytes: 4_096, digest: 'ab12' };

  interface Copied {
    /** Milliseconds before the survey at which the copy began. */
    readonly agoMs: number;
    /** Milliseconds it took; by default none. */
    readonly tookMs?: number;
    readonly result?: Readonly<Record<string, string | number>>;
    /** Copies of before, each outdated. */
    readonly before?: number;
  }

  /** Its lane up to the restart, with a copy or none; `agreed`: the gate is passed. */
  function lone(agreed: boolean, copied: Copied | null, goal: Goal = UPGRADE): Scene {
    const snapshot = aCluster({ controlPlane: 1 }).build();
    const sources = { snapshot, policy: aPolicy(), factory: 'factory.example', archived: true };
    const proposal = planFor(goal, {
      ...sources,
      previousOf: () => ({ version: 'v1.13.3', schematic: null }),
    });
    if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
    const { plan, findings } = proposal;
    const lane = lanesOf(plan).find(({ gate }) => gate !== null);
    if (lane === undefined) throw new Error('no lane has a gate');
    const step = lane.steps.find(({ kind }) => kind === 'snapshot')?.id ?? '';
    const proof = {
      kind: 'outage' as const,
      sentence: '',
      voters: 1,
      quorum: 1,
      votersLeft: 0,
      leader: null,
      maxLag: 0,
    };
    const gate = 'gate:cp-1';
    const one = (result: Copied['result'] = COPY): readonly RolloutEvent[] => [
      { kind: 'step-begun', step, evidence: {}, by: 'w' },
      { kind: 'step-ended', step, result },
    ];
    const yes: readonly RolloutEvent[] = [
      { kind: 'approved', gate, fingerprint: 'f', user: APPROVER, delivery: 'd2' },
      { kind: 'gate-passed', gate, proof },
    ];
    const old = [...one(), { kind: 'step-outdated', step, why: 'old' } as const];
    const events: readonly RolloutEvent[] = [
      { kind: 'asked', rollout: 'r', cluster: 'prod', goal, user: REQUESTER, channel: 'C1', delivery: 'd' },
      { kind: 'planned', plan, findings, expiresAt: 1e15 },
      { kind: 'started', user: null, delivery: null },
      { kind: 'gate-opened', gate, fingerprint: 'f', proof, needs: 1, expiresAt: 1e15 },
      ...(agreed ? yes : []),
      ...Array.from({ length: copied?.before ?? 0 }, () => old).flat(),
      ...(copied === null ? [] : one(copied.result)),
    ];
    const at = SNAPSHOT_AT - (copied?.agoMs ?? 0);
    const entries = events.map((event, i): Entry => {
      const later = event.kind === 'step-ended' ? (copied?.tookMs ?? 0) : 0;
      return { n: i + 1, at: at + later, by: { kind: 'clock' }, v: 1, event };
    });
    const rollout = fold(entries);
    if (rollout === null) throw new Error('nothing was asked');
    return { plan, rollout, lane };
  }

  const well = (): SnapshotBuilder => aCluster({ controlPlane: 1 });
  const young = { agoMs: 60_000 };

  it.each<[string, Scene, SnapshotBuilder, string]>([
    ['before the click without a copy', lone(false, null), well(), 'proved'],
    ['after it without a copy', lone(true, null), well(), 'unproved: etcd on cp-1 was not copied'],
    ['with a young copy', lone(true, young), well(), 'proved'],
    ['with one of exactly an hour', lone(true, { agoMs: HOUR_MS }), well(), 'proved'],
    [
      'with an older one',
      lone(true, { agoMs: HOUR_MS + 1 }),
      well(),
      'outdated: the copy of etcd is 60 min old',
    ],
    [
      'with one that took so long that its beginning is old',
      lone(true, { agoMs: HOUR_MS + 1, tookMs: HOUR_MS }),
      well(),
      'outdated: the copy of etcd is 60 min old',
    ],
    ['before the click with an old one', lone(false, { agoMs: 2 * HOUR_MS }), well(), 'proved'],
    [
      'with one that nobody verified',
      lone(true, { ...young, result: { name: 'x' } }),
      well(),
      'unproved: etcd on cp-1 was not copied',
    ],
    [
      'with an empty one',
      lone(true, { ...young, result: { ...COPY, bytes: 0 } }),
      well(),
      'unproved: etcd on cp-1 was not copied',
    ],
    [
      'with ever new copies that are old at once',
      lone(true, { agoMs: 2 * HOUR_MS, before: 30 }),
      well(),
      "unproved: the copy of etcd is 120 min old, and at most 60 are allowed; new copies were so as well: compare the machines' clocks",
    ],
    ['where the clocks differ a little', lone(true, { agoMs: -60_000 }), well(), 'proved'],
    [
      'with one that began after now, by the clock of the worker',
      lone(true, { agoMs: -90_000 }),
      well(),
      "unproved: the clock of the worker is 90 s behind the journal's, so nobody can say how old the copy of etcd is: set it right",
    ],
    [
      'with an old one that a slow clock makes young: the journal says what time it is at least',
      lone(true, { agoMs: HOUR_MS - 30_000, tookMs: HOUR_MS + 1 }),
      well(),
      'outdated: the copy of etcd is 60 min old',
    ],
    [
      'with a silent etcd',
      lone(true, young),
      well().etcdSilent('cp-1'),
      'unproved: etcd on cp-1 does not answer',
    ],
    ['with an alarm', lone(true, young), well().withAlarm('cp-1', 'nospace'), 'unproved: etcd raised'],
    ['far behind', lone(true, young), well().lagging('cp-1', 5_000), 'unproved: the member is 5000'],
    ['without a leader', lone(true, young), well().ledBy(null), 'unproved: etcd has no leader'],
    ['once a second one joined', lone(true, young), aCluster({ controlPlane: 2 }), 'drifted: cp-2 joined'],
    [
      'while a worker is gone',
      lone(true, young),
      well().without('worker-2'),
      'unproved: worker-2 is not seen',
    ],
    [
      'for a rollback, whatever became of a worker',
      lone(true, young, { kind: 'rollback-node', node: 'cp-1' }),
      well().without('worker-2'),
      'proved',
    ],
  ])('%s', (_what, told, cluster, verdict) => {
    const said = judge(told, cluster.build());
    if (verdict === 'proved') expect(said).toBe('proved');
    else expect(said).toContain(verdict);
  });

  it('promises nothing, and names the age of the copy', () => {
    const { rollout, plan, lane } = lone(true, { agoMs: 12 * 60_000 });
    expect(proveDeparture(rollout, plan, lane, well().build())).toMatchObject({
      kind: 'proved',
      proof: {
        ...{ kind: 'outage', voters: 1, votersLeft: 0, leader: 'cp-1' },
        sentence: expect.stringMatching(/^Nothing proves it: .*A verified copy of etcd is 12 min old/),
      },
    });
  });

  it('says which step takes the copy again', () => {
    const told = lone(true, { agoMs: 2 * HOUR_MS });
    const { rollout, plan, lane } = told;
    expect(proveDeparture(rollout, plan, lane, well().build())).toMatchObject({
      step: `${lane.id}-snapshot`,
    });
  });
});

describe('the departure of a node whose etcd is dead', () => {
  const dead = (): SnapshotBuilder => aCluster({ controlPlane: 1 }).etcdSilent('cp-1').workloadSilent();

  function lastResort(): Scene {
    const goal: Goal = { kind: 'rollback-node', node: 'cp-1' };
    const proposal = planFor(goal, {
      snapshot: dead().build(),
      policy: aPolicy(),
      factory: 'factory.example',
      previousOf: () => ({ version: 'v1.13.3', schematic: null }),
    });
    if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
    const { plan, findings } = proposal;
    const events: readonly RolloutEvent[] = [
      { kind: 'asked', rollout: 'r', cluster: 'prod', goal, user: REQUESTER, channel: 'C1', delivery: 'd' },
      { kind: 'planned', plan, findings, expiresAt: 1e15 },
    ];
    const rollout = fold(events.map((event, i) => ({ n: i + 1, at: i, by: { kind: 'clock' }, v: 1, event })));
    const [lane] = lanesOf(plan);
    if (rollout === null || lane === undefined) throw new Error('nothing was planned');
    return { plan, rollout, lane };
  }

  it.each<[string, SnapshotBuilder, string]>([
    ['while nothing answers', dead(), 'proved'],
    [
      'while it answers without a leader',
      aCluster({ controlPlane: 1 }).ledBy(null).workloadSilent(),
      'proved',
    ],
    [
      'once Kubernetes answers',
      aCluster({ controlPlane: 1 }).etcdSilent('cp-1'),
      'unproved: the Kubernetes API answers',
    ],
    ['once etcd answers', aCluster({ controlPlane: 1 }).workloadSilent(), 'unproved: etcd on cp-1 answers'],
  ])('%s', (_what, cluster, verdict) => {
    expect(judge(lastResort(), cluster.build())).toContain(verdict);
  });
});
