// An address behind which Redis fails over while connections stay open: bells and errands find the new master without a restart.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Errand, ErrandReport } from '../../src/engine/ports/errands.ts';
import { BullBells } from '../../src/jobs/bells.ts';
import { BullErrands } from '../../src/jobs/errands.ts';
import { patientLine } from '../../src/jobs/queues.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { anAddress } from '../store/an-address.ts';
import { KEPT, Server, SOON_MS, until } from '../store/many-redis.ts';
import { aLog } from './a-log.ts';

const LIMIT_MS = 4 * SOON_MS;

const closing: (() => unknown)[] = [];
let first: Server;
let second: Server;
beforeEach(async () => {
  [first, second] = await Promise.all([Server.start(KEPT), Server.start(KEPT)]);
}, 600_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await Promise.all([first.stop(), second.stop()]);
});

const errand: Errand = { kind: 'check', cluster: 'prod' };
const report: ErrandReport = { kind: 'setup', lines: [] };
/** Longer than a healthy one takes, and shorter than a black hole is endured. */
const ANSWER_MS = 1_500;

/** A store, bells, errands and their worker on one address. */
async function everybodyAt(port: number) {
  const connection = { host: '127.0.0.1', port };
  const queues = { connection, prefix: 'over', onError: () => {} };
  const heard = new Set<string>();
  const store = new StoreConnection({ address: connection });
  const bells = new BullBells(queues);
  const errands = new BullErrands(queues);
  const worker = startWorker({
    ...queues,
    concurrency: 2,
    onBell: async ({ rollout }) => void heard.add(rollout),
    onErrand: async () => report,
    log: aLog().log,
  });
  closing.push(async () => {
    store.close();
    await Promise.all([worker.stop(500), bells.close(), errands.close()]);
  });
  await worker.ready();
  let rings = 0;
  return async (when: string): Promise<void> => {
    await until(`a write ${when}`, async () => (await store.call((redis) => redis.set('x', when))) === 'OK');
    await until(`an errand ${when}`, async () => (await errands.run(errand, ANSWER_MS)).kind === 'setup');
    await until(`a bell ${when}`, async () => {
      const rollout = `r${rings++}`;
      await bells.ring({ goal: 'upgrade-talos', cluster: 'prod', rollout });
      return heard.size > 0;
    });
    heard.clear();
  };
}

describe('behind one address', () => {
  it('a master that was demoted and keeps its connections is left', { timeout: LIMIT_MS }, async () => {
    const address = await anAddress(first, closing);
    const works = await everybodyAt(address.port);
    await works('before');
    address.leadTo(second);
    await first.client.replicaof('127.0.0.1', second.port);
    await works('after the fail-over');
  });

  it('connections that are black-holed are given up', { timeout: LIMIT_MS }, async () => {
    const address = await anAddress(first, closing);
    const works = await everybodyAt(address.port);
    await works('before');
    address.swallow();
    await works('in the black hole');
  });
});

describe('a worker', () => {
  it('takes no waiting of BullMQ for a black hole: it blocks for 10 s at most', () => {
    const { options } = patientLine({ host: '127.0.0.1', port: 1 });
    expect(Number(Object.entries(options).find(([name]) => name === 'socketTimeout')?.[1])).toBeGreaterThan(
      10_000,
    );
  });
});
