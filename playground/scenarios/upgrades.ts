// Whole upgrades: the two generations of the API, and one that survives the bot's death.
import { upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';

export const upgrade: Scenario = {
  name: 'upgrade',
  sentence:
    'A whole cluster from v1.13.4 to v1.13.5: workers, then each control-plane node after an approval, the etcd leader last.',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    await begin(troupe, TO);
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => [...upgradedWell(measured, TO), ['a click was refused', measured.refusedClicks >= 1]],
};

export const upgradeLegacy: Scenario = {
  name: 'upgrade-legacy',
  sentence: 'The same with Talos v1.12.8 → v1.12.9, where one call does everything.',
  world: { talosVersion: 'v1.12.8' },
  play: async (troupe) => {
    await begin(troupe, 'v1.12.9');
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => [
    ...upgradedWell(measured, 'v1.12.9'),
    ['a click was refused', measured.refusedClicks >= 1],
  ],
};

export const crash: Scenario = {
  name: 'crash',
  sentence: 'The bot is killed while a node reboots and started again: it observes, and goes on.',
  world: { talosVersion: FROM, workers: 1 },
  play: async (troupe) => {
    await begin(troupe, TO);
    await troupe.until('a worker to be away', () => troupe.stage.cluster.world.snapshot().awayNow.length > 0);
    await troupe.stage.crash();
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => [...upgradedWell(measured, TO), ['a click was refused', measured.refusedClicks >= 1]],
};

export const held: Scenario = {
  name: 'held',
  sentence: 'An installer exits non-zero on one worker; the rollout is held until a person says "retry".',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    await troupe.stage.slack.fault({ name: 'installer-exits-nonzero', node: 'w-2', times: 1 });
    await begin(troupe, TO);
    await troupe.held();
    await troupe.press('requester', 'rollout:retry');
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => upgradedWell(measured, TO, { 'w-2': 2 }),
};

/** Asks for the version and presses Start below the plan. */
export async function begin(troupe: Troupe, version: string): Promise<void> {
  await troupe.command('requester', `/talos upgrade ${version}`);
  await troupe.press('requester', 'rollout:start');
}

export function controlPlaneOf(troupe: Troupe): number {
  return troupe.stage.cluster.world.settings.controlPlanes;
}
