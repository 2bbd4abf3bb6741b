// What people read once a time is over that the bot waited for, while nothing is written down: what it waits for now, and no dead button.
import { describe, expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { type Slot, threadOf } from '../../src/bot/thread.ts';
import { card } from '../../src/bot/views/card.ts';
import { homeView } from '../../src/bot/views/home.ts';
import { statusMessage } from '../../src/bot/views/status.ts';
import { whyMessage } from '../../src/bot/views/why.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { flightsOf } from '../../src/rollout/flight.ts';
import { soakingOf } from '../../src/rollout/soak.ts';
import { aPolicy } from '../builders/plan.ts';
import { withMachines } from '../engine/machines-between.ts';
import { APPROVER, aScene, aSmallScene, REQUESTER, type Scene } from '../engine/scene.ts';

const MINUTE = 60_000;
/** `w-1` is kept waiting for as long as nobody comes: longer than any soak or flight here. */
const PATIENT = { limits: { proveMs: 20 * MINUTE, rebootMs: 10 * MINUTE } } as const;

/** Everything that is said of it at this time, by the place where it is said. */
async function told(scene: Scene, now: number): Promise<Readonly<Record<string, string>>> {
  const { rollout } = scene;
  const policy = aPolicy();
  const notes = await scene.house.journal.notes(CLUSTER, scene.id);
  const status = { cluster: CLUSTER, channel: 'C', running: { rollout, url: null }, last: null };
  const why = whyMessage({ rollout, policy, notes, now, report: null, trouble: null });
  return {
    why: JSON.stringify(why.blocks),
    card: JSON.stringify(card({ rollout, policy, notes, now }).blocks),
    status: JSON.stringify(statusMessage([status], now).blocks),
    home: JSON.stringify(homeView({ user: REQUESTER, clusters: [{ ...status, policy }], now }).blocks),
  };
}

async function slotsAt(scene: Scene, now: number): Promise<readonly Slot[]> {
  const entries = await scene.house.journal.read(CLUSTER, scene.id);
  return threadOf({ entries, policy: aPolicy(), notes: {}, now })?.slots ?? [];
}

/** The canary restarts while it is watched, and does not become ready again. */
async function ill(): Promise<{ readonly scene: Scene; readonly until: number }> {
  const soak = { workersMs: 0, canaryMs: 10 * MINUTE, stagesMs: 0 };
  const policy = { ...PATIENT, order: 'canary', soak } as const;
  const scene = aScene({ estate: new SimulatedEstate().reader, policy });
  scene.start();
  await scene.until((rollout) => soakingOf(rollout) !== null);
  // What stood at that moment is in the thread, and stays as it was.
  await scene.says({ kind: 'hand-over', to: null }, APPROVER);
  scene.house.world.inject('never-ready', { node: 'w-1' });
  scene.house.world.machine('w-1').reboot();
  await scene.house.time.advance(15 * MINUTE);
  return { scene, until: soakingOf(scene.rollout)?.until ?? 0 };
}

/** A restart in doubt is to be sent again, and its machine does not answer any more. */
async function deaf(): Promise<{ readonly scene: Scene; readonly until: number }> {
  const scene = aSmallScene({ policy: PATIENT });
  let answers = true;
  withMachines(scene, (machines) => ({
    look: async (address, options) => {
      const mine = address === scene.house.world.machine('w-1').node.address;
      if (mine && !answers) throw new Fault('unreachable', 'w-1 does not answer');
      return machines.look(address, options);
    },
  })).start();
  await scene.until(({ plan }) => plan !== null);
  scene.house.world.inject('lost-call', { node: 'w-1', method: 'Reboot' });
  await scene.until(({ phase }) => phase.phase === 'held');
  await scene.says({ kind: 'retry' }, REQUESTER);
  answers = false;
  const [flight] = flightsOf(scene.rollout, scene.house.time.now());
  await scene.house.time.advance(5 * MINUTE);
  return { scene, until: flight?.until ?? 0 };
}

const CASES = [
  {
    what: 'a soak',
    play: ill,
    says: '*Soaking* until',
    reason: 'w-1 restarted once more since it came back',
  },
  { what: 'a flight', play: deaf, says: '*Waiting* until', reason: 'w-1 does not answer' },
] as const;

it('a hand-over says for ever what stood at its moment', async () => {
  const { scene, until } = await ill();
  const handed = (await slotsAt(scene, until + MINUTE)).find(({ name }) => name.startsWith('hand-over:'));
  expect(JSON.stringify(handed?.message.blocks)).toContain('*Soaking* until');
});

describe.each(CASES)('$what that is over', ({ play, says, reason }) => {
  it('is told nowhere any more, as what is waited for is', async () => {
    const { scene, until } = await play();
    const now = scene.house.time.now();
    // Nothing was written down since: the last fact alone would say that it still lasts.
    expect(scene.rollout.lastAt).toBeLessThan(until);
    expect(scene.phase).toEqual({ phase: 'running', halt: null });
    const before = await told(scene, until - 1);
    for (const text of Object.values(before)) expect(text).toContain(says);
    const after = await told(scene, now);
    for (const text of Object.values(after)) {
      expect(text).not.toContain(says);
      expect(text).not.toContain('Continue now');
      expect(text).not.toContain('rollout:continue');
      expect(text).not.toContain('Nobody has to do anything');
      expect(text).not.toContain('before <!date');
    }
    expect(after['why']).toContain(`waiting: ${reason}`);
    expect(after['card']).toContain(`waiting: ${reason}`);
  });

  it('changes the card once, and no other message of the thread', async () => {
    const { scene, until } = await play();
    const [lasting, ...others] = await slotsAt(scene, until - 1);
    const [over, ...othersLater] = await slotsAt(scene, until);
    expect(await slotsAt(scene, until - MINUTE)).toEqual([lasting, ...others]);
    expect(over?.message).not.toEqual(lasting?.message);
    expect(othersLater).toEqual(others);
    expect(await slotsAt(scene, until + 30 * MINUTE)).toEqual([over, ...others]);
  });
});

it('a soak that lasts offers to be cut short, wherever buttons are', async () => {
  const { scene, until } = await ill();
  const { card: shown, home, why } = await told(scene, until - 1);
  for (const text of [shown, home]) expect(text).toContain('rollout:continue');
  expect(why).toContain('Continue now');
});
