// Negative controls: each scenario is seen to fail when one guard of the bot is replaced by injection.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { startBotProcess } from '../../../playground/bot-process.ts';
import { WITH_ISCSI } from '../../../playground/scenarios/extensions.ts';
import { SCENARIOS } from '../../../playground/scenarios/registry.ts';
import type { Scenario, Series } from '../../../playground/scenarios/scenario.ts';
import type { StageSettings } from '../../../playground/stage.ts';
import { blocks } from '../../../src/checks/finding.ts';
import type { AccessView } from '../../../src/cluster/access.ts';
import { Fault } from '../../../src/engine/ports/fault.ts';
import type { ClusterWork } from '../../../src/engine/work.ts';
import { drainingAnyway, losingCopies } from './alone-controls.ts';
import { imaginingBackups, resumingNobody, suspendingNobody } from './beside-guards.ts';
import { lookingOnce, unworried } from './between-controls.ts';
import type { Control } from './control.ts';
import { forgettingOwners, hasty, impatient } from './drain-controls.ts';
import { forgetful } from './forgetful-bot.ts';
import { withAppend } from './journal-replaced.ts';
import { blindToCopies, unsoaked } from './order-controls.ts';
import { LIMIT_MS, play } from './playing.ts';
import { launchReplaced, type Replace, withWork } from './replaced-bot.ts';
import { REPLICA_CONTROLS } from './replica-controls.ts';
import { resigned } from './window-controls.ts';

/** Of a series its first leg. */
function named(name: string): Scenario | Series {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return 'legs' in scenario ? { ...scenario, legs: scenario.legs.slice(0, 1) } : scenario;
}

/** Lets the requester approve: the guard against approving one's own request. */
const selfApproval: Replace = (parts) => ({
  ...parts,
  clusters: parts.clusters.map((one) => ({
    ...one,
    policy: { ...one.policy, selfApproval: 'allowed' as const },
  })),
});

/** One member is always said to lead, whoever does: the guard that the leader goes last. */
function lyingLeader(pick: (ids: readonly string[]) => string | undefined): Replace {
  return withWork((work) => {
    let claimed: string | null = null;
    return withMachines(work, {
      etcd: async (address, options) => {
        const view = await work.machines.etcd(address, options);
        claimed ??=
          pick([...view.members].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ id }) => id)) ?? null;
        return { ...view, leaderId: claimed };
      },
    });
  });
}

/** What the machine's log says of a lost installation is not believed: the guard that evidence settles it. */
const disbelieving: Replace = withWork((work) =>
  withMachines(work, { installOutcome: async () => ({ kind: 'failed', exitCode: 1 }) }),
);

/** A machine that is dialled directly is waited for without a deadline: the guard that everything awaited is polled. */
const patientForEver: Replace = withWork((work) =>
  withMachines(work, {
    look: (address, options) =>
      options?.route === 'direct' ? new Promise(() => undefined) : work.machines.look(address, options),
  }),
);

/** Only the first endpoint is known: the guard that reads and acts find another way. */
const oneEndpoint: NonNullable<StageSettings['launch']> = (settings) => {
  const path = join(settings.folder, 'talosconfig');
  const config = parse(readFileSync(path, 'utf8'));
  for (const context of Object.values<{ endpoints: string[] }>(config.contexts)) context.endpoints.splice(1);
  writeFileSync(path, stringify(config));
  return startBotProcess(settings);
};

/** A "no" is written down as a "yes": the guard that a denial ends it. */
const deafToNo: Replace = (parts) => {
  const shown = new Map<string, string>();
  return {
    ...parts,
    journal: withAppend(parts.journal, (event) => {
      if (event.kind === 'gate-opened') shown.set(event.gate, event.fingerprint);
      if (event.kind !== 'denied') return event;
      const { gate, user, delivery } = event;
      return { kind: 'approved', gate, fingerprint: shown.get(gate) ?? '', user, delivery };
    }),
  };
};

