// How an upgrade goes about it: staged or in one go, and by which kind of restart, per generation of the API.
import { describe, expect, it } from 'vitest';
import { REBOOT_MODES, type RebootMode } from '../../../src/cluster/reboot-mode.ts';
import type { Snapshot } from '../../../src/cluster/snapshot.ts';
import type { Goal } from '../../../src/rollout/goal.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import { type Proposal, startsAtOnce } from '../../../src/rollout/plan/proposal.ts';
import { lanesOf, type Plan, stepsOf } from '../../../src/rollout/plan.ts';
import type { Policy } from '../../../src/rollout/policy.ts';
import { rebootModeOf } from '../../../src/rollout/step.ts';
import { aPolicy, limits } from '../../builders/plan.ts';
import { aCluster } from '../../builders/snapshot.ts';

type Manner = Pick<Extract<Goal, { kind: 'upgrade-talos' }>, 'staged' | 'rebootMode'>;
const LEGACY = { version: 'v1.12.9' } as const;

function propose(snapshot: Snapshot, manner: Manner, policy: Policy = aPolicy()): Proposal {
  const goal = { kind: 'upgrade-talos', version: 'v1.13.5', ...manner } as const;
  return planFor(goal, { snapshot, policy, factory: 'factory.example', previousOf: () => null });
}

function plan(snapshot: Snapshot, manner: Manner, policy?: Policy): Plan {
  const proposal = propose(snapshot, manner, policy);
  if (proposal.kind !== 'planned') throw new Error(`declined: ${JSON.stringify(proposal.findings)}`);
  return proposal.plan;
}

const lifecycle = (): Snapshot => aCluster().build();
const legacy = (): Snapshot => aCluster(LEGACY).build();
const shape = ({ stages }: Plan): readonly string[] =>
  stages.map(({ id, lanes }) => `${id}: ${lanes[0]?.steps.map(({ kind }) => kind).join(' ') ?? ''}`);

describe('a staged upgrade', () => {
  it('from 1.13 on installs everywhere first, and then restarts', () => {
    expect(shape(plan(lifecycle(), { staged: true }))).toEqual([
      'images: pull',
      'install: install',
      'workers: cordon drain reboot return uncordon',
      'control-plane: cordon drain forfeit reboot return uncordon',
    ]);
  });

  it('installs workers before the control plane, one at a time, the leader last', () => {
    const planned = plan(aCluster().ledBy('cp-1').build(), { staged: true }, aPolicy({ parallelWorkers: 3 }));
    const install = planned.stages.find(({ id }) => id === 'install');
    expect(install?.width).toBe(1);
    expect(install?.lanes.map(({ node }) => node)).toEqual(['worker-1', 'worker-2', 'cp-2', 'cp-3', 'cp-1']);
  });

  it('up to 1.12 is one call with two restarts, which gets time for both', () => {
    const planned = plan(legacy(), { staged: true });
    expect(shape(planned)).toEqual([
      'workers: cordon drain upgrade-legacy return uncordon',
      'control-plane: cordon drain forfeit upgrade-legacy return uncordon',
    ]);
    const calls = stepsOf(planned).filter(({ kind }) => kind === 'upgrade-legacy');
    const { pullMs, installMs, rebootMs } = limits();
    for (const { params, limitMs } of calls) {
      expect(params).toMatchObject({ stage: true, preserve: false });
      expect(limitMs).toBe(pullMs + installMs + 2 * rebootMs);
    }
  });

  it.each([
    ['from 1.13 on', lifecycle],
    ['up to 1.12', legacy],
  ])('%s asks before every restart, of workers too, one at a time', (_name, snapshot) => {
    const planned = plan(snapshot(), { staged: true }, aPolicy({ parallelWorkers: 3 }));
    for (const { lanes, width } of planned.stages) {
      for (const lane of lanes) {
        const restarts = lane.steps.some(({ presence }) => presence === 'departs');
        expect(lane.gate !== null).toBe(restarts);
        if (restarts) expect(width).toBe(1);
      }
    }
    const gates = lanesOf(planned).flatMap(({ gate }) => (gate === null ? [] : [gate.id]));
    expect(new Set(gates).size).toBe(planned.nodes.length);
  });

  it('never starts without a person, because the control plane is installed before its gates', () => {
    const planned = plan(lifecycle(), { staged: true });
    expect(startsAtOnce(planned, [], aPolicy({ start: 'at-once' }))).toBe(false);
    expect(startsAtOnce(plan(lifecycle(), {}), [], aPolicy({ start: 'at-once' }))).toBe(true);
  });

  it('says which nodes will be armed and which restart twice', () => {
    const mixed = aCluster(LEGACY).version('worker-2', 'v1.13.4').build();
    const findings = propose(mixed, { staged: true }).findings.filter(({ check }) => check === 'staged');
    expect(findings.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^worker-2 will be armed.*any restart, a crash too, boots the new version/),
      expect.stringMatching(/^cp-1, cp-2, cp-3, worker-1 will restart twice/),
    ]);
  });

  it('keeps every other plan as it was', () => {
    expect(shape(plan(lifecycle(), {}))).toEqual([
      'images: pull',
      'workers: pull cordon drain install reboot return uncordon',
      'control-plane: pull cordon drain install forfeit reboot return uncordon',
    ]);
  });
});

