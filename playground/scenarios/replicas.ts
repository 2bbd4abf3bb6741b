// Two bots and two workers on one Redis: any of them may be killed or replaced at any time.
import { REPLICAS } from '../crew.ts';
import { drivenAgain, nothingInDoubt, upgradedWell } from './expectations.ts';
import { hanging } from './hanging.ts';
import { killDriver, nodeOf } from './killed.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
/** Every card that asked was posted once: of two bots one speaks. Cards say at their own pace that they were approved. */
async function requireOneCardEach(troupe: Troupe): Promise<void> {
  const nodes = controlPlaneOf(troupe);
  const saying = (words: RegExp): number => troupe.everything().filter(({ text }) => words.test(text)).length;
  await troupe.until('every card to be approved', () => {
    const cards = saying(/^cp-\d in \w+(: Approved by| waits for )/);
    if (cards > nodes) throw new Error(`${cards} cards asked about ${nodes} control-plane nodes`);
    return saying(/^cp-\d in \w+: Approved by/) === nodes;
  });
}

export const twoReplicas: Scenario = {
  name: 'two-replicas',
  sentence:
    'Two bots and two workers on one Redis: both bots are replaced one after the other, so that each in turn is the only one that hears clicks.',
  world: { talosVersion: FROM, workers: 0 },
  cast: REPLICAS,
  play: async (troupe) => {
    const { crew } = troupe.stage;
    await begin(troupe, TO);
    await troupe.until('the first gate', async () => (await troupe.rollout())?.phase.phase === 'at-gate');
    await crew.stop('bot-1');
    await troupe.approveNext('approver');
    await crew.start('bot-1');
    await crew.stop('bot-2');
    for (const who of ['secondApprover', 'approver'] as const) await troupe.approveNext(who);
    await troupe.end();
    await requireOneCardEach(troupe);
  },
  expect: (measured) => [...upgradedWell(measured, TO), nothingInDoubt(measured)],
};

export const replicasDie: Scenario = {
  name: 'two-replicas-die',
  sentence:
    'Two bots and two workers: one of each is killed at once, in an installation, and the others carry on.',
  world: { talosVersion: FROM, controlPlanes: 1, workers: 1 },
  cast: REPLICAS,
  play: async (troupe) => {
    const letGo = await hanging(troupe, 'w-1');
    await begin(troupe, TO);
    await troupe.until('an installation', () => nodeOf(troupe, 'w-1').phase === 'installing');
    await Promise.all([killDriver(troupe), troupe.stage.crew.kill('bot-1')]);
    await letGo();
    await troupe.approveNext('approver');
    await troupe.end();
    await requireOneCardEach(troupe);
  },
  expect: (measured) => [...upgradedWell(measured, TO), drivenAgain(measured), nothingInDoubt(measured)],
};

export const replicasReplaced: Scenario = {
  name: 'two-replicas-replaced',
  sentence:
    'Two bots and two workers: all four are replaced one after another, as a Deployment does it, while nodes are installed and restart.',
  world: { talosVersion: FROM, controlPlanes: 1, workers: 2, installMs: 250, rebootMs: 300 },
  cast: REPLICAS,
  play: async (troupe) => {
    const letGo = await hanging(troupe, 'w-1');
    await begin(troupe, TO);
    await troupe.until('an installation', () => nodeOf(troupe, 'w-1').phase === 'installing');
    await letGo();
    await Promise.all([replaceEverybody(troupe), troupe.approveAll(controlPlaneOf(troupe))]);
    await troupe.end();
    await requireOneCardEach(troupe);
  },
  expect: (measured) => [...upgradedWell(measured, TO), nothingInDoubt(measured)],
};

/** Each is ended in good order, and the next one not before its successor is ready. */
async function replaceEverybody({ stage: { crew } }: Troupe): Promise<void> {
  for (const { name } of REPLICAS.toReversed()) {
    await crew.stop(name);
    await crew.start(name);
  }
}
