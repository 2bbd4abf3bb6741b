// One fault for every check, put into a cluster one after another: each must be found at its moment, and nothing is touched for it.
import { realClock } from '../cluster/real-clock.ts';
import { Gitops } from '../world/kubernetes/gitops.ts';
import type { WorldSettings } from '../world/settings.ts';
import { nothingRejected, nothingTouched, oneControlPlaneAway, outcomeIs } from './expectations.ts';
import type { Expectation, Measured, Scenario, Series } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { afterAndAtTheEnd, beforeANode } from './zoo/between-nodes.ts';
import type { Exhibit, Given, Visitor } from './zoo/exhibit.ts';
import { KUBERNETES, OWN_POD, SICK } from './zoo/kubernetes.ts';
import { MACHINES } from './zoo/machines.ts';
import { ALONE, ASKED_FOR, POLICIES } from './zoo/policies.ts';
import { showAll, showChecks, showDarkness } from './zoo/pre-flight.ts';
import { SOON, showRemains } from './zoo/remains.ts';
import { AFTER_A_NODE, AT_THE_END, BEFORE_A_NODE, TOGETHER } from './zoo/visitors.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';

/** What a plan finds before anything is touched. */
export const EXHIBITS: readonly Exhibit[] = [...KUBERNETES, ...MACHINES, ...POLICIES, ...ALONE];
/** What comes after the plan. */
export const VISITORS: readonly Visitor[] = [...BEFORE_A_NODE, TOGETHER, AFTER_A_NODE, AT_THE_END];

const HEALTH = [
  {
    ...{ apiVersion: 'v1', kind: 'Node', description: 'nodes are well', timeout: '5m' },
    expr: `!has(object.metadata.labels.${SICK})`,
  },
];

/** Of what a check finds without a version: something that machines say, and something that Kubernetes says. */
const CHECKED_TOO = EXHIBITS.filter(({ check }) => check === 'etcd-quorum' || check === 'pods-running');

interface Enclosure extends Pick<Scenario, 'name' | 'sentence' | 'entry' | 'limits' | 'policy'> {
  readonly world?: Partial<WorldSettings>;
  readonly show: (troupe: Troupe, given: Given) => Promise<readonly string[]>;
  readonly expect: (measured: Measured) => readonly Expectation[];
}

const ENCLOSURES: readonly Enclosure[] = [
  {
    name: 'kubernetes',
    sentence: 'What is wrong in Kubernetes is in the plan.',
    show: async (troupe, given) => [
      ...(await showAll(troupe, TO, { exhibits: KUBERNETES, given })),
      ...(given === 'faults' ? await showChecks(troupe, CHECKED_TOO) : []),
      ...(await showDarkness(troupe, TO)),
    ],
    expect: untouched,
  },
  {
    name: 'machines',
    sentence: 'What is wrong with machines, etcd and the question is in the plan.',
    show: (troupe, given) => showAll(troupe, TO, { exhibits: MACHINES, given }),
    expect: untouched,
  },
  {
    name: 'policies',
    sentence: 'What the configuration asks for and the cluster does not have is in the plan.',
    world: { workers: 1 },
    entry: ASKED_FOR,
    show: async (troupe, given) => {
      const { strays, shelf } = troupe.stage.cluster.objects;
      strays.installVelero();
      new Gitops({ shelf, clock: realClock }).add({
        kind: 'Kustomization',
        namespace: 'flux-system',
        name: 'apps',
      });
      return showAll(troupe, TO, { exhibits: POLICIES, given });
    },
    expect: untouched,
  },
  {
    name: 'between',
    sentence:
      'What goes wrong after the plan keeps the next node waiting, or is told after it and at the end.',
    world: { controlPlanes: 1, workers: 2 },
    show: async (troupe, given) => {
      const misses = [...(await showAll(troupe, TO, { exhibits: ALONE, given }))];
      // First, because Slack takes a message a second, and of this rollout people read all of them.
      const told = { after: AFTER_A_NODE, end: AT_THE_END, given };
      misses.push(...(await afterAndAtTheEnd(troupe, TO, told)));
      for (const row of BEFORE_A_NODE) misses.push(...(await beforeANode(troupe, 'v1.13.6', { row, given })));
      return misses;
    },
    expect: atMostOne,
  },
  {
    name: 'together',
    sentence: 'Two workers that may not go together any more go one after the other.',
    world: { controlPlanes: 1, workers: 4 },
    policy: { parallelWorkers: 2 },
    show: (troupe, given) => beforeANode(troupe, TO, { row: TOGETHER, given }),
    expect: atMostOne,
  },
  {
    name: 'remains',
    sentence: 'What earlier rollouts left on nodes stops the next one.',
    world: { controlPlanes: 1, workers: 1 },
    limits: SOON,
    show: showRemains,
    expect: atMostOne,
  },
];

/** The zoo, or with `nothing` its negative control: everything is asked, and nothing is wrong. */
export function zoo(given: Given): Series {
  return {
    name: 'preflight-zoo',
    sentence:
      'One fault for every check, one after another: each is found at its moment with the right weight, and no node is touched for it.',
    legs: ENCLOSURES.map(({ show, ...enclosure }) => ({
      ...enclosure,
      world: { talosVersion: FROM, kubernetesVersion: 'v1.31.5', ...enclosure.world },
      ownPod: OWN_POD,
      healthChecks: HEALTH,
      play: async (troupe) => {
        const misses = await show(troupe, given);
        await stopped(troupe);
        // All of them at once: whoever changed a sentence wants to see every row it concerns.
        if (misses.length > 0) throw new Error(misses.join('; '));
      },
    })),
  };
}

export const preflightZoo: Series = zoo('faults');

/** A question asked as a wish: what nobody may override stops it, and the journal has it. */
async function stopped(troupe: Troupe): Promise<void> {
  await troupe.stage.slack.fault({ name: 'etcd-alarm', node: 'cp-1' });
  const before = (await troupe.rollouts()).length;
  await troupe.command('requester', '/talos upgrade v1.13.9');
  await troupe.until('one more rollout', async () => (await troupe.rollouts()).length > before);
  await troupe.end();
}

function untouched(measured: Measured): readonly Expectation[] {
  return [
    outcomeIs(measured, 'blocked'),
    nothingTouched(measured),
    [
      'every node is as it was',
      measured.nodes.every(
        ({ installs, reboots, rollbacks, from, to }) =>
          installs === 0 && reboots === 0 && rollbacks === 0 && from === to,
      ),
    ],
    ['etcd was not copied', measured.snapshots === 0],
    nothingRejected(measured),
  ];
}

function atMostOne(measured: Measured): readonly Expectation[] {
  return [
    outcomeIs(measured, 'blocked'),
    ['no node was rolled back', measured.nodes.every(({ rollbacks }) => rollbacks === 0)],
    oneControlPlaneAway(measured),
    nothingRejected(measured),
  ];
}
