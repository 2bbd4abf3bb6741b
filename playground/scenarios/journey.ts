// Over several versions: each Talos hop is a rollout of its own, somebody upgrades Kubernetes in between, and one button goes on.
import { CLUSTER } from '../stage.ts';
import {
  every,
  nobodyApprovedTheirOwn,
  nothingRejected,
  oneControlPlaneAway,
  outcomeIs,
  sameNames,
} from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.11.6';
const TO = 'v1.14.1';
/** Each pair: what Kubernetes must be first, and the Talos hop that follows. */
const HOPS = [
  ['v1.30.14', 'v1.12.11'],
  ['v1.31.14', 'v1.13.9'],
  ['v1.32.13', TO],
] as const;

export const journey: Scenario = {
  name: 'journey',
  sentence:
    'From Talos v1.11.6 with Kubernetes v1.29.15 to Talos v1.14.1: three Talos hops, each with a fresh plan and fresh approvals; somebody upgrades Kubernetes between them, and Continue refuses until they did.',
  world: { talosVersion: FROM, kubernetesVersion: 'v1.29.15', workers: 2 },
  play: async (troupe) => {
    await troupe.command('requester', `/talos upgrade ${TO}`);
    await troupe.until('the way there', () => troupe.button('journey:continue', TO) !== null);
    if ((await troupe.rollout())?.plan !== null) throw new Error('too far for one hop, and there is a plan');
    for (const [at, [kubernetes, talos]] of HOPS.entries()) {
      await tooEarly(troupe, kubernetes);
      troupe.stage.cluster.world.upgradeKubernetes(kubernetes);
      await proposed(troupe, talos, at);
      await troupe.press('requester', 'rollout:start');
      await troupe.approveAll(controlPlaneOf(troupe));
      await troupe.end();
      await troupe.until(`the summary of ${talos}`, () => onward(troupe, HOPS[at + 1]?.[0] ?? null));
    }
  },
  expect: (measured) => [
    outcomeIs(measured, 'upgraded'),
    [`every node runs ${TO}`, every(measured.nodes, (node) => node.to === TO)],
    [
      'every node was installed and restarted once a hop',
      every(measured.nodes, (node) => node.installs === HOPS.length && node.reboots === HOPS.length),
    ],
    [
      'every control-plane node was approved once a hop',
      sameNames(
        measured.approvals.map(({ node }) => node),
        HOPS.flatMap(() =>
          measured.nodes.filter(({ role }) => role === 'control-plane').map(({ name }) => name),
        ),
      ),
    ],
    nobodyApprovedTheirOwn(measured),
    ['etcd was copied once a hop', measured.snapshots === HOPS.length],
    ['Continue was refused before each hop', measured.refusedClicks >= HOPS.length],
    oneControlPlaneAway(measured),
    nothingRejected(measured),
  ],
};

/** Continue while Kubernetes is not there: told so with the command, and nothing is asked. */
async function tooEarly(troupe: Troupe, kubernetes: string): Promise<void> {
  const before = (await troupe.rollouts()).length;
  const command = `talosctl upgrade-k8s --to ${kubernetes.slice(1)}`;
  await troupe.press('requester', 'journey:continue');
  await troupe.until(`to be told of ${command}`, () => told(troupe, command) !== null);
  if ((await troupe.rollouts()).length !== before)
    throw new Error(`a hop was asked before Kubernetes ${kubernetes}`);
  troupe.refusedClicks += 1;
}

function told(troupe: Troupe, text: string): unknown {
  const found = troupe
    .privately('requester')
    .find(({ text: said }) => said.includes(text) && said.includes('press Continue again'));
  return found ?? null;
}

/** Two people press at once, each of them first in turn: one rollout, asked by either, to the right version, and it says which hop it is. */
async function proposed(troupe: Troupe, talos: string, at: number): Promise<void> {
  const before = (await troupe.rollouts()).length;
  const people = ['requester', 'approver'] as const;
  const inTurn = at % 2 === 0 ? people : people.toReversed();
  await Promise.all(inTurn.map((who) => troupe.press(who, 'journey:continue')));
  await troupe.until(`a plan for ${talos}`, async () => (await troupe.rollout())?.phase.phase === 'proposed');
  const rollouts = await troupe.rollouts();
  if (rollouts.length !== before + 1) throw new Error(`two clicks made ${rollouts.length - before} rollouts`);
  const asked = rollouts.at(-1);
  const version = asked?.goal.kind === 'upgrade-talos' ? asked.goal.version : 'nothing';
  if (version !== talos) throw new Error(`${talos} was the next hop, and ${version} was asked`);
  const hop = 2 * at + 2;
  if (asked?.journey?.hop !== hop || asked.journey.of !== 2 * HOPS.length)
    throw new Error(
      `hop ${hop} is said to be ${asked?.journey?.hop ?? 'none'} of ${asked?.journey?.of ?? 'none'}`,
    );
  await troupe.command('bystander', `/talos status ${CLUSTER}`);
  await troupe.until('the way in the status', () =>
    troupe.privately('bystander').some(({ text }) => text.includes(`Part of the way to Talos ${TO}`)),
  );
}

/** The summary says what comes next, by its exact version. */
function onward(troupe: Troupe, next: string | null): boolean {
  const says =
    next === null
      ? 'That was the last hop of the way'
      : `Next on the way to Talos ${TO}: *Kubernetes ${next}*`;
  return troupe.everything().some(({ blocks }) => JSON.stringify(blocks).includes(says));
}