/** What stops a plan is written down as a warning: the guard that it cannot be started before somebody overrides it. */
const belittling: Replace = (parts) => ({
  ...parts,
  journal: withAppend(parts.journal, (event) =>
    event.kind === 'planned'
      ? {
          ...event,
          findings: event.findings.map((one) => (blocks(one) ? { ...one, level: 'warning' } : one)),
        }
      : event,
  ),
});

/** Nothing is ever found wrong: the guard of the pre-flight checks. */
const rosy: Replace = withWork((work) => ({
  ...withMachines(work, {
    look: async (address, options) => ({
      ...(await work.machines.look(address, options)),
      stage: 'running',
      ready: true,
      unmet: [],
    }),
    etcd: async (address, options) => ({
      ...(await work.machines.etcd(address, options)),
      alarms: [],
      errors: [],
    }),
  }),
  workloads: {
    ...work.workloads,
    nodes: async () => (await work.workloads.nodes()).map((node) => ({ ...node, ready: true })),
  },
}));

/** Kubernetes is never asked for more than its nodes: the guard that a pre-flight looks at all of it. */
const incurious: Replace = withWork(({ estate: _estate, ...work }) => work);

/** Every installation is believed to have gone well: the guard of the exit code. */
const blindToExitCodes: Replace = withWork((work) =>
  withMachines(work, {
    install: async (address, image, onLine) => {
      const reply = await work.machines.install(address, image, onLine);
      return reply.kind === 'done' ? { ...reply, value: { ...reply.value, exitCode: 0 } } : reply;
    },
  }),
);

/** A rollback that only restarts: the guard that the version is proved. */
const onlyRestarts: Replace = withWork((work) =>
  withMachines(work, {
    rollback: async (address) => {
      const reply = await work.machines.reboot(address);
      return reply.kind === 'done' ? { kind: 'done', value: null } : reply;
    },
  }),
);

/** Our certificate is believed to last: the guard that nothing is begun with one that is about to end. */
const carefree: Replace = withWork((work) => {
  const { access } = work;
  if (access === undefined) throw new Error('a cluster without a certificate proves nothing');
  const seen = async (): Promise<AccessView> => ({
    ...(await access.seen()),
    expiresAt: 8_000_000_000_000,
  });
  return { ...work, access: { seen, close: () => access.close() } };
});

/** Every machine is believed to run what is asked for: the guard that its schematic is looked at. */
const blindToSchematics: Replace = withWork((work) =>
  withMachines(work, {
    look: async (address, options) => ({
      ...(await work.machines.look(address, options)),
      schematic: WITH_ISCSI,
    }),
  }),
);

/** Nothing is said of the data: the guard that old versions are asked to keep it. */
const wiping: Replace = withWork((work) =>
  withMachines(work, {
    upgradeLegacy: (address, options) =>
      work.machines.upgradeLegacy(address, { ...options, preserve: false }),
  }),
);

/** An installation ends with a restart: the guard that a staged upgrade restarts nothing by itself. */
const restartingAtOnce: Replace = withWork((work) =>
  withMachines(work, {
    install: async (address, image, onLine) => {
      const reply = await work.machines.install(address, image, onLine);
      await work.machines.reboot(address);
      return reply;
    },
  }),
);

/** Whoever answers with a strange certificate counts as nobody: the guard that maintenance mode is recognised. */
const blindToStrangers: Replace = withWork((work) =>
  withMachines(work, {
    look: (address, options) =>
      work.machines.look(address, options).catch((error: unknown) => {
        const strange = error instanceof Fault && error.kind === 'broken';
        throw strange ? new Fault('unreachable', 'nobody answers') : error;
      }),
  }),
);

/** Every Talos takes every Kubernetes: the guard that Kubernetes goes first where it must. */
const boundless: Replace = withWork((work) => {
  if (work.releases === undefined) return work;
  const table = work.releases.table.map((row) => ({ ...row, kubernetes: { from: '1.20', to: '1.40' } }));
  return { ...work, releases: { ...work.releases, table } };
});

