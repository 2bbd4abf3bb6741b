// The bot's own certificate runs out: nothing is begun with it, and a renewed one is used without a restart.
import { upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
const HOUR_MS = 3_600_000;

export const expiredCert: Scenario = {
  name: 'expired-cert',
  sentence:
    "The bot's certificate ends within two days: the upgrade is refused, the file is replaced, and the same ask goes through.",
  world: { talosVersion: FROM },
  certificateMs: 36 * HOUR_MS,
  play: async (troupe) => {
    await troupe.command('requester', `/talos upgrade ${TO}`);
    const outcome = await troupe.end();
    if (outcome !== 'blocked') throw new Error(`the first ask ended ${outcome} instead of blocked`);
    await troupe.until('the reason in the channel', () =>
      /Talos client certificate ends on .* in 35 hours/.test(JSON.stringify(troupe.everything())),
    );
    requireUntouched(troupe);
    const { crew } = troupe.stage;
    const pid = crew.pidOf(crew.first);
    await troupe.stage.renewTalosconfig();
    await begin(troupe, TO);
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    if (crew.pidOf(crew.first) !== pid) throw new Error('the bot was restarted');
  },
  expect: (measured) => upgradedWell(measured, TO),
};

function requireUntouched(troupe: Troupe): void {
  const { nodes, rebootOrder } = troupe.stage.cluster.world.snapshot();
  const touched = nodes.filter(({ counters }) => counters.pulls + counters.cordons + counters.installs > 0);
  if (touched.length + rebootOrder.length > 0)
    throw new Error('a machine was touched before anybody could agree');
}
