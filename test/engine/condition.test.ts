// What a worker answers to "how is the cluster": a full look, nothing touched, and nothing blamed on what is under way.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { condition } from '../../src/engine/condition.ts';
import type { ConditionReport } from '../../src/engine/ports/errands.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { ClusterWork } from '../../src/engine/work.ts';
import { aSmallScene, type Scene } from './scene.ts';

async function looked(
  { house }: Scene,
  change: (work: ClusterWork) => ClusterWork = (work) => work,
): Promise<ConditionReport> {
  let answer: ConditionReport | null = null;
  const parts = { journal: house.journal, clock: house.time.engineClock(), work: change(house.work()) };
  void condition(parts).then((given) => {
    answer = given;
  });
  await house.time.runUntil(() => answer !== null, 120_000);
  if (answer === null) throw new Error('nobody answered');
  return answer;
}

const levelOf = ({ findings }: ConditionReport, check: string) =>
  findings.filter((finding) => finding.check === check).map(({ level }) => level);

describe('the condition of a cluster', () => {
  it('is what it runs and what was found, and nothing was touched', async () => {
    const scene = aSmallScene();
    const report = await looked(scene);
    expect(report.nodes).toEqual({ controlPlane: 3, workers: 1 });
    expect(report.runs.talos).toEqual({ oldest: 'v1.13.4', newest: 'v1.13.4' });
    expect(levelOf(report, 'etcd-quorum')).toEqual(['ok']);
    expect(levelOf(report, 'legal-hop')).toEqual(['skipped']);
    expect(scene.audit.effects).toEqual([]);
    expect(await scene.house.journal.claimOf(CLUSTER)).toBeNull();
  });

  it('is answered while Kubernetes is away, with what that hides', async () => {
    const scene = aSmallScene();
    const report = await looked(scene, (work) => ({
      ...work,
      workloads: {
        ...work.workloads,
        nodes: () => Promise.reject(new Fault('unreachable', 'the Kubernetes API does not answer')),
      },
    }));
    expect(levelOf(report, 'etcd-quorum')).toEqual(['ok']);
    expect(new Set(levelOf(report, 'nodes-match'))).toEqual(new Set(['unknown']));
    expect(report.runs.kubernetes).toBeNull();
  });

  it('does not blame an earlier rollout for what is under way', async () => {
    const scene = aSmallScene();
    scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-ended');
    const report = await looked(scene);
    expect(levelOf(report, 'machine-ready')).toEqual(['blocker']);
    expect(levelOf(report, 'node-away')).toEqual([]);
  });

  it('says what a rollout that is over has left', async () => {
    const scene = aSmallScene();
    scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    await scene.says({ kind: 'abort' });
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect(levelOf(await looked(scene), 'node-away')).toEqual(['blocker']);
  });
});
