// A staged upgrade: installed everywhere while every node stays up, and restarted later, each node after an approval.
import { upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import { begin } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';

export const staged: Scenario = {
  name: 'staged',
  sentence:
    'With --stage the new version is installed on every node before any restarts; then each restart, of workers too, waits for an approval.',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    const { world } = troupe.stage.cluster;
    await begin(troupe, `${TO} --stage --reboot-mode powercycle`);
    await troupe.until('the first gate', async () => (await troupe.rollout())?.phase.phase === 'at-gate');
    const unarmed = world.machines().filter((machine) => !machine.armed);
    if (unarmed.length > 0)
      throw new Error(
        `${unarmed.map(({ node }) => node.name).join(', ')} was not installed before the first gate`,
      );
    if (world.counters.rebootOrder.length > 0)
      throw new Error(`${world.counters.rebootOrder.join(', ')} restarted before the first gate`);
    await troupe.until('the cards to say what is armed and how it restarts', () => {
      const thread = JSON.stringify(troupe.everything());
      return ['any restart boots it', 'reboot (powercycle)', 'will be armed'].every((said) =>
        thread.includes(said),
      );
    });
    await troupe.approveAll(world.nodes.length);
    await troupe.end();
  },
  expect: (measured) => [...upgradedWell(measured, TO), ['a click was refused', measured.refusedClicks >= 1]],
};