describe('a reboot mode', () => {
  const restarts = (planned: Plan): readonly RebootMode[] => [
    ...new Set(
      stepsOf(planned)
        .filter(({ presence }) => presence === 'departs')
        .map(rebootModeOf),
    ),
  ];

  it.each(REBOOT_MODES)('%s is in every restart of Talos from 1.13 on', (rebootMode) => {
    expect(restarts(plan(lifecycle(), { rebootMode }))).toEqual([rebootMode]);
  });

  it('is what the policy says, unless the one who asks says otherwise', () => {
    const policy = aPolicy({ rebootMode: 'powercycle' });
    expect(restarts(plan(lifecycle(), {}, policy))).toEqual(['powercycle']);
    expect(restarts(plan(legacy(), {}, policy))).toEqual(['powercycle']);
    expect(restarts(plan(lifecycle(), { rebootMode: 'default' }, policy))).toEqual(['default']);
  });

  it('is part of what an approval binds', () => {
    const prints = REBOOT_MODES.map((rebootMode) => {
      const policy = aPolicy({ rebootMode });
      return lanesOf(plan(lifecycle(), {}, policy))
        .flatMap(({ gate }) => gate?.fingerprint ?? [])
        .join();
    });
    expect(new Set(prints).size).toBe(REBOOT_MODES.length);
  });

  it.each<[string, Snapshot, readonly string[]]>([
    ['v1.11.6', aCluster({ version: 'v1.11.6' }).build(), ['v1.12.9']],
    ['v1.12.9', legacy(), ['v1.12.11']],
  ])(
    'force is refused for nodes on %s, whose upgrade call does not know it',
    (_from, snapshot, [version = '']) => {
      const goal = { kind: 'upgrade-talos', version, rebootMode: 'force' } as const;
      const proposal = planFor(goal, {
        ...{ snapshot, policy: aPolicy(), factory: 'factory.example', previousOf: () => null },
      });
      expect(proposal).toMatchObject({ kind: 'declined', outcome: 'blocked' });
      const found = proposal.findings.find(({ check }) => check === 'reboot-mode');
      expect(found).toMatchObject({
        level: 'blocker',
        advice: expect.stringContaining('--reboot-mode default'),
      });
      expect(found?.sentence).toMatch(/^cp-1, .* knows only default and powercycle/);
    },
  );

  it('force of the policy is refused like one that was typed: it never becomes something else', () => {
    expect(propose(legacy(), {}, aPolicy({ rebootMode: 'force' }))).toMatchObject({ outcome: 'blocked' });
  });

  it('force is warned about', () => {
    const { findings } = propose(lifecycle(), { rebootMode: 'force' });
    expect(findings.find(({ check }) => check === 'reboot-mode')).toMatchObject({
      level: 'warning',
      sentence: expect.stringContaining('power cut'),
    });
    expect(propose(lifecycle(), {}).findings.some(({ check }) => check === 'reboot-mode')).toBe(false);
  });

  it('that this bot does not know is never sent as another', () => {
    const [reboot] = stepsOf(plan(lifecycle(), { rebootMode: 'force' })).filter(
      ({ kind }) => kind === 'reboot',
    );
    if (reboot === undefined) throw new Error('there is no restart');
    expect(() => rebootModeOf({ ...reboot, params: { mode: 'gentle' } })).toThrow(
      /unknown reboot mode gentle/,
    );
  });
});
