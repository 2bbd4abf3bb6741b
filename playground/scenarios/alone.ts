// Clusters with one control-plane node: etcd and the Kubernetes API go away with it, which is announced, survived and never a surprise.
import { oneControlPlaneAway, upgradedWell } from './expectations.ts';
import type { Measured, Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';

/** The upgrade of such a cluster, with what must be seen on the way. */
async function play(troupe: Troupe): Promise<void> {
  const { world, objects } = troupe.stage.cluster;
  let silent = false;
  const unhear = world.onChange(() => {
    silent ||= !objects.apiUp && !world.etcd.hasQuorum();
  });
  try {
    await begin(troupe, TO);
    await troupe.until('the gate', async () => (await troupe.rollout())?.phase.phase === 'at-gate');
    if (world.counters.of('cp-1').snapshots > 0) throw new Error('etcd was copied before anybody agreed');
    await troupe.until('the card to announce the outage', () => {
      const thread = JSON.stringify(troupe.everything());
      return ['An announced outage', 'the Kubernetes API are away, which is expected'].every((said) =>
        thread.includes(said),
      );
    });
    await troupe.approveAll(1);
    await troupe.end();
  } finally {
    unhear();
  }
  if (!silent) throw new Error('etcd and the Kubernetes API never went away');
}

function expected(measured: Measured): ReturnType<Scenario['expect']> {
  return [
    ...upgradedWell(measured, TO),
    oneControlPlaneAway(measured),
    ['a click was refused', measured.refusedClicks >= 1],
  ];
}

export const singleCp: Scenario = {
  name: 'single-cp',
  sentence:
    'One control-plane node and two workers: its card announces an outage, etcd is copied after the approval, and both APIs come back.',
  world: { talosVersion: FROM, controlPlanes: 1, workers: 2 },
  play,
  expect: expected,
};

export const singleNode: Scenario = {
  name: 'single-node',
  sentence:
    'One node in total: nothing is drained, because nothing could go anywhere; everything goes away and comes back.',
  world: { talosVersion: FROM, controlPlanes: 1, workers: 0 },
  play: async (troupe) => {
    await play(troupe);
    const { cordons, evictions } = troupe.stage.cluster.objects.actsOn('cp-1');
    if (cordons + evictions > 0)
      throw new Error(`${cordons} cordons and ${evictions} evictions on the only node`);
  },
  expect: expected,
};
