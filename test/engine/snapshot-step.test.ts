// The copy of etcd in a whole rollout: when it is taken, what is written down, and what happens when it cannot be had.
import { describe, expect, it } from 'vitest';
import { CLUSTER, type ProcessPorts } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { stepsOf } from '../../src/rollout/plan.ts';
import { type Rollout, stepState } from '../../src/rollout/rollout.ts';
import type { Step } from '../../src/rollout/step.ts';
import { aSnapshot, streamOf } from '../archive/snapshots.ts';
import { aSmallScene, REQUESTER, type Scene, willing } from './scene.ts';

function snapshotStep(rollout: Rollout): Step {
  const step =
    rollout.plan === null ? undefined : stepsOf(rollout.plan).find(({ kind }) => kind === 'snapshot');
  if (step === undefined) throw new Error('no snapshot is planned');
  return step;
}

const snapshots = (scene: Scene): number =>
  scene.house.world.nodes.reduce((sum, { name }) => sum + scene.house.world.counters.of(name).snapshots, 0);

/** The machines of a process, giving another copy of etcd than the simulated one. */
function copying(etcdSnapshot: Machines['etcdSnapshot']): (ports: ProcessPorts) => ProcessPorts {
  return (ports) => ({
    ...ports,
    machines: new Proxy(ports.machines, {
      get: (target, key) => (key === 'etcdSnapshot' ? etcdSnapshot : Reflect.get(target, key, target)),
    }),
  });
}

/** Every process gets the first so many bytes of what its machine sends, and an end as if all were well. */
function cutOff(ports: ProcessPorts): ProcessPorts {
  const { machines } = ports;
  return copying(async function* (address, signal) {
    let left = 3_000;
    for await (const chunk of machines.etcdSnapshot(address, signal)) {
      yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left <= 0) return;
    }
  })(ports);
}

const untilHeld = (scene: Scene) => scene.until(({ phase }) => phase.phase === 'held');

