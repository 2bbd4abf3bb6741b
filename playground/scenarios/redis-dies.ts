// Redis goes away in the middle of a rollout: nothing new is begun, and it goes on as soon as Redis is back.
import { nothingInDoubt, upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
const FIRST = 'w-1';
/** Longer than a lease lasts, so that whoever drove has lost it. */
const FROZEN_MS = 3_600;
/** Long enough for somebody to ask how it goes. */
const DEAD_MS = 1_000;
/** How much longer the first node takes to come back: the outage begins while it is away. */
const SLOW_MS = 1_500;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** `away` takes Redis away while the first node is; only that one may have been touched when `back` brings it back. */
async function outage(
  troupe: Troupe,
  { away, back }: { away: () => Promise<void>; back: () => Promise<void> },
): Promise<void> {
  const { world } = troupe.stage.cluster;
  await troupe.stage.slack.fault({ name: 'slow-boot', node: FIRST, ms: SLOW_MS });
  await begin(troupe, TO);
  await troupe.until('a node to be away', () => world.snapshot().awayNow.length > 0);
  await away();
  const touched = world.snapshot().nodes.filter(({ counters }) => counters.cordons + counters.installs > 0);
  await back();
  if (touched.some(({ name }) => name !== FIRST))
    throw new Error('another node was touched while nothing could be written down');
  await troupe.approveAll(controlPlaneOf(troupe));
  await troupe.end();
}

const both = {
  world: { talosVersion: FROM, controlPlanes: 1, workers: 2 },
  redis: 'own',
  expect: (measured: Parameters<Scenario['expect']>[0]) => [
    ...upgradedWell(measured, TO),
    nothingInDoubt(measured),
  ],
} as const;

export const killRedis: Scenario = {
  ...both,
  name: 'kill-redis',
  sentence:
    'Redis is killed while a node restarts, and started again on its files: nothing new is begun meanwhile, a command is answered, and nothing is lost or done twice.',
  play: (troupe) => {
    const { redis } = troupe.stage;
    const answers = (): number => troupe.privately('bystander').length;
    return outage(troupe, {
      away: async () => {
        await redis.kill();
        await troupe.command('bystander', '/talos status');
        await pause(DEAD_MS);
      },
      back: async () => {
        await redis.restart();
        await troupe.until('an answer', () => answers() > 0);
      },
    });
  },
};

export const frozenRedis: Scenario = {
  ...both,
  name: 'frozen-redis',
  sentence:
    'Redis stops answering for longer than a lease, with every connection open, while a node restarts: it goes on as if nothing had been.',
  play: (troupe) => {
    const { redis } = troupe.stage;
    return outage(troupe, {
      away: async () => {
        redis.freeze();
        await pause(FROZEN_MS);
      },
      back: async () => redis.thaw(),
    });
  },
};
