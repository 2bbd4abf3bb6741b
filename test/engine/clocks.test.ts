// Processes whose wall clocks are wrong: every wait counts by the store's clock, which is the journal's.
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/engine/ports/clock.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import { aSmallScene, type Scene } from './scene.ts';

const TWO_HOURS_MS = 7_200_000;
const FLIGHT_MS = 120_000;
/** A click is judged by the clock of the bot that hears it: one that is hours ahead calls a card expired, which is safe, and said. */
const LONG = { proposalExpiryMs: 14_400_000, gateExpiryMs: 14_400_000 };

/** When such facts were written, by the store's clock. */
function moments(scene: Scene, kind: string): readonly number[] {
  return scene.audit.entries.flatMap(({ at, event }) => (event.kind === kind ? [at] : []));
}

describe.each([0, TWO_HOURS_MS, -TWO_HOURS_MS])('a wall clock that is %i ms ahead', (aheadMs) => {
  const clockOf = (_owner: string, clock: Clock): Clock => ({
    ...clock,
    now: () => clock.now() + aheadMs,
  });

  it('neither shortens nor prolongs the wait before an act in doubt is sent again', async () => {
    const scene = aSmallScene({ clockOf, policy: LONG });
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    scene.house.world.inject('lost-call', { node: 'w-1', method: 'Reboot' });
    await scene.until(({ phase }) => phase.phase === 'held');
    expect(scene.facts('step-doubted')).toHaveLength(1);
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    const reboots = scene.audit.entries.filter(
      ({ event }) => event.kind === 'step-begun' && event.step === scene.step('w-1', 'reboot').id,
    );
    const [again = 0] = moments(scene, 'retried');
    expect(reboots).toHaveLength(2);
    const waitedMs = (reboots[1]?.at ?? 0) - again;
    expect(waitedMs).toBeGreaterThanOrEqual(FLIGHT_MS);
    expect(waitedMs).toBeLessThan(FLIGHT_MS + 5_000);
    expect(scene.counted('reboots')['w-1']).toBe(1);
  });

  it('neither ends a step before its limit nor lets it go on for ever', async () => {
    const scene = aSmallScene({ clockOf, policy: LONG });
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    scene.house.world.inject('lost-call', { node: 'w-1', method: 'Reboot' });
    await scene.until(({ phase }) => phase.phase === 'held');
    const step = scene.step('w-1', 'reboot');
    const begun = scene.audit.entries.find(
      ({ event }) => event.kind === 'step-begun' && event.step === step.id,
    );
    const [doubted = 0] = moments(scene, 'step-doubted');
    const tookMs = doubted - (begun?.at ?? 0);
    expect(tookMs).toBeGreaterThanOrEqual(step.limitMs);
    expect(tookMs).toBeLessThan(step.limitMs + 5_000);
  });

  it('lets a card expire when it should', async () => {
    const scene = aSmallScene({ clockOf, policy: { ...LONG, gateExpiryMs: 600_000 } });
    scene.start();
    await scene.untilGate('cp-1');
    scene.people = () => null;
    await scene.until(({ phase }) => phase.phase === 'finished');
    const [opened = 0] = moments(scene, 'gate-opened');
    const [expired = 0] = moments(scene, 'gate-expired');
    expect(expired - opened).toBeGreaterThanOrEqual(600_000);
    expect(expired - opened).toBeLessThan(605_000);
  });
});

/** From fact `from` on its clock is set back: put right by NTP, or another one's after a fail-over. */
function setBack(journal: Journal, from: () => number, byMs: number): Journal {
  const backMs = (n: number): number => (n >= from() ? byMs : 0);
  const read: Journal['read'] = async (...asked) =>
    (await journal.read(...asked)).map((entry) => ({ ...entry, at: entry.at - backMs(entry.n) }));
  const append: Journal['append'] = async (request) => {
    const reply = await journal.append(request);
    return reply.kind === 'appended' ? { ...reply, at: reply.at - backMs(reply.version) } : reply;
  };
  return Object.assign(Object.create(journal), { read, append });
}

describe('the clock of the store', () => {
  it.each([30_000, 600_000])('set back by %i ms while a step is in hand leaves it its time', async (byMs) => {
    let from = Number.POSITIVE_INFINITY;
    const scene = aSmallScene().between((ports) => ({
      ...ports,
      journal: setBack(ports.journal, () => from, byMs),
    }));
    scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    from = scene.audit.entries.length + 1;
    await scene.until(({ phase }) => phase.phase === 'held' || phase.phase === 'at-gate');
    expect(scene.facts('step-doubted')).toEqual([]);
    expect(scene.facts('step-failed')).toEqual([]);
  });
});
