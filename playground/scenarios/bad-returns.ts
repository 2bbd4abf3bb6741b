// Nodes that come back, but not as they should: held with what was seen, and each way on does what it says.
import { nothingRejected, oneControlPlaneAway, outcomeIs, upgradedWell } from './expectations.ts';
import { nodeOf } from './killed.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
const WORKER = 'w-1';

/** Held at this node for the nth time for a reason with these words, which the newest card says too. */
async function heldAt(
  troupe: Troupe,
  node: string,
  reason: { words: string; times?: number },
): Promise<void> {
  const { words, times = 1 } = reason;
  await troupe.until(`the rollout to be held at ${node}: ${words}`, async () => {
    if ((await troupe.rollout())?.phase.phase !== 'held') return false;
    const failed = (await troupe.journal()).filter(
      ({ event }) => event.kind === 'step-failed' && event.why.includes(node) && event.why.includes(words),
    );
    const card = JSON.stringify(troupe.button('rollout:retry', node)?.blocks ?? null);
    return failed.length === times && card.includes(words);
  });
}

function gone(troupe: Troupe): readonly string[] {
  return troupe.stage.cluster.world.counters.rebootOrder;
}

export const neverReady: Scenario = {
  name: 'never-ready',
  sentence:
    'A worker comes back with the new version and never gets ready: held with what it lacks, nobody else goes, and Retry goes on once it is mended.',
  world: { talosVersion: FROM, controlPlanes: 1 },
  limits: { return: '2s' },
  play: async (troupe) => {
    await troupe.stage.slack.fault({ name: 'never-ready', node: WORKER });
    await begin(troupe, TO);
    await heldAt(troupe, WORKER, { words: 'return did not finish within 2 s' });
    await troupe.stage.slack.fault({ name: 'heal', fault: 'never-ready' });
    await troupe.until(`${WORKER} to be back`, () => nodeOf(troupe, WORKER).back);
    if (gone(troupe).length > 1) throw new Error(`${gone(troupe).at(-1)} left while ${WORKER} was held`);
    await troupe.press('requester', 'rollout:retry');
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => upgradedWell(measured, TO),
};

export const fellBack: Scenario = {
  name: 'fell-back',
  sentence:
    'A worker restarts with a new boot id and the old system: held as fallen back, Retry finds it as it was, and Skip leaves it behind with its old version and goes on.',
  world: { talosVersion: FROM, workers: 1 },
  play: async (troupe) => {
    await troupe.stage.slack.fault({ name: 'falls-back', node: WORKER });
    await begin(troupe, TO);
    await heldAt(troupe, WORKER, { words: 'Talos fell back' });
    await troupe.press('requester', 'rollout:retry');
    await heldAt(troupe, WORKER, { words: 'Talos fell back', times: 2 });
    await troupe.press('requester', 'rollout:skip');
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    if (nodeOf(troupe, WORKER).cordoned) throw new Error(`${WORKER} was left cordoned`);
  },
  expect: (measured) => [
    outcomeIs(measured, 'upgraded'),
    [`${WORKER} stayed on ${FROM}`, measured.nodes.some(({ name, to }) => name === WORKER && to === FROM)],
    [`the control plane runs ${TO}`, measured.nodes.every(({ role, to }) => role === 'worker' || to === TO)],
    ['nothing restarted twice', measured.nodes.every(({ reboots }) => reboots === 1)],
    oneControlPlaneAway(measured),
    nothingRejected(measured),
  ],
};

export const controlPlaneFellBack: Scenario = {
  name: 'fell-back-control-plane',
  sentence:
    'A control-plane node falls back: it cannot be skipped, after an abort it is left uncordoned, and there is nothing to roll back.',
  world: { talosVersion: FROM, workers: 0 },
  play: async (troupe) => {
    const { nodes, etcd } = troupe.stage.cluster.world.snapshot();
    const node = nodes.find(({ role, name }) => role === 'control-plane' && name !== etcd.leader)?.name ?? '';
    await troupe.stage.slack.fault({ name: 'falls-back', node });
    await begin(troupe, TO);
    await troupe.approveNext('approver');
    await heldAt(troupe, node, { words: 'Talos fell back' });
    if (troupe.button('rollout:skip', node) !== null) throw new Error(`${node} could be skipped`);
    const before = troupe.privately('requester').length;
    await troupe.command('requester', '/talos skip');
    await troupe.until('a private refusal', () => troupe.privately('requester').length > before);
    await troupe.press('requester', 'rollout:abort');
    await troupe.end();
    if (nodeOf(troupe, node).cordoned) throw new Error(`${node} was left cordoned`);
    // It runs what it ran before: Talos's own rollback would boot the system that failed.
    await troupe.command('requester', `/talos rollback node ${node}`);
    await troupe.until('that there is nothing to roll back', async () => {
      const { phase, goal } = (await troupe.rollout()) ?? {};
      return goal?.kind === 'rollback-node' && phase?.phase === 'finished' && phase.outcome === 'unchanged';
    });
  },
  expect: (measured) => [
    outcomeIs(measured, 'unchanged'),
    [`every node runs ${FROM}`, measured.nodes.every(({ to }) => to === FROM)],
    ['one node restarted, once', measured.rebootOrder.length === 1],
    oneControlPlaneAway(measured),
    nothingRejected(measured),
  ],
};

export const askedAgain: Scenario = {
  name: 'fell-back-again',
  sentence:
    'The only worker falls back and the upgrade is aborted; once it is mended, the same upgrade asked for again goes through.',
  world: { talosVersion: FROM, controlPlanes: 1, workers: 1 },
  play: async (troupe) => {
    await troupe.stage.slack.fault({ name: 'falls-back', node: WORKER });
    await begin(troupe, TO);
    await heldAt(troupe, WORKER, { words: 'Talos fell back' });
    await troupe.press('requester', 'rollout:abort');
    await troupe.end();
    if (nodeOf(troupe, WORKER).cordoned) throw new Error(`${WORKER} was left cordoned`);
    await troupe.stage.slack.fault({ name: 'heal', fault: 'falls-back' });
    await begin(troupe, TO);
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => [
    outcomeIs(measured, 'upgraded'),
    [`every node runs ${TO}`, measured.nodes.every(({ to }) => to === TO)],
    oneControlPlaneAway(measured),
    nothingRejected(measured),
  ],
};
