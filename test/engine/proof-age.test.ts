// The proof of a departure is about this moment: what takes long between it and the call makes it ask again.
import { expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import { aNodeDetail } from '../builders/estate.ts';
import { withMachines } from './machines-between.ts';
import { aSmallScene, type Scene } from './scene.ts';

const SLOW_MS = 20_000;

/** The look at cp-1 that captures the evidence for its restart takes that long, and something happens meanwhile. */
function slowToTell(scene: Scene, meanwhile: () => void): Scene {
  const address = scene.house.world.machine('cp-1').node.address;
  let looks = 0;
  const answering =
    (machines: Machines): Machines['look'] =>
    async (asked, options) => {
      const survey = options?.avoid !== undefined;
      if (asked === address && !survey && options?.route === undefined && handedOver(scene)) looks += 1;
      // The first one observes whether it is so already.
      if (looks === 2) {
        looks += 1;
        meanwhile?.();
        await scene.house.time.engineClock().sleep(SLOW_MS);
      }
      return await machines.look(asked, options);
    };
  return withMachines(scene, (machines) => ({ look: answering(machines) }));
}

/** The step before the restart is over: what is looked at now is for the restart. */
function handedOver({ rollout }: Scene): boolean {
  return [...rollout.steps].some(([id, { state }]) => id.endsWith('cp-1-forfeit') && state === 'ended');
}

it('a peer that goes while the evidence is captured stops the departure', async () => {
  const scene = aSmallScene();
  slowToTell(scene, () => scene.house.world.inject('node-down', { node: 'cp-3' }));
  await scene.plays();
  expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', node: 'cp-1' } });
  expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0 });
  expect(scene.audit.broken).toEqual([]);
});

it('a peer that goes while Kubernetes takes its time to list the pods stops the departure', async () => {
  const scene = aSmallScene();
  let listed = false;
  scene.between((ports) => ({
    ...ports,
    workloads: {
      ...ports.workloads,
      podsOn: async (node) => {
        const pods = await ports.workloads.podsOn(node);
        if (node === 'cp-1' && !listed && handedOver(scene)) {
          listed = true;
          scene.house.world.inject('node-down', { node: 'cp-3' });
          await scene.house.time.engineClock().sleep(SLOW_MS);
        }
        return pods;
      },
    },
  }));
  await scene.plays();
  expect(listed).toBe(true);
  expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', node: 'cp-1' } });
  expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0 });
});

/** Within the proof itself, that node answers its look so late. */
function lateInTheProof(
  scene: Scene,
  name: string,
  { lateMs, until }: { lateMs: number; until: (late: number) => boolean },
): () => number {
  const address = scene.house.world.machine(name).node.address;
  let late = 0;
  withMachines(scene, (machines) => ({
    look: async (asked, options) => {
      if (asked === address && options?.avoid !== undefined && handedOver(scene) && !until(late)) {
        late += 1;
        await scene.house.time.engineClock().sleep(lateMs);
      }
      return await machines.look(asked, options);
    },
  }));
  return () => late;
}

it('a peer that goes while the node that is to leave takes its time to answer stops the departure', async () => {
  const scene = aSmallScene();
  const late = lateInTheProof(scene, 'cp-1', { lateMs: 5_000, until: (times) => times === 1 });
  scene.tap({
    after: ({ method, args }) => {
      if (method === 'etcd' && args[0] === scene.house.world.machine('cp-3').node.address && late() === 1)
        scene.house.world.inject('node-down', { node: 'cp-3' });
    },
  });
  await scene.plays();
  expect(late()).toBe(1);
  expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', node: 'cp-1' } });
  expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0 });
});

it('a node that is to leave and always takes its time may leave', async () => {
  const scene = aSmallScene();
  const isGone = (): boolean => scene.counted('reboots')['cp-1'] === 1;
  const late = lateInTheProof(scene, 'cp-1', { lateMs: 4_000, until: isGone });
  await scene.plays();
  expect(late()).toBeGreaterThan(0);
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
});

it('a peer that always takes its time makes every proof too old, and that is said', async () => {
  const scene = aSmallScene();
  lateInTheProof(scene, 'cp-3', { lateMs: 4_000, until: () => false });
  await scene.plays();
  expect(scene.phase).toMatchObject({
    phase: 'held',
    held: { why: expect.stringContaining('the nodes that stay took 4.0 s to answer') },
  });
  expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0 });
});

it('a slow answer alone stops nobody', async () => {
  const scene = slowToTell(aSmallScene(), () => undefined);
  await scene.plays();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 1 });
});

