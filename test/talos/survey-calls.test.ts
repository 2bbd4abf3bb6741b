// How many calls a survey makes, as the machines count them: the simulated cluster over mutual TLS (docs/decisions/0017).
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCluster } from '../../playground/cluster/cluster.ts';
import type { TalosRole } from '../../playground/cluster/role.ts';
import { systemClock } from '../../src/clock.ts';
import type { Snapshot } from '../../src/cluster/snapshot.ts';
import { type SurveyOptions, survey } from '../../src/engine/survey.ts';
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { talosMachines } from '../../src/talos/machines.ts';
import { readTalosconfig } from '../../src/talos/talosconfig.ts';

/** Issue 3: calls a node for a survey, and for a full pre-flight; the one that tells of its fellows counts that call too. */
const MOST = { look: 7, full: 24 } as const;

interface Surveying {
  /** Surveys, and gives what was seen beside the calls that each node got. */
  readonly ask: (options?: SurveyOptions) => Promise<{ readonly snapshot: Snapshot; readonly calls: Calls }>;
}

type Calls = ReadonlyMap<string, readonly string[]>;

async function surveying(
  talosVersion: string,
  roles: readonly TalosRole[] = ['os:admin'],
): Promise<Surveying> {
  let heard = new Map<string, string[]>();
  const onCall = ({ node, method }: { readonly node: string; readonly method: string }): void => {
    heard.set(node, [...(heard.get(node) ?? []), method]);
  };
  const cluster = await startCluster({ settings: { talosVersion, workers: 1 }, onCall });
  const reading = readTalosconfig(await cluster.talosconfigFor(roles), { nowMs: Date.now() });
  if (reading.kind === 'mistaken') throw new Error(reading.sentences.join(' '));
  const { endpoints, identity } = reading.context;
  const direct = (address: string) => ({ host: address, port: cluster.port });
  const machines = talosMachines({ endpoints, identity, direct, onlyLoopback: true });
  const fetch = async (): Promise<string> => cluster.kubeconfig;
  const { workloads } = openKubernetes({ source: { kind: 'fetched', fetch }, onlyLoopback: true });
  onTestFinished(async () => {
    await machines.close();
    await workloads.close();
    await cluster.stop();
  });
  return {
    ask: async (options) => {
      heard = new Map();
      const snapshot = await survey({ name: 'playground', machines, workloads }, systemClock, options);
      return { snapshot, calls: heard };
    },
  };
}

/** The calls of a control-plane node that was not the one asked about its fellows, and of a worker. */
function counts(calls: Calls): { readonly controlPlane: number; readonly worker: number } {
  const of = (names: readonly string[]): number =>
    Math.min(...names.map((name) => calls.get(name)?.length ?? 0));
  return { controlPlane: of(['cp-1', 'cp-2', 'cp-3']), worker: of(['w-1']) };
}

const most = (calls: Calls): number => Math.max(...[...calls.values()].map((one) => one.length));
const silent = ({ nodes }: Snapshot): readonly string[] =>
  nodes.flatMap(({ name, machine, etcd }) =>
    machine.kind === 'silent' || etcd?.kind === 'silent' ? [name] : [],
  );

describe('a survey', { timeout: 40_000 }, () => {
  it.each([
    ['v1.7.6', { controlPlane: 17, worker: 12 }, { controlPlane: 14, worker: 9 }],
    ['v1.12.4', { controlPlane: 22, worker: 17 }, { controlPlane: 17, worker: 12 }],
    ['v1.13.4', { controlPlane: 22, worker: 17 }, { controlPlane: 17, worker: 12 }],
    ['v1.14.0', { controlPlane: 22, worker: 17 }, { controlPlane: 17, worker: 12 }],
  ] as const)('of Talos %s makes these calls and no more', async (version, full, warmFull) => {
    const cold = await surveying(version);
    const looks = [await cold.ask(), await cold.ask()].map(({ snapshot, calls }) => {
      expect(silent(snapshot)).toEqual([]);
      expect(most(calls)).toBeLessThanOrEqual(MOST.look);
      return counts(calls);
    });
    expect(looks).toEqual([
      { controlPlane: 6, worker: 4 },
      { controlPlane: 4, worker: 2 },
    ]);
    const preflight = await surveying(version);
    const inspections = [await preflight.ask({ depth: 'full' }), await preflight.ask({ depth: 'full' })];
    expect(Math.max(...inspections.map(({ calls }) => most(calls)))).toBeLessThanOrEqual(MOST.full);
    expect(inspections.map(({ calls }) => counts(calls))).toEqual([full, warmFull]);
  });

  it.each(['v1.12.4', 'v1.14.0'])('for a reader of Talos %s stays within its bounds too', async (version) => {
    const { ask } = await surveying(version, ['os:reader']);
    const first = await ask();
    expect(silent(first.snapshot)).toEqual([]);
    expect(most((await ask()).calls)).toBeLessThanOrEqual(MOST.look);
    expect(most((await ask({ depth: 'full' })).calls)).toBeLessThanOrEqual(MOST.full);
  });
});
