// Planning touches nothing, also where there is much to be touched: every port is overheard, and everything is as it was.
import { expect, it } from 'vitest';
import { simulatedLeaseDesk } from '../../playground/doubles/advisory-lease.ts';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { Life, type PortCall } from '../../playground/doubles/mortal.ts';
import { type Planned, planned } from '../../src/engine/planning.ts';
import type { AdvisoryLease } from '../../src/engine/ports/advisory-lease.ts';
import type { Archive } from '../../src/engine/ports/archive.ts';
import { ClusterLease } from '../../src/kubernetes/lease.ts';
import type { LeaseDesk } from '../../src/kubernetes/lease-desk.ts';
import { stepsOf } from '../../src/rollout/plan.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { aSceneBeside } from './beside.ts';
import { type Scene, UPGRADE } from './scene.ts';

const LEASE = { namespace: 'kube-system', name: 'talos-chatops' };

/** Calls of ports that only ask. */
const ASKS = [
  ...['members', 'nodes', 'staticPods', 'podsOn', 'budgets', 'rehearse', 'etcd', 'machine', 'inspect'],
  ...['manifest', 'schematic', 'flux', 'argo', 'locations', 'completed', 'look'],
];

/** Everything a cluster can be given, through ports that write down what is called. */
function overheard({ house }: Scene) {
  const called: string[] = [];
  const life = new Life('planner');
  const tap = { before: ({ method }: PortCall) => void called.push(method) };
  const { machines, workloads, factory, backups, neighbours } = house.ports;
  const work = house.work(
    {
      machines: life.port(machines, tap),
      workloads: life.port(workloads, tap),
      factory: life.port(factory, tap),
      backups: life.port(backups, tap),
      neighbours: life.port(neighbours, tap),
    },
    {
      archive: life.port<Archive>(house.archive, tap),
      mutex: life.port(house.mutex.of(life), tap),
      lease: life.port<AdvisoryLease>(
        new ClusterLease({
          desk: life.port<LeaseDesk>(simulatedLeaseDesk(house.objects, LEASE), tap),
          clock: house.time.engineClock(),
          where: LEASE,
        }),
        tap,
      ),
    },
  );
  return { work, called };
}

function kindsIn(answer: Planned | null): readonly StepKind[] {
  return answer?.kind === 'planned' ? stepsOf(answer.plan).map(({ kind }) => kind) : [];
}

it('touches nothing where there are backups, neighbours, a Lease and the upgrade mutex to be touched', async () => {
  const { scene } = aSceneBeside({ leased: true, guarded: true });
  const { house } = scene;
  const written: string[] = [];
  house.objects.shelf.onPut(({ kind }) => written.push(kind));
  const before = JSON.stringify(house.world.snapshot());
  const { work, called } = overheard(scene);
  let answer: Planned | null = null;
  const clock = house.time.engineClock();
  void planned(CLUSTER, UPGRADE, { journal: house.journal, clock, work }).then((given) => {
    answer = given;
  });
  await house.time.runUntil(() => answer !== null, 60_000);
  const kinds = kindsIn(answer);
  expect(kinds).toEqual(expect.arrayContaining(['backup', 'suspend', 'resume', 'install']));
  expect(called).toContain('flux');
  expect([...new Set(called)].filter((method) => !ASKS.includes(method))).toEqual([]);
  expect(written).toEqual([]);
  expect(JSON.stringify(house.world.snapshot())).toBe(before);
  expect(await house.journal.claimOf(CLUSTER)).toBeNull();
});
