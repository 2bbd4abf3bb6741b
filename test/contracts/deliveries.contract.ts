// What every Deliveries must do, whatever it is made of (ports/deliveries.ts).
import { afterEach, expect, it } from 'vitest';
import type { Answer } from '../../src/engine/ports/deliveries.ts';
import { refuse } from '../../src/rollout/intent.ts';
import {
  anAsk,
  LONG_LEASE_MS,
  type OpenStore,
  request,
  type StoreUnderTest,
  started,
} from './journal-under-test.ts';

const KNOWN_MS = 60_000;
const NO: Answer = refuse('wrong-phase', 'Größe: "nothing" is held.\n');
const SO: Answer = { kind: 'so-already', version: 7 };

export function deliveriesContract(open: OpenStore): void {
  let store: StoreUnderTest | null = null;
  const fresh = async (knownMs = KNOWN_MS): Promise<StoreUnderTest> => {
    store = await open({ leaseMs: LONG_LEASE_MS, knownMs });
    return store;
  };
  afterEach(async () => {
    await store?.close();
    store = null;
  });

  it('is about what it was about first, however often it comes', async () => {
    const { deliveries, journal } = await fresh();
    await journal.append(request(0, [anAsk('r1'), started]));
    const first = { rollout: 'r1', version: 2, answer: null };
    expect(await deliveries.first('prod', '12.34:a}b{', 'r1')).toEqual(first);
    await journal.append(request(2, [started]));
    expect(await deliveries.first('prod', '12.34:a}b{', 'r2')).toEqual(first);
    expect(await deliveries.first('prod', '12.34:a}b{', null)).toEqual(first);
  });

  it('may be about nothing, or about what is not there yet, and stays so', async () => {
    const { deliveries, journal } = await fresh();
    expect(await deliveries.first('prod', 'd1', null)).toEqual({ rollout: null, version: 0, answer: null });
    expect(await deliveries.first('prod', 'd2', 'r1')).toEqual({ rollout: 'r1', version: 0, answer: null });
    await journal.append(request(0, [anAsk('r1')]));
    expect(await deliveries.first('prod', 'd1', 'r1')).toMatchObject({ rollout: null, version: 0 });
    expect(await deliveries.first('prod', 'd2', 'r1')).toMatchObject({ rollout: 'r1', version: 0 });
  });

  it.each([
    ['a refusal', NO, SO],
    ['what was so already', SO, NO],
  ])('keeps %s as the first answer, and no later one', async (_what, answer, later) => {
    const { deliveries } = await fresh();
    await deliveries.first('prod', 'd1', 'r1');
    await deliveries.answer('prod', 'd1', answer);
    await deliveries.answer('prod', 'd1', later);
    expect(await deliveries.first('prod', 'd1', 'r2')).toEqual({ rollout: 'r1', version: 0, answer });
  });

  it('tells deliveries and clusters apart', async () => {
    const { deliveries } = await fresh();
    await deliveries.first('prod', 'd1', 'r1');
    await deliveries.answer('prod', 'd1', NO);
    expect(await deliveries.first('prod', 'd2', 'r2')).toMatchObject({ rollout: 'r2', answer: null });
    expect(await deliveries.first('lab', 'd1', 'r3')).toMatchObject({ rollout: 'r3', answer: null });
  });

  it('is one thing for ten processes that hear it at once', async () => {
    const { deliveries } = await fresh();
    const heard = await Promise.all(
      Array.from({ length: 10 }, (_, i) => deliveries.first('prod', 'd1', `r${i}`)),
    );
    expect(new Set(heard.map(({ rollout }) => rollout)).size).toBe(1);
  });

  it('is forgotten after a while, counted from when it came first', async () => {
    // It comes again long before its end, also on a busy machine: come after it, it would be new.
    const store = await fresh(2_500);
    const { deliveries } = store;
    await deliveries.first('prod', 'd1', 'r1');
    await store.pass(500);
    await deliveries.first('prod', 'd1', 'r1');
    await deliveries.answer('prod', 'd1', NO);
    await store.pass(2_050);
    // Too late: nothing stays behind of it.
    await deliveries.answer('prod', 'd1', SO);
    expect(await deliveries.first('prod', 'd1', 'r2')).toEqual({ rollout: 'r2', version: 0, answer: null });
  });
}
