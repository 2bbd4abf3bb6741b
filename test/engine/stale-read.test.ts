// A fail-over behind one address: the lease is taken at the new master, and what is driven was read at the former one, which still answers
// reads. Nothing is done on the strength of it: what it calls begun may be long over.
import { describe, expect, it } from 'vitest';
import { CLUSTER, type ProcessPorts } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import { Session } from '../../src/engine/session.ts';
import type { Entry } from '../../src/rollout/event.ts';
import { aScene, willing } from './scene.ts';

const NODE = 'w-1';

/** What reads at a server that stopped at these entries, until it hears from a write that it is no master any more. */
function behind({ journal }: Pick<ProcessPorts, 'journal'>, frozen: readonly Entry[], id: string): Journal {
  let left = false;
  const refused = () => {
    left = true;
    return Promise.reject(new Fault('busy', 'Redis refused: READONLY', { code: 'READONLY' }));
  };
  const own: Partial<Journal> = {
    read: async (cluster, rollout, after = 0, link) =>
      left ? journal.read(cluster, rollout, after, link) : frozen.slice(after),
    due: async (clusters, limit) =>
      left ? journal.due(clusters, limit) : [{ cluster: CLUSTER, rollout: id }],
    renew: (lease) => (left ? journal.renew(lease) : refused()),
  };
  return new Proxy(journal, {
    get: (target, key) => {
      const member: unknown = Reflect.get(own, key) ?? Reflect.get(target, key, target);
      return typeof member === 'function' && !(key in own) ? member.bind(target) : member;
    },
  });
}

/** A rollout whose driver got past the cordon of a worker, and the journal as it was when that began. */
async function past(phase: 'at-gate' | 'finished') {
  const scene = aScene();
  scene.people = (rollout) =>
    phase === 'at-gate' && rollout.phase.phase === phase ? null : willing(rollout);
  scene.start();
  await scene.untilStep(NODE, 'cordon', 'step-begun');
  const { id } = scene.step(NODE, 'cordon');
  await scene.until((rollout) => rollout.phase.phase === phase);
  const { entries } = scene.audit;
  const begun = entries.findIndex(({ event }) => event.kind === 'step-begun' && event.step === id);
  return { scene, frozen: entries.slice(0, begun + 1) };
}

describe('a process that reads what the journal has gone past', () => {
  it.each(['at-gate', 'finished'] as const)('does nothing of it (%s)', async (phase) => {
    const { scene, frozen } = await past(phase);
    const told = scene.audit.entries.length;
    scene.start((ports) => ({ ...ports, journal: behind(ports, frozen, scene.id) }));
    await scene.house.time.advance(60_000);
    expect(scene.house.objects.isCordoned(NODE)).toBe(false);
    expect(scene.audit.entries).toHaveLength(told);
    expect(scene.audit.broken).toEqual([]);
    expect(JSON.stringify(scene.house.voices.errors)).toContain('read from a server that is behind');
  });

  it('gives the lease up at once to who has read it all, and is told of it', async () => {
    const { scene, frozen } = await past('at-gate');
    const { journal, time } = scene.house;
    const parts = { journal, clock: time.engineClock(), owner: 'worker-9' };
    const stale = { ...parts, journal: behind({ journal }, frozen, scene.id) };
    await expect(Session.open(stale, CLUSTER, scene.id)).rejects.toMatchObject({
      kind: 'busy',
      code: 'STALE_READ',
    });
    expect(journal.looksOf(CLUSTER).get(scene.id)).toBeLessThanOrEqual(time.now());
    const session = await Session.open(parts, CLUSTER, scene.id);
    expect(session?.rollout.version).toBe(scene.audit.entries.length);
  });

  it('gives it up also when another fact stands in the place of the last one it read', async () => {
    const { scene } = await past('at-gate');
    const { journal, time } = scene.house;
    const entries = scene.audit.entries.map((entry) => ({ ...entry, link: 'f'.repeat(40) }));
    const stale = behind({ journal }, entries, scene.id);
    const parts = { journal: stale, clock: time.engineClock(), owner: 'worker-9' };
    await expect(Session.open(parts, CLUSTER, scene.id)).rejects.toMatchObject({ code: 'STALE_READ' });
  });
});
