// Upgrades during which the network, an endpoint or etcd misbehaves: the bot must end as if nothing had happened.
import { every, nothingRejected, oneControlPlaneAway, outcomeIs, upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';

function inject(
  troupe: Troupe,
  name: string,
  params: Readonly<Record<string, string | number>>,
): Promise<unknown> {
  return troupe.stage.slack.fault({ name, ...params });
}

async function firstAway(troupe: Troupe): Promise<void> {
  await troupe.until('a node to be away', () => troupe.stage.cluster.world.snapshot().awayNow.length > 0);
}

export const lostReply: Scenario = {
  name: 'lost-reply',
  sentence:
    'The replies of an install and of two reboots are lost: what happened is found out, and nothing is sent twice.',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    await inject(troupe, 'lost-reply', { node: 'w-2', method: 'Upgrade' });
    await inject(troupe, 'lost-reply', { node: 'w-3', method: 'Reboot' });
    await inject(troupe, 'lost-reply', { node: 'cp-1', method: 'Reboot' });
    await begin(troupe, TO);
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => upgradedWell(measured, TO),
};

export const halfOpen: Scenario = {
  name: 'half-open',
  sentence:
    'Every node that leaves keeps its connections open and silent, as after a kexec: the bot polls and is not fooled.',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    for (const node of troupe.stage.cluster.world.nodes)
      await inject(troupe, 'half-open', { node: node.name });
    await begin(troupe, TO);
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => upgradedWell(measured, TO),
};

export const endpointDies: Scenario = {
  name: 'endpoint-dies',
  sentence:
    'The Talos API of one endpoint stops answering while workers are upgraded: reads go through the others.',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    await begin(troupe, TO);
    await firstAway(troupe);
    await inject(troupe, 'unreachable', { node: 'cp-1' });
    const workers = troupe.stage.cluster.world.settings.workers;
    await troupe.until('all workers to be upgraded', () => {
      const { nodes } = troupe.stage.cluster.world.snapshot();
      return (
        nodes.filter((node) => node.role === 'worker' && node.version === TO && node.back).length === workers
      );
    });
    await inject(troupe, 'heal', { fault: 'unreachable' });
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => upgradedWell(measured, TO),
};

export const leaderMoves: Scenario = {
  name: 'leader-moves',
  sentence:
    'etcd leadership moves while workers are upgraded, and again at a gate: the leader still goes last, or hands over first.',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    await begin(troupe, TO);
    await firstAway(troupe);
    await inject(troupe, 'leader-moves', { to: 'cp-1' });
    await troupe.until('the first gate', async () => (await troupe.rollout())?.phase.phase === 'at-gate');
    const rollout = await troupe.rollout();
    const gate = rollout?.phase.phase === 'at-gate' ? rollout.phase.gate.replace(/^gate:/, '') : '';
    await inject(troupe, 'leader-moves', { to: gate });
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => [
    outcomeIs(measured, 'upgraded'),
    [`every node runs ${TO}`, every(measured.nodes, (node) => node.to === TO)],
    [
      'every node was installed and restarted once',
      every(measured.nodes, (node) => node.installs === 1 && node.reboots === 1),
    ],
    [
      'cp-1, which led when the first gate was posted, did not go first',
      measured.rebootOrder.find((name) => name.startsWith('cp-')) !== 'cp-1',
    ],
    oneControlPlaneAway(measured),
    nothingRejected(measured),
  ],
};
