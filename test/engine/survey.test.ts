// A survey never fails: it writes down who was silent, and why.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { type Snapshot, said } from '../../src/cluster/snapshot.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { type ClusterPorts, type SurveyOptions, survey } from '../../src/engine/survey.ts';
import { aScene, type Scene } from './scene.ts';

async function surveys(
  scene: Scene,
  ports: Partial<ClusterPorts> = {},
  options: SurveyOptions = {},
): Promise<Snapshot> {
  const { house } = scene;
  const asked: ClusterPorts = {
    name: CLUSTER,
    machines: house.ports.machines,
    workloads: house.ports.workloads,
    ...ports,
  };
  let answer: Snapshot | null = null;
  void survey(asked, house.time.engineClock(), options).then((given) => {
    answer = given;
  });
  await house.time.runUntil(() => answer !== null, 60_000);
  return answer ?? Promise.reject(new Error('it did not end'));
}

const silent = (): Promise<never> => Promise.reject(new Fault('unreachable', 'nobody answered'));
const silentNodes = (snapshot: Snapshot): readonly string[] =>
  snapshot.nodes.filter(({ machine }) => machine.kind === 'silent').map(({ name }) => name);

describe('a survey', () => {
  it('of a cluster that is well hears everybody', async () => {
    const snapshot = await surveys(aScene());
    expect(snapshot.nodes.map(({ name }) => name)).toEqual(['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3']);
    expect(silentNodes(snapshot)).toEqual([]);
    expect(snapshot).toMatchObject({ silences: [], strangers: [] });
    expect(snapshot.nodes.filter(({ etcd }) => etcd !== null)).toHaveLength(3);
  });

  it.each([
    ['is down', 'node-down'],
    ['swallows packets', 'unreachable'],
  ] as const)('writes down a machine that %s, and still hears the others', async (_, fault) => {
    const scene = aScene();
    scene.house.world.inject(fault, { node: 'cp-2' });
    const snapshot = await surveys(scene);
    expect(silentNodes(snapshot)).toEqual(['cp-2']);
    expect(snapshot.nodes.find(({ name }) => name === 'cp-2')?.etcd?.kind).toBe('silent');
  });

  it('of a few machines lists the others as not asked', async () => {
    const scene = aScene();
    scene.house.world.inject('unreachable', { node: 'cp-2' });
    const snapshot = await surveys(scene, {}, { only: ['w-1'] });
    expect(silentNodes(snapshot)).toEqual(['cp-1', 'cp-2', 'cp-3', 'w-2', 'w-3']);
    expect(snapshot.nodes.find(({ name }) => name === 'cp-2')).toMatchObject({
      machine: { why: 'it was not asked' },
      etcd: { why: 'it was not asked' },
      workload: { kind: 'said' },
    });
  });

  it('without Kubernetes knows the machines, and nothing of their Nodes', async () => {
    const scene = aScene();
    const { workloads } = scene.house.ports;
    const snapshot = await surveys(scene, { workloads: { ...workloads, nodes: silent, staticPods: silent } });
    expect(snapshot.nodes).toHaveLength(6);
    expect(snapshot.silences).toEqual(['nobody answered']);
    expect(snapshot.nodes.every(({ workload }) => workload.kind === 'silent')).toBe(true);
  });

  it.each([
    ['is silent', silent, ['nobody answered']],
    ['is switched off', () => Promise.resolve([]), []],
  ] as const)('takes the Kubernetes nodes when discovery %s', async (_, members, silences) => {
    const scene = aScene();
    const snapshot = await surveys(scene, { machines: { ...scene.house.ports.machines, members } });
    expect(snapshot.nodes.map(({ name, role }) => `${name} ${role}`)).toContain('cp-1 control-plane');
    expect(silentNodes(snapshot)).toEqual([]);
    expect(snapshot.silences).toEqual(silences);
  });

  it('names Kubernetes nodes that no machine stands for', async () => {
    const scene = aScene();
    const { machines } = scene.house.ports;
    const members = async () => (await machines.members()).filter(({ name }) => name !== 'w-3');
    expect((await surveys(scene, { machines: { ...machines, members } })).strangers).toEqual(['w-3']);
  });

  it('of a cluster where nothing answers says so', async () => {
    const scene = aScene();
    const { machines, workloads } = scene.house.ports;
    const snapshot = await surveys(scene, {
      machines: { ...machines, members: silent },
      workloads: { ...workloads, nodes: silent, staticPods: silent },
    });
    expect(snapshot).toMatchObject({ nodes: [], silences: ['nobody answered', 'nobody answered'] });
  });

  it('asks through others than the node it is told to avoid, and that one last about itself', async () => {
    const scene = aScene();
    const seen = new Set<string | undefined>();
    const { machines } = scene.house.ports;
    const snapshot = await surveys(
      scene,
      {
        machines: {
          ...machines,
          look: (address, options) => {
            seen.add(options?.avoid);
            return machines.look(address, options);
          },
        },
      },
      { avoid: '127.40.0.1' },
    );
    expect([...seen]).toEqual(['127.40.0.1']);
    expect(said(snapshot.nodes[0]?.machine ?? null)?.version).toBe('v1.13.4');
  });
});
