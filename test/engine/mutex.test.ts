// Talos's upgrade mutex in a rollout: held from before the drain until the node is done, by one, and never skipped in silence.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { MUTEX_TTL_MS } from '../../src/engine/ports/upgrade-mutex.ts';
import { crashing, patient } from './crash.ts';
import { begins, begunOf, GUARDED, guarded, watchedActs, wellEnded } from './guarded.ts';
import { REQUESTER, type Scene, willing } from './scene.ts';

describe('the upgrade mutex on the lifecycle path', () => {
  it('is held from before the drain until the node is done, by its evidence and by every act', async () => {
    const scene = guarded();
    const acts = watchedActs(scene, [...GUARDED, 'uncordon']);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(acts.length).toBeGreaterThan(12);
    expect(acts.filter((act) => !act.endsWith(': worker-1'))).toEqual([]);
    for (const node of ['cp-1', 'cp-2', 'cp-3']) {
      const begun = begunOf(scene, node);
      const holder = begun['cordon']?.['mutex'];
      expect(holder).toMatch(/^694d/);
      for (const kind of ['drain', 'install', 'reboot', 'return'])
        expect(begun[kind]?.['mutex']).toBe(holder);
    }
    // Once for each node, and free while people are asked about the next.
    expect(scene.house.mutex.told.map(({ owner }) => owner)).toEqual(
      ['cp-1', 'cp-2', 'cp-3'].flatMap(() => ['worker-1', null]),
    );
    wellEnded(scene);
  });

  it('is not taken for workers, nor before the gate of a control-plane node', async () => {
    const scene = guarded();
    scene.people = (rollout) => (rollout.phase.phase === 'at-gate' ? null : willing(rollout));
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1 });
    expect(begunOf(scene, 'w-1')['drain']).not.toHaveProperty('mutex');
    expect(scene.house.mutex.told).toEqual([]);
  });

  it('changes nothing where etcd is not asked directly', async () => {
    const scene = guarded({ guarded: false });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(JSON.stringify(scene.facts('step-begun'))).not.toContain('mutex');
    expect(scene.house.mutex.told).toEqual([]);
  });

  it('is never in two hands, however many processes there are', async () => {
    const scene = guarded();
    const acts = watchedActs(scene);
    for (const _ of [1, 2, 3]) scene.start();
    await scene.plays();
    expect(acts.some((act) => act.endsWith(': nobody'))).toBe(false);
    const owners = scene.house.mutex.told.map(({ owner }) => owner);
    expect(owners.every((owner, at) => (owner === null) === (at % 2 === 1))).toBe(true);
    wellEnded(scene);
  });
});

describe('a mutex that somebody else holds', () => {
  it('keeps the rollout out, with the sentence who has it, and lets it go on when it is free', async () => {
    const scene = guarded();
    const free = scene.house.mutex.seize('talosctl');
    const holder = scene.house.mutex.holder;
    scene.start();
    await scene.until(({ gates }) => [...gates.values()].some(({ state }) => state === 'passed'));
    await scene.house.time.advance(5_000);
    expect(begunOf(scene, 'cp-1')).not.toHaveProperty('cordon');
    const notes = await scene.house.journal.notes('homelab', scene.id);
    expect(JSON.stringify(notes)).toContain(
      `waiting: Talos's upgrade mutex is held by lease ${holder}: another upgrade runs (talosctl or a second bot), or`,
    );
    free();
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    wellEnded(scene);
  });

  it('ends as held for a person at the limit, with nothing done to the node', async () => {
    const scene = guarded();
    const free = scene.house.mutex.seize('talosctl');
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', node: 'cp-1', why: expect.stringContaining('another upgrade runs') },
    });
    expect(scene.house.objects.isCordoned('cp-1')).toBe(false);
    free();
    scene.people = patientAlso('failed');
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    wellEnded(scene);
  });

  it('is not skipped when etcd does not answer: it waits, and then a person is asked', async () => {
    const scene = guarded();
    scene.house.mutex.trouble = new Fault('busy', 'etcd on cp-2 sees no quorum.');
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { why: "Talos's upgrade mutex cannot be taken: etcd on cp-2 sees no quorum." },
    });
    expect(Object.keys(begunOf(scene, 'cp-1'))).not.toContain('cordon');
  });

  it('is asked for once when etcd says a no that only a person can change', async () => {
    const scene = guarded({ policy: { limits: { proveMs: 3_600_000 } } });
    scene.house.mutex.trouble = new Fault('refused', 'etcd on cp-2 does not accept our client certificate.');
    const from = scene.house.time.now();
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { why: expect.stringContaining('our client certificate') },
    });
    expect(scene.house.time.now() - from).toBeLessThan(600_000);
  });
});

