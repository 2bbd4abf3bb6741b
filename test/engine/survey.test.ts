// A survey never fails: it writes down who was silent, and why.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import type { AccessView } from '../../src/cluster/access.ts';
import { said } from '../../src/cluster/answer.ts';
import type { Snapshot } from '../../src/cluster/snapshot.ts';
import { SILENT_AFTER_MS } from '../../src/engine/patience.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { Slots } from '../../src/engine/slots.ts';
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

  it('waits for its turn when it is a full one; a look does not', async () => {
    const scene = aScene();
    const turns = new Slots(1);
    let end = (): void => undefined;
    const other = turns.run(() => new Promise<void>((resolve) => (end = resolve)));
    let asked = 0;
    const { machines } = scene.house.ports;
    const counting = {
      ...machines,
      members: (...given: Parameters<typeof machines.members>) => {
        asked += 1;
        return machines.members(...given);
      },
    };
    const full = surveys(scene, { turns, machines: counting }, { depth: 'full' });
    expect(silentNodes(await surveys(scene, { turns }))).toEqual([]);
    expect(asked).toBe(0);
    end();
    await other;
    expect(silentNodes(await full)).toEqual([]);
    expect(asked).toBe(1);
  });

  it('looks at our own access before it asks anybody, and tells of none where there is none', async () => {
    const seen: string[] = [];
    const view: AccessView = {
      roles: ['os:admin'],
      admin: 'granted',
      expiresAt: 5,
      until: 'then',
      stale: null,
    };
    const scene = aScene();
    const { machines } = scene.house.ports;
    const snapshot = await surveys(scene, {
      access: {
        seen: async () => {
          seen.push('access');
          return view;
        },
        close: async () => undefined,
      },
      machines: {
        ...machines,
        members: (options) => {
          seen.push('members');
          return machines.members(options);
        },
      },
    });
    expect(seen).toEqual(['access', 'members']);
    expect(snapshot.access).toEqual(view);
    expect((await surveys(aScene())).access).toBeUndefined();
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

  it('in full inspects every machine that answers', async () => {
    const scene = aScene();
    scene.house.world.inject('node-down', { node: 'w-2' });
    const { nodes } = await surveys(scene, {}, { depth: 'full' });
    const inspected = nodes.filter(({ inspection }) => inspection?.kind === 'said').map(({ name }) => name);
    expect(inspected).toEqual(['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-3']);
    expect((await surveys(scene)).nodes.every(({ inspection }) => inspection === null)).toBe(true);
  });

  it('tells each machine which boot Kubernetes saw it in before', async () => {
    const scene = aScene();
    const { machines, workloads } = scene.house.ports;
    const known = new Map((await workloads.nodes()).map(({ addresses, bootId }) => [addresses[0], bootId]));
    const told = new Map<string, string | undefined>();
    const look: typeof machines.look = (address, options) => {
      told.set(address, options?.seenBoot);
      return machines.look(address, options);
    };
    await surveys(scene, { machines: { ...machines, look } });
    expect(told).toEqual(known);
  });

  it.each(['look', 'etcd', 'inspect'] as const)(
    'writes down as silent who stops in the middle of an answer (%s)',
    async (method) => {
      const scene = aScene();
      const { machines } = scene.house.ports;
      const never = (): Promise<never> => new Promise(() => undefined);
      const mute = { ...machines, [method]: never };
      const begunAt = scene.house.time.engineClock().now();
      const { nodes, at } = await surveys(scene, { machines: mute }, { depth: 'full' });
      expect(at - begunAt).toBeLessThanOrEqual(2 * SILENT_AFTER_MS);
      const answers = { look: nodes[0]?.machine, etcd: nodes[0]?.etcd, inspect: nodes[0]?.inspection };
      expect(answers[method]).toEqual({ kind: 'silent', why: 'it gave no answer within 6 s.' });
    },
  );

  it('tells a machine to stop when nobody waits for it any more', async () => {
    const scene = aScene();
    const { machines } = scene.house.ports;
    const signals: (AbortSignal | undefined)[] = [];
    const look: typeof machines.look = (_address, options) => {
      signals.push(options?.signal);
      return new Promise(() => undefined);
    };
    await surveys(scene, { machines: { ...machines, look } });
    expect(signals).toHaveLength(6);
    expect(signals.every((signal) => signal?.aborted === true)).toBe(true);
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
