// Two bots and two workers on one Redis: any of them may be killed or replaced at any time.
import { REPLICAS } from '../crew.ts';
import { drivenAgain, nothingInDoubt, upgradedWell } from './expectations.ts';
import { killDriver, nodeOf } from './killed.ts';
import type { Scenario, Series } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
/** How much longer the first installation takes, so that its middle is not missed. */
const SLOW_MS = 700;

/** Every card that asked was posted once: of two bots one speaks. */
function requireOneCardEach(troupe: Troupe): void {
  const cards = troupe.everything().filter(({ text }) => /^cp-\d in \w+: Approved by/.test(text));
  if (cards.length !== controlPlaneOf(troupe))
    throw new Error(`${cards.length} cards asked about ${controlPlaneOf(troupe)} control-plane nodes`);
}

const killed: Scenario = {
  name: 'killed',
  sentence:
    'One of each is killed in an installation; then each bot in turn is the only one that hears clicks.',
  world: { talosVersion: FROM, workers: 1 },
  cast: REPLICAS,
  play: async (troupe) => {
    const { crew, slack } = troupe.stage;
    await slack.fault({ name: 'slow-install', node: 'w-1', ms: SLOW_MS });
    await begin(troupe, TO);
    await troupe.until('an installation', () => nodeOf(troupe, 'w-1').phase === 'installing');
    const [dead] = await Promise.all([killDriver(troupe), crew.kill('bot-1')]);
    await troupe.approveNext('approver');
    await crew.start('bot-1', dead);
    await crew.stop('bot-2');
    for (const who of ['secondApprover', 'approver'] as const) await troupe.approveNext(who);
    await troupe.end();
    requireOneCardEach(troupe);
  },
  expect: (measured) => [...upgradedWell(measured, TO), drivenAgain(measured), nothingInDoubt(measured)],
};

const rolling: Scenario = {
  name: 'rolling',
  sentence:
    'All four are replaced one after another, as a Deployment does it, while nodes are installed and restart.',
  world: { talosVersion: FROM, workers: 1, installMs: 250, rebootMs: 300 },
  cast: REPLICAS,
  play: async (troupe) => {
    await begin(troupe, TO);
    await troupe.until('an installation', () => nodeOf(troupe, 'w-1').phase === 'installing');
    await Promise.all([replaceEverybody(troupe), troupe.approveAll(controlPlaneOf(troupe))]);
    await troupe.end();
    requireOneCardEach(troupe);
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

export const twoReplicas: Series = {
  name: 'two-replicas',
  sentence:
    'Two bots and two workers: one of each is killed, all are replaced one after another, and any bot hears any click.',
  legs: [killed, rolling],
};
