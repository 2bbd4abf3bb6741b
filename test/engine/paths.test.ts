// The way over several versions for a whole cluster: what runs, what is released, and silence that is said.
import { describe, expect, it } from 'vitest';
import { COMPATIBILITY } from '../../src/cluster/compatibility.ts';
import type { ComponentView } from '../../src/cluster/estate/platform.ts';
import { PATH_RULES, type PathTarget } from '../../src/cluster/path.ts';
import { type PathParts, pathFor, type ReleaseWork } from '../../src/engine/paths.ts';
import type { PathReport } from '../../src/engine/ports/errands.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { ReleaseList } from '../../src/engine/ports/releases.ts';
import { hopsIn, KUBERNETES, TALOS } from '../cluster/path-question.ts';
import { aSmallScene } from './scene.ts';

const list = (versions: readonly string[], changed: Partial<ReleaseList> = {}): ReleaseList => ({
  ...{ versions, source: 'github', ageMs: 0, troubles: [] },
  ...changed,
});

function aReleaseWork(lists: { talos?: ReleaseList; kubernetes?: ReleaseList } = {}): ReleaseWork {
  const { talos = list(TALOS), kubernetes = list(KUBERNETES) } = lists;
  return {
    lists: { talos: async () => talos, kubernetes: async () => kubernetes },
    table: COMPATIBILITY,
    rules: PATH_RULES,
    projects: { talos: 'https://git.example/talos', kubernetes: 'https://git.example/kubernetes' },
    close: async () => undefined,
  };
}

interface Case {
  readonly releases?: ReleaseWork | null;
  readonly silent?: readonly string[];
  /** What reading components answers; absent: nobody can be asked. */
  readonly components?: readonly ComponentView[] | Fault;
}

/** Asks as a worker does for `/talos path`, on a cluster of Talos 1.11.6 with Kubernetes 1.29.15. */
async function asked(target: PathTarget, { releases = aReleaseWork(), silent = [], components }: Case = {}) {
  const scene = aSmallScene({ world: { talosVersion: 'v1.11.6', kubernetesVersion: '1.29.15' } });
  const { house } = scene;
  const work = house.work();
  const machines: typeof work.machines = {
    ...work.machines,
    look: async (address, options) => {
      const look = await work.machines.look(address, options);
      const node = house.world.nodes.find((one) => one.address === address)?.name ?? '';
      if (silent.includes(node)) throw new Fault('unreachable', `${node} does not answer.`);
      return look;
    },
  };
  const read = async (): Promise<readonly ComponentView[]> => {
    if (components instanceof Fault) throw components;
    return components ?? [];
  };
  const estate =
    components === undefined
      ? {}
      : { estate: { components: read } as unknown as NonNullable<PathParts['work']['estate']> };
  const { releases: _own, ...plain } = work;
  const parts = { ...plain, machines, ...estate, ...(releases === null ? {} : { releases }) };
  let answer: PathReport | null = null;
  void pathFor(target, { work: parts, clock: house.time.engineClock() }).then((given) => {
    answer = given;
  });
  await house.time.runUntil(() => answer !== null, 60_000);
  if (answer === null) throw new Error('nobody answered');
  return { answer: answer as PathReport, scene };
}

const pathOf = (answer: PathReport) => {
  if (answer.kind === 'failed') throw new Error(answer.sentence);
  return answer;
};

describe('a path', () => {
  it('leads from what the cluster says to what was asked, and touches nothing', async () => {
    const { answer, scene } = await asked({ talos: '1.14', kubernetes: null });
    const { found, runs, sources, troubles } = pathOf(answer);
    expect(hopsIn(found)).toEqual([
      'K v1.30.14',
      'T v1.12.11',
      'K v1.31.14',
      'T v1.13.9',
      'K v1.32.13',
      'T v1.14.1',
    ]);
    expect(runs).toEqual({
      talos: { oldest: 'v1.11.6', newest: 'v1.11.6' },
      kubernetes: { oldest: 'v1.29.15', newest: 'v1.29.15' },
    });
    expect(sources).toEqual([
      { product: 'talos', name: 'github', ageMs: 0 },
      { product: 'kubernetes', name: 'github', ageMs: 0 },
    ]);
    expect(troubles).toEqual([]);
    expect(scene.audit.effects).toEqual([]);
  });

  it('without a wish leads to the newest Talos that is released and known', async () => {
    const { answer } = await asked({ talos: null, kubernetes: null });
    expect(pathOf(answer).target).toEqual({ talos: '1.14', kubernetes: null });
  });

  it('starts at the oldest component of the control plane, not at the kubelets', async () => {
    const components = ['kube-apiserver', 'kube-scheduler', 'kube-proxy'].map((component, at) => ({
      ...{ node: 'cp-1', component, version: `v1.${31 - at}.14` },
    }));
    const { answer } = await asked({ talos: '1.12', kubernetes: null }, { components });
    expect(pathOf(answer).runs.kubernetes?.oldest).toBe('v1.30.14');
  });

  it('says when the components could not be read, and goes by the kubelets', async () => {
    const { answer } = await asked(
      { talos: '1.12', kubernetes: null },
      { components: new Fault('refused', 'No rights.') },
    );
    expect(pathOf(answer).troubles).toEqual(['No rights.']);
    expect(pathOf(answer).runs.kubernetes?.oldest).toBe('v1.29.15');
  });

  it('names the machines it does not hold for', async () => {
    const { answer } = await asked({ talos: '1.12', kubernetes: null }, { silent: ['cp-2', 'w-1'] });
    expect(pathOf(answer).troubles).toEqual([expect.stringMatching(/^What cp-2, w-1 run is not known/)]);
  });

  it('is a question when nobody says what runs', async () => {
    const { answer } = await asked(
      { talos: '1.12', kubernetes: null },
      { silent: ['cp-1', 'cp-2', 'cp-3', 'w-1'] },
    );
    expect(pathOf(answer).found).toMatchObject({
      kind: 'unknown',
      questions: ['Which Talos runs? No machine said.'],
    });
  });

  it('is a question when no list could be read, with every reason once', async () => {
    const away = list([], { source: null, troubles: ['github cannot be reached.'] });
    const { answer } = await asked(
      { talos: '1.12', kubernetes: null },
      { releases: aReleaseWork({ talos: away, kubernetes: away }) },
    );
    expect(pathOf(answer).found.kind).toBe('unknown');
    expect(pathOf(answer).troubles).toEqual(['github cannot be reached.']);
  });

  it('needs release lists', async () => {
    const { answer } = await asked({ talos: '1.12', kubernetes: null }, { releases: null });
    expect(answer).toMatchObject({ kind: 'failed', sentence: expect.stringContaining('no release lists') });
  });
});