describe('with an archive', () => {
  it('etcd is copied once, after the workers and before the first gate, from a node that does not lead', async () => {
    const scene = aSmallScene({ archived: true });
    const leader = scene.house.world.etcd.leader();
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    const step = snapshotStep(scene.rollout);
    expect(step.node).not.toBe(leader);
    expect(snapshots(scene)).toBe(1);
    const [kept, ...others] = await scene.house.archive.list(CLUSTER);
    expect(others).toEqual([]);
    expect(stepState(scene.rollout, step.id)).toMatchObject({
      state: 'ended',
      result: {
        name: kept?.name,
        bytes: kept?.bytes,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        pruned: 0,
      },
    });
    expect(kept?.rollout).toBe(scene.id);
    const facts = scene.audit.entries.map(({ event }) => event);
    const copied = facts.findIndex((event) => event.kind === 'step-ended' && event.step === step.id);
    const gate = facts.findIndex((event) => event.kind === 'gate-opened');
    const worker = facts.findLastIndex((event) => event.kind === 'step-ended' && event.step.includes('-w-'));
    expect(worker).toBeLessThan(copied);
    expect(copied).toBeLessThan(gate);
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
  });

  it('the copy outlives its own pruning, also among copies of a clock that was ahead', async () => {
    const scene = aSmallScene({ archived: true });
    const ahead = Date.UTC(2100, 0);
    for (let copy = 0; copy < 10; copy++) {
      const stream = streamOf(aSnapshot());
      await scene.house.archive.put({ cluster: CLUSTER, rollout: 'r1', takenAt: ahead + copy, stream });
    }
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    const state = stepState(scene.rollout, snapshotStep(scene.rollout).id);
    const name = state.state === 'ended' ? String(state.result['name']) : '';
    expect(scene.house.archive.holds(name)).toBe(true);
  });

  it('a copy that came incomplete three times is held with nothing kept; a person says retry, and it goes on', async () => {
    const scene = aSmallScene({ archived: true });
    let broken = true;
    scene.between((ports) => {
      const whole = ports.machines;
      const cut = cutOff(ports).machines;
      return copying((address, signal) => (broken ? cut : whole).etcdSnapshot(address, signal))(ports);
    });
    scene.start();
    await untilHeld(scene);
    expect(scene.phase).toMatchObject({
      held: {
        kind: 'failed',
        why: expect.stringMatching(/not whole: it was cut off after 3000 bytes.*3 times/),
      },
    });
    expect(snapshots(scene)).toBe(3);
    expect(await scene.house.archive.list(CLUSTER)).toEqual([]);
    expect(scene.facts('gate-opened')).toEqual([]);
    broken = false;
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(await scene.house.archive.list(CLUSTER)).toHaveLength(1);
  });

  it('a full one holds at once; a person may go on without a copy, by name', async () => {
    const scene = aSmallScene({ archived: true });
    scene.house.archive.trouble = new Fault(
      'refused',
      'The archive folder /x is full: make room, then retry.',
    );
    scene.start();
    await untilHeld(scene);
    expect(snapshots(scene)).toBe(1);
    expect(scene.phase).toMatchObject({ held: { why: expect.stringContaining('is full') } });
    expect(await scene.says({ kind: 'skip' })).toMatchObject({ kind: 'taken' });
    expect(scene.facts('skipped')).toMatchObject([{ user: REQUESTER }]);
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  });

  it('one that is away for a while is waited for', async () => {
    const scene = aSmallScene({ archived: true });
    scene.house.archive.trouble = new Fault('unreachable', 'The archive bucket b does not answer.');
    scene.start();
    await scene.until(() => snapshots(scene) >= 2);
    scene.house.archive.trouble = null;
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.facts('step-failed')).toEqual([]);
  });

  it('a stream that never ends is given up at the step’s limit', async () => {
    const scene = aSmallScene({ archived: true });
    scene.between(
      copying(async function* (_address, signal) {
        yield new Uint8Array(1024);
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Fault('unreachable', 'it was given up')));
        });
      }),
    );
    scene.start();
    await untilHeld(scene);
    expect(scene.phase).toMatchObject({
      held: { why: expect.stringMatching(/snapshot did not finish within 30 s/) },
    });
  });

  it('a member that knows no leader is not copied', async () => {
    const scene = aSmallScene({ archived: true });
    let asked = 0;
    scene.between((ports) => ({
      ...ports,
      machines: new Proxy(ports.machines, {
        get: (target, key) =>
          key === 'etcd' && scene.rollout.phase.phase === 'running'
            ? async (address: string) => {
                asked += 1;
                return { ...(await target.etcd(address)), leaderId: null };
              }
            : Reflect.get(target, key, target),
      }),
    }));
    scene.start();
    await untilHeld(scene);
    expect(asked).toBeGreaterThan(1);
    expect(snapshots(scene)).toBe(0);
    expect(scene.phase).toMatchObject({ held: { why: expect.stringContaining('knows no leader') } });
  });

  it('a process killed while it copies leaves nothing, and the next one copies again', async () => {
    const scene = aSmallScene({ archived: true });
    const first = scene.start(
      copying(async function* () {
        yield new Uint8Array(1024);
        await new Promise(() => undefined);
      }),
    );
    await scene.until((rollout) => {
      const step = rollout.plan === null ? null : snapshotStep(rollout);
      return step !== null && stepState(rollout, step.id).state === 'begun';
    });
    first.kill();
    scene.start();
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(await scene.house.archive.list(CLUSTER)).toHaveLength(1);
    expect(snapshots(scene)).toBe(1);
  });

  it('a rollback of a control-plane node copies nothing', async () => {
    const scene = aSmallScene({ archived: true, goal: { kind: 'rollback-node', node: 'cp-2' } });
    await scene.plays();
    expect(snapshots(scene)).toBe(0);
    expect(await scene.house.archive.list(CLUSTER)).toEqual([]);
  });
});

describe('without an archive', () => {
  it('the plan warns, and goes on', async () => {
    const scene = aSmallScene();
    scene.people = willing;
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.rollout.findings).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        sentence: 'No etcd snapshot will be taken: no archive is configured.',
      }),
    );
    expect(snapshots(scene)).toBe(0);
  });
});
