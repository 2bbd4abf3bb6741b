// Machines that come back without their configuration: each is told apart and held at once, and only a person can mend it.
import { CLUSTER } from '../stage.ts';
import { upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
const WORKER = 'w-1';

export const maintenance: Scenario = {
  name: 'maintenance',
  sentence:
    'A worker and a control-plane node come back in maintenance mode: held at once, nobody else goes, and Retry goes on after a person gave each its configuration back.',
  world: { talosVersion: FROM, workers: 1 },
  play: async (troupe) => {
    const first = firstOfControlPlane(troupe);
    for (const node of [WORKER, first]) await troupe.stage.slack.fault({ name: 'maintenance', node });
    await begin(troupe, TO);
    await mended(troupe, WORKER);
    await Promise.all([troupe.approveAll(controlPlaneOf(troupe)), mended(troupe, first)]);
    await troupe.end();
  },
  expect: (measured) => upgradedWell(measured, TO),
};

/** The one whose turn comes first: others could still go after it. */
function firstOfControlPlane(troupe: Troupe): string {
  const { nodes, etcd } = troupe.stage.cluster.world.snapshot();
  const first = nodes.find((node) => node.role === 'control-plane' && node.name !== etcd.leader);
  if (first === undefined) throw new Error('this scenario needs more than one control-plane node');
  return first.name;
}

/** The rollout is held for this node and says why; somebody retries too early; somebody mends it, and retries. */
async function mended(troupe: Troupe, node: string): Promise<void> {
  const { world } = troupe.stage.cluster;
  await heldFor(troupe, node, 1);
  const gone = world.snapshot().rebootOrder.length;
  // Nothing is mended yet: this look finds what the last one found.
  await troupe.press('requester', 'rollout:retry');
  await heldFor(troupe, node, 2);
  await troupe.stage.slack.fault({ name: 'heal', fault: 'maintenance', node });
  await troupe.until(`${node} to be back`, () =>
    world.snapshot().nodes.some((one) => one.name === node && one.back),
  );
  const meanwhile = world.snapshot().rebootOrder.slice(gone);
  if (meanwhile.length > 0) throw new Error(`${meanwhile.join(', ')} left while ${node} was held`);
  await troupe.press('requester', 'rollout:retry');
}

/** Held for the nth time for this reason, and the newest card in the thread names it and the way on. */
async function heldFor(troupe: Troupe, node: string, times: number): Promise<void> {
  await troupe.until(`the rollout to be held at ${node} in maintenance mode`, async () => {
    const rollout = await troupe.rollout();
    if (rollout?.phase.phase !== 'held') return false;
    const entries = await troupe.stage.journal.read(CLUSTER, rollout.id);
    const said = entries.filter(({ event }) => event.kind === 'step-failed' && tells(event.why, node));
    const card = JSON.stringify(troupe.button('rollout:retry', node)?.blocks ?? null);
    return said.length === times && tells(card, node) && card.includes('then retry');
  });
}

function tells(text: string, node: string): boolean {
  return text.includes(`${node} came back`) && text.includes('maintenance mode');
}