/** They approve everything, and say "again" to what is held for this reason. */
function patientAlso(kind: 'failed' | 'doubted'): Scene['people'] {
  return (rollout) =>
    rollout.phase.phase === 'held' && rollout.phase.held.kind === kind
      ? { intent: { kind: 'retry' }, user: REQUESTER }
      : willing(rollout);
}

describe('a mutex that is lost in the middle', () => {
  it('stops the next call that is sent once, until it is taken again', async () => {
    const scene = guarded();
    const acts = watchedActs(scene);
    scene.start();
    await scene.untilStep('cp-1', 'install', 'step-begun');
    // A person revokes the lease while the installer runs, and somebody else begins an upgrade.
    scene.house.mutex.revoke();
    const free = scene.house.mutex.seize('talosctl');
    scene.house.time.after(5_000, free);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    const { mutex: first } = begunOf(scene, 'cp-1')['install'] ?? {};
    const { mutex: second } = begunOf(scene, 'cp-1')['reboot'] ?? {};
    expect(second).toMatch(/^694d/);
    expect(second).not.toBe(first);
    expect(acts.filter((act) => act.startsWith('reboot cp-1'))).toEqual(['reboot cp-1: worker-1']);
    wellEnded(scene);
  });

  it('is noticed between "begun" and the call, which then provably does not leave', async () => {
    const scene = guarded();
    const { mutex } = scene.house;
    let done = false;
    scene.tap({
      after: ({ method, args: [request] }) => {
        if (done || method !== 'append' || !begins(request, 'cp-1-reboot')) return;
        done = true;
        // The holder's own clock says that it is over: the process was frozen for longer than the lease lasts.
        mutex.expireNow();
      },
    });
    await scene.plays();
    expect(scene.facts('step-withdrawn')).toEqual([
      {
        kind: 'step-withdrawn',
        step: scene.step('cp-1', 'reboot').id,
        why: "Talos's upgrade mutex was lost before the call was sent",
      },
    ]);
    expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 1 });
    wellEnded(scene);
  });
});

describe('a worker that dies with the mutex', () => {
  it('keeps its successor waiting for as long as the lease lasts, which says whose it is', async () => {
    const scene = guarded();
    const said = new Set<string>();
    const first = scene.start();
    scene.tap({
      before: ({ method, args }) => {
        if (method === 'note') said.add(String(args[3]));
      },
    });
    await scene.untilStep('cp-1', 'install', 'step-begun');
    const holder = scene.house.mutex.holder;
    first.kill();
    const diedAt = scene.house.time.now();
    scene.start();
    await scene.untilStep('cp-1', 'reboot', 'step-begun');
    // The limit of a proof is shorter here than a lease: waiting covers it all the same.
    expect(scene.house.policy.limits.proveMs).toBeLessThan(MUTEX_TTL_MS);
    const waitedMs = scene.house.time.now() - diedAt;
    expect(waitedMs).toBeGreaterThan(MUTEX_TTL_MS / 2);
    expect(waitedMs).toBeLessThan(MUTEX_TTL_MS + 15_000);
    expect([...said].join()).toContain(
      `Talos's upgrade mutex is still held by lease ${holder} of an earlier worker of this rollout`,
    );
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    wellEnded(scene);
  });

  it('at any act or fact goes on all the same, and nothing is done to the control plane without it', async () => {
    const calm = await guarded().plays();
    const points = calm.audit.effects
      .filter(({ name }) => /cp-2/.test(name))
      .flatMap(({ n: at }) => (['before', 'after'] as const).map((when) => ({ at, when })));
    expect(points.length).toBeGreaterThan(20);
    for (const point of points) {
      const scene = guarded();
      const acts = watchedActs(scene, ['install', 'reboot']);
      scene.people = patient;
      scene.tap(crashing(scene, point));
      await scene.plays();
      expect([point, scene.phase]).toMatchObject([point, { outcome: 'upgraded' }]);
      expect(acts.filter((act) => act.endsWith(': nobody'))).toEqual([]);
      wellEnded(scene);
    }
  }, 60_000);

  it('orderly, in the middle of a restart, leaves it to expire: nobody slips in between', async () => {
    const scene = guarded({ world: { rebootMs: 15_000 } });
    const first = scene.start();
    await scene.untilStep('cp-1', 'reboot', 'step-begun');
    const stopped = first.stop(10_000);
    await scene.house.time.advance(11_000);
    await stopped;
    expect(scene.house.mutex.owner).toBe('worker-1');
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    wellEnded(scene);
  });
});
