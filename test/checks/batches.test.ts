// May these nodes be away at the same time: budgets, room, zones and copies of data are added up, and what is not told keeps apart.
import { describe, expect, it } from 'vitest';
import { companions, mayJoin } from '../../src/checks/batches.ts';
import type { EstateSubject, EstateViews } from '../../src/cluster/estate/estate.ts';
import type { Snapshot } from '../../src/cluster/snapshot.ts';
import { aBudget, aNodeDetail, anEstate, aPod } from '../builders/estate.ts';
import { aCluster } from '../builders/snapshot.ts';

const WORKERS = ['worker-1', 'worker-2', 'worker-3', 'worker-4'];

function snapshotOf(changed: Partial<EstateViews> = {}, silent: readonly EstateSubject[] = []): Snapshot {
  const nodes = WORKERS.map((name) => aNodeDetail(name));
  const estate = anEstate({ nodes, pods: [], budgets: [], ...changed }, silent);
  return { ...aCluster({ workers: 4 }).build(), estate };
}

const zoned = (...zones: readonly (string | null)[]): Pick<EstateViews, 'nodes'> => ({
  nodes: WORKERS.map((name, at) => aNodeDetail(name, { zone: zones[at] ?? null })),
});

/** One pod of `web` on each of these nodes. */
const webOn = (...nodes: readonly string[]): EstateViews['pods'] =>
  nodes.map((node, at) => aPod({ name: `web-${at}`, node }));

const volume = (copies?: readonly string[], state = 'attached'): Pick<EstateViews, 'longhorn'> => ({
  longhorn: {
    volumes: [
      {
        ...{ name: 'pvc-1', robustness: 'healthy', state, replicas: 2, node: 'worker-1' },
        ...(copies === undefined ? {} : { copies }),
      },
    ],
    drainPolicy: null,
  },
});

const osd = (node: string): EstateViews['pods'][number] =>
  aPod({ namespace: 'rook-ceph', name: `osd-${node}`, node, labels: { app: 'rook-ceph-osd' } });

const BIG = { cpuMilli: 3_000, memoryBytes: 0 };

describe('a second node', () => {
  it.each<readonly [string, Partial<EstateViews>]>([
    ['of a quiet cluster', {}],
    [
      'whose pods share a budget that lets both go',
      { pods: webOn('worker-1', 'worker-2'), budgets: [aBudget({ disruptionsAllowed: 2 })] },
    ],
    ['that has none of the pods of a budget', { pods: webOn('worker-1', 'worker-3'), budgets: [aBudget()] }],
    [
      'that has too many of them by itself, when the other has none',
      { pods: webOn('worker-2', 'worker-2'), budgets: [aBudget()] },
    ],
    [
      'whose pods are finished',
      {
        pods: webOn('worker-1', 'worker-2').map((pod) => ({ ...pod, phase: 'Succeeded' as const })),
        budgets: [aBudget({ disruptionsAllowed: 0 })],
      },
    ],
    ['of the same zone, which keeps others', zoned('a', 'a', 'a', 'b')],
    ['without a zone as well', zoned(null, null, 'a', 'a')],
    ['that holds copies of other volumes', volume(['worker-1', 'worker-3'])],
    ['with copies of a volume that nobody uses', volume(['worker-1', 'worker-2'], 'detached')],
    ['that holds nothing of Ceph', { pods: [osd('worker-1'), osd('worker-3')] }],
  ])('%s may join', (_what, changed) => {
    expect(companions(snapshotOf(changed))(['worker-1'], 'worker-2')).toBeNull();
  });

  it.each<readonly [string, Partial<EstateViews>, readonly EstateSubject[], string]>([
    [
      'whose pods a budget does not let go as well',
      { pods: webOn('worker-1', 'worker-2'), budgets: [aBudget()] },
      [],
      'shop/web lets 1 pod go, and together they have 2',
    ],
    [
      'with pods of a budget that was not counted yet',
      { pods: webOn('worker-1', 'worker-2'), budgets: [aBudget({ observed: false, disruptionsAllowed: 9 })] },
      [],
      'not counted yet',
    ],
    ['of another zone', zoned('a', 'b', 'a', 'b'), [], 'it is in zone b, and worker-1 in zone a'],
    ['without a zone, beside one with', zoned('a', null, 'a', 'a'), [], 'no zone'],
    ['that is the last of its zone', zoned('a', 'a', 'b', 'b'), [], 'zone a would have no node left'],
    [
      'when the third of its zone is cordoned',
      {
        nodes: [...(zoned('a', 'a', 'a', 'b').nodes ?? [])].map((node) =>
          node.name === 'worker-3' ? { ...node, schedulable: false } : node,
        ),
      },
      [],
      'zone a would have no node left',
    ],
    [
      'whose pods have no room with those of the other',
      { pods: WORKERS.flatMap((node) => [aPod({ name: `big-${node}`, node, requests: BIG })]) },
      [],
      'lack CPU',
    ],
    [
      'with a copy of the same volume',
      volume(['worker-1', 'worker-2']),
      [],
      'Longhorn volume pvc-1 has copies on worker-1 as well',
    ],
    ['when Longhorn does not tell where copies lie', volume(), [], 'does not tell'],
    [
      'with data of the same Ceph',
      { pods: [osd('worker-1'), osd('worker-2')] },
      [],
      'Ceph rook-ceph has copies on worker-1 as well',
    ],
    ['when budgets are silent', {}, ['budgets'], 'nobody tells what disruption budgets allow'],
    ['when pods are silent', {}, ['pods'], 'nobody tells'],
    ['when nodes are silent', {}, ['nodes'], 'nobody tells in which zones'],
    ['when Longhorn is silent', {}, ['longhorn'], 'nobody tells where copies of data lie'],
  ])('%s may not', (_what, changed, silent, says) => {
    expect(companions(snapshotOf(changed, silent))(['worker-1'], 'worker-2')).toContain(says);
  });

  it('is judged with all the others, not with each of them', () => {
    const three = {
      pods: webOn('worker-1', 'worker-2', 'worker-3'),
      budgets: [aBudget({ disruptionsAllowed: 2 })],
    };
    const judge = companions(snapshotOf(three));
    expect(judge(['worker-1'], 'worker-2')).toBeNull();
    expect(judge(['worker-1'], 'worker-3')).toBeNull();
    expect(judge(['worker-1', 'worker-2'], 'worker-3')).toContain('together they have 3');
  });
});

describe('a node alone', () => {
  it('may always go, whatever is not told', () => {
    expect(companions(snapshotOf({}, ['nodes', 'pods', 'budgets', 'longhorn']))([], 'worker-1')).toBeNull();
    expect(mayJoin(snapshotOf({}, ['budgets']), 'worker-1', [])).toEqual([]);
  });
});

describe('the finding before a node', () => {
  it('stops the later one, names the others, and may be set aside by the policy', () => {
    const snapshot = snapshotOf({ pods: webOn('worker-1', 'worker-2'), budgets: [aBudget()] });
    expect(mayJoin(snapshot, 'worker-2', ['worker-1'])).toMatchObject([
      {
        check: 'batches',
        level: 'blocker',
        subject: 'worker-2',
        sentence: expect.stringContaining('with worker-1'),
      },
    ]);
  });
});
