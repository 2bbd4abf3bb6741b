// Velero backs the cluster up before anything of it is touched; what is only partly good is for a person to judge.
import type { Velero } from '../world/kubernetes/velero.ts';
import { upgradedWell } from './expectations.ts';
import type { Scenario, Series } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';

const LEG = {
  world: { talosVersion: FROM, workers: 1 },
  entry: {
    backup: {
      velero: {
        excludedNamespaces: ['kube-system'],
        defaultVolumesToFsBackup: true,
        ttl: '3d',
        timeout: '2m',
      },
    },
  },
};

function veleroOf(troupe: Troupe): Velero {
  return troupe.stage.cluster.objects.strays.installVelero();
}

/** Images may be pulled before: they lie beside the running system. */
function requireUntouched(troupe: Troupe): void {
  const { nodes, rebootOrder } = troupe.stage.cluster.world.snapshot();
  const touched = nodes.filter(({ counters }) => counters.cordons + counters.installs > 0);
  if (touched.length + rebootOrder.length > 0)
    throw new Error('a machine was touched before there was a good backup');
}

/** What the one backup is, in the words that people would look at it with. */
function requireBackups(velero: Velero, phases: readonly string[]): void {
  const made = velero.backups();
  const found = JSON.stringify(made.map(({ status }) => (Object(status) as { phase?: string }).phase));
  if (found !== JSON.stringify(phases)) throw new Error(`the backups ended as ${found}`);
  const wanted = {
    includedNamespaces: ['*'],
    excludedNamespaces: ['kube-system'],
    defaultVolumesToFsBackup: true,
    ttl: '72h0m0s',
  };
  if (made.some(({ spec }) => JSON.stringify(spec) !== JSON.stringify(wanted)))
    throw new Error('a backup is not the one that the configuration asks for');
}

async function finish(troupe: Troupe): Promise<void> {
  await troupe.approveAll(controlPlaneOf(troupe));
  await troupe.end();
  await troupe.until('the backup in the summary', () =>
    JSON.stringify(troupe.everything()).includes('Velero backup: `talos-chatops-'),
  );
}

const made: Scenario = {
  ...LEG,
  name: 'made',
  sentence: 'It is made, waited for, and good: then the first node goes.',
  play: async (troupe) => {
    const velero = veleroOf(troupe);
    await begin(troupe, TO);
    await troupe.until('the backup to be in progress', () =>
      JSON.stringify(velero.backups()).includes('InProgress'),
    );
    requireUntouched(troupe);
    await finish(troupe);
    requireBackups(velero, ['Completed']);
  },
  expect: (measured) => upgradedWell(measured, TO),
};

const inPart: Scenario = {
  ...LEG,
  name: 'in-part',
  sentence:
    'It fails in part: held, with nothing touched, until a person says "retry" and another one is good.',
  play: async (troupe) => {
    const velero = veleroOf(troupe);
    await troupe.stage.slack.fault({ name: 'velero-fate', fate: 'fails-in-part' });
    await begin(troupe, TO);
    await troupe.held();
    requireUntouched(troupe);
    await troupe.until('the reason in the thread', () =>
      JSON.stringify(troupe.everything()).includes('failed in part, with 2 errors and 1 warning'),
    );
    await troupe.stage.slack.fault({ name: 'heal', fault: 'velero-fate' });
    await troupe.press('requester', 'rollout:retry');
    await finish(troupe);
    requireBackups(velero, ['PartiallyFailed', 'Completed']);
  },
  expect: (measured) => upgradedWell(measured, TO),
};

export const velero: Series = {
  name: 'velero',
  sentence:
    'Velero backs the cluster up before anything is touched; one that fails in part is held until a person decides.',
  legs: [made, inPart],
};
