// Several simulated clusters in a process of its own, so that their work and their memory are not the worker's. Ends with its parent.
import { type Cluster, startCluster } from '../../playground/cluster/cluster.ts';
import { startFactory } from '../../playground/factory/server.ts';
import type { Door, FleetReply, FleetRequest, Standing } from './fleet-talk.ts';

const clusters = new Map<string, Cluster>();

async function start({
  names,
  settings,
}: Extract<FleetRequest, { kind: 'start' }>): Promise<readonly Door[]> {
  const doors: Door[] = [];
  for (const name of names) {
    const cluster = await startCluster({ settings: { ...settings, clusterName: name } });
    clusters.set(name, cluster);
    const { host, url } = await startFactory({ world: cluster.world });
    doors.push({
      name,
      talosconfig: cluster.talosconfig,
      port: cluster.port,
      factory: { host, url },
    });
  }
  return doors;
}

function standingOf([name, { world }]: readonly [string, Cluster]): Standing {
  const { nodes, maxControlPlaneAwayAny } = world.snapshot();
  return {
    name,
    reboots: nodes.map(({ counters }) => counters.reboots),
    versions: nodes.map(({ version }) => version),
    mostAway: maxControlPlaneAwayAny,
  };
}

async function answer(request: FleetRequest): Promise<FleetReply> {
  switch (request.kind) {
    case 'start':
      return { kind: 'started', doors: await start(request) };
    case 'tell':
      return { kind: 'stands', standings: [...clusters].map(standingOf) };
  }
}

process.on('message', (request: FleetRequest) => {
  answer(request)
    .catch((error: unknown): FleetReply => ({ kind: 'failed', why: String(error) }))
    .then((reply) => process.send?.(reply))
    .catch(() => process.exit(1));
});
process.on('disconnect', () => process.exit(0));