/** The machines' own endpoints do not answer: the next one is asked after PROOF_LIMIT_MS of src/talos/acts.ts. */
function throughSecondEndpoint(scene: Scene, machines: Machines): Partial<Machines> {
  return {
    reboot: async (address, mode, may) => {
      await scene.house.time.engineClock().sleep(2_000);
      // As the adapter asks in the turn in which it sends (src/talos/acts.ts).
      return may?.() === false
        ? { kind: 'withdrawn', fault: new Fault('unreachable', 'what allowed it does not hold any more') }
        : await machines.reboot(address, mode, may);
    },
  };
}

interface SlowStore {
  /** Milliseconds of each answer, as of one that waits for a replica far away. */
  readonly slowMs: number;
  /** What happens when the restart of cp-1 was written down; the store is slow from there on. */
  readonly meanwhile?: () => void;
  readonly machinesOf?: (machines: Machines) => Partial<Machines>;
}

function slowStore(scene: Scene, { slowMs, meanwhile, machinesOf = () => ({}) }: SlowStore): Scene {
  let isBegun = false;
  const begins = (event: RolloutEvent): boolean =>
    event.kind === 'step-begun' && event.step.endsWith('cp-1-reboot');
  return scene.between((ports) => {
    const { journal, machines } = ports;
    const late = async (): Promise<void> => {
      if (meanwhile === undefined || isBegun) await scene.house.time.engineClock().sleep(slowMs);
    };
    const append: typeof journal.append = async (request) => {
      const isFirst = !isBegun && request.events.some(begins);
      isBegun ||= isFirst;
      await late();
      const reply = await journal.append(request);
      if (isFirst) meanwhile?.();
      return reply;
    };
    const read: typeof journal.read = async (...asked) => {
      await late();
      return await journal.read(...asked);
    };
    return {
      ...ports,
      machines: { ...machines, ...machinesOf(machines) },
      journal: Object.assign(Object.create(journal), { append, read }),
    };
  });
}

const PATIENT = {
  limits: { proveMs: 120_000, rebootMs: 120_000, returnMs: 120_000, installMs: 120_000, drainMs: 120_000 },
};

it('a peer that goes while the beginning is slowly written down and a connection is looked for stops the departure', async () => {
  const scene = aSmallScene({ policy: PATIENT });
  slowStore(scene, {
    slowMs: 1_600,
    meanwhile: () => scene.house.world.inject('node-down', { node: 'cp-3' }),
    machinesOf: (machines) => throughSecondEndpoint(scene, machines),
  });
  await scene.plays();
  expect(scene.facts('step-withdrawn')[0]).toMatchObject({ step: scene.step('cp-1', 'reboot').id });
  expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'cp-1' } });
  expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0 });
});

it('a peer that goes while a connection for the call is looked for stops the departure', async () => {
  const scene = aSmallScene();
  const address = scene.house.world.machine('cp-1').node.address;
  let searched = false;
  withMachines(scene, (machines) => ({
    reboot: async (asked, mode, may) => {
      if (asked === address && !searched) {
        searched = true;
        scene.house.world.inject('node-down', { node: 'cp-3' });
        await scene.house.time.engineClock().sleep(SLOW_MS);
        // As the adapter asks in the turn in which it sends (src/talos/acts.ts).
        if (may?.() === false)
          return {
            kind: 'withdrawn',
            fault: new Fault('unreachable', 'what allowed it does not hold any more'),
          };
      }
      return await machines.reboot(asked, mode, may);
    },
  }));
  await scene.plays();
  expect(searched).toBe(true);
  expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'cp-1' } });
  expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0 });
  expect(scene.audit.broken).toEqual([]);
});

it('a slow store stops nobody, also where two lanes of a batch begin at once', async () => {
  const estate = new SimulatedEstate();
  const scene = aSmallScene({
    estate: estate.reader,
    world: { controlPlanes: 1, workers: 2 },
    archived: true,
    policy: { ...PATIENT, parallelWorkers: 2 },
  });
  estate.change({ nodes: scene.house.world.nodes.map(({ name }) => aNodeDetail(name)) });
  await slowStore(scene, { slowMs: 1_200 }).plays();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.facts('step-withdrawn').filter(({ why }) => why.includes('proof'))).toEqual([]);
});

it('nor does one with a machine that answers through its second endpoint only', async () => {
  const scene = aSmallScene();
  const machinesOf = (machines: Machines): Partial<Machines> => throughSecondEndpoint(scene, machines);
  await slowStore(scene, { slowMs: 600, machinesOf }).plays();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.facts('step-withdrawn')).toEqual([]);
});