function withMachines(work: ClusterWork, machines: Partial<ClusterWork['machines']>): ClusterWork {
  return { ...work, machines: { ...work.machines, ...machines } };
}

const CONTROLS: readonly Control[] = [
  ['upgrade', 'nobody approves their own request', () => launchReplaced(selfApproval)],
  ['upgrade-legacy', 'the etcd leader goes last', () => launchReplaced(lyingLeader((ids) => ids[0]))],
  ['denied', 'a denial ends the rollout', () => launchReplaced(deafToNo)],
  ['blocked', 'the pre-flight checks', () => launchReplaced(rosy)],
  ['preflight-zoo', 'what Kubernetes says is judged', () => launchReplaced(incurious)],
  ['override', 'what stops a plan is overridden first', () => launchReplaced(belittling)],
  ['held', 'the exit code of the installer', () => launchReplaced(blindToExitCodes)],
  ['crash', 'a begun act is observed, never repeated', forgetful],
  ['rollback', 'the version is proved', () => launchReplaced(onlyRestarts)],
  ['lost-reply', 'evidence settles a lost installation', () => launchReplaced(disbelieving)],
  ['half-open', 'what is awaited is polled', () => launchReplaced(patientForEver)],
  ['endpoint-dies', 'there is another way', () => oneEndpoint],
  ['leader-moves', 'the leader is found afresh', () => launchReplaced(lyingLeader((ids) => ids.at(-1)))],
  ['expired-cert', 'our certificate must last', () => launchReplaced(carefree)],
  ['extensions', 'the schematic that runs is looked at', () => launchReplaced(blindToSchematics)],
  ['staged', 'an installation restarts nothing', () => launchReplaced(restartingAtOnce)],
  ['abort-midway', 'a disarming boots what ran before', () => launchReplaced(onlyRestarts)],
  ['pdb-blocked', 'what overrides a budget takes two people', () => launchReplaced(hasty)],
  ['pdb-mended', 'one person alone overrides no budget', () => launchReplaced(hasty)],
  ['stuck-terminating', 'a slow pod is told from a stuck one', () => launchReplaced(impatient)],
  ['pod-returns', 'what comes back is told by its owner', () => launchReplaced(forgettingOwners)],
  ['slack-outage', 'what was not answered is posted again', () => launchReplaced(resigned)],
  ['single-cp', 'the only member is copied before it goes', () => launchReplaced(losingCopies)],
  ['single-node', 'nothing is drained where nothing can go', () => launchReplaced(drainingAnyway)],
  ['matrix', 'data is preserved where it would be wiped', () => launchReplaced(wiping)],
  [
    'maintenance',
    'a machine without its configuration is told apart',
    () => launchReplaced(blindToStrangers),
  ],
  ['velero', 'the backup is made, and good', () => launchReplaced(imaginingBackups)],
  ['flux', 'neighbours are suspended', () => launchReplaced(suspendingNobody)],
  ['argo', 'neighbours are resumed as found', () => launchReplaced(resumingNobody)],
  ['cel', 'health checks hold between two nodes', () => launchReplaced(unworried)],
  ['other-upgrader', 'others are looked for between two nodes', () => launchReplaced(lookingOnce)],
  ...REPLICA_CONTROLS,
  ['journey', 'Kubernetes goes first where it must', () => launchReplaced(boundless)],
  ['parallel-workers', 'nodes are judged together again', () => launchReplaced(blindToCopies)],
  ['canary', 'the others wait for what the canary shows', () => launchReplaced(unsoaked)],
];

describe.concurrent('a scenario played with one guard replaced', () => {
  it.each(CONTROLS)(
    '%s misses without the guard: %s',
    { timeout: LIMIT_MS },
    async (name, _guard, launch) => {
      const result = await play(named(name), launch());
      expect(result.ok).toBe(false);
      expect(result.missed.length).toBeGreaterThan(0);
    },
  );

  it('has one control for every scenario', () => {
    expect(CONTROLS.map(([name]) => name).sort()).toEqual(SCENARIOS.map((scenario) => scenario.name).sort());
  });
});
