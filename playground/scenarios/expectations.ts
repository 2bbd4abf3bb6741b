// Expectations that several scenarios share, each a sentence and whether it holds.
import type { Expectation, Measured } from './scenario.ts';

const TARGETS = { installs: 1, reboots: 1, rollbacks: 0 } as const;

export function every<T>(items: readonly T[], holds: (item: T) => boolean): boolean {
  return items.length > 0 && items.every(holds);
}

export function outcomeIs(measured: Measured, outcome: Measured['outcome']): Expectation {
  return [`the outcome is ${outcome}`, measured.outcome === outcome];
}

export function nothingRejected(measured: Measured): Expectation {
  return ['Slack rejected no call as invalid', measured.slack.rejected === 0];
}

export function oneControlPlaneAway(measured: Measured): Expectation {
  return ['never more than one control-plane node was away', measured.maxControlPlaneAwayAny <= 1];
}

/** Milliseconds after which BullMQ itself would notice that a worker died. How soon we do is what `npm run bench -- resume` measures. */
const STALLED_MS = 30_000;

export function drivenAgain({ drivingAgainMs }: Measured): Expectation {
  return [
    'another one drove long before BullMQ would have noticed the kill',
    drivingAgainMs !== null && drivingAgainMs < STALLED_MS,
  ];
}

export function nothingInDoubt({ doubts }: Measured): Expectation {
  return ['nothing was held in doubt', doubts === 0];
}

/** A whole upgrade as it should be; `installs` says how often where it is not once. */
export function upgradedWell(
  measured: Measured,
  target: string,
  installs: Readonly<Record<string, number>> = {},
): readonly Expectation[] {
  const { nodes, rebootOrder, approvals, firstLeader } = measured;
  const controlPlane = nodes.filter((node) => node.role === 'control-plane').map((node) => node.name);
  const lastWorker = rebootOrder.findLastIndex((name) => !controlPlane.includes(name));
  const firstControlPlane = rebootOrder.findIndex((name) => controlPlane.includes(name));
  return [
    outcomeIs(measured, 'upgraded'),
    [`every node runs ${target}`, every(nodes, (node) => node.to === target)],
    [
      'every node was installed as often as it should',
      every(nodes, (node) => node.installs === (installs[node.name] ?? TARGETS.installs)),
    ],
    [
      'every node restarted once and was never rolled back',
      every(nodes, (node) => node.reboots === 1 && node.rollbacks === 0),
    ],
    ['all workers went before the control plane', firstControlPlane === -1 || lastWorker < firstControlPlane],
    ['the etcd leader went last', firstLeader !== null && rebootOrder.at(-1) === firstLeader],
    [
      'every control-plane node was approved once',
      sameNames(
        approvals.map((approval) => approval.node),
        controlPlane,
      ),
    ],
    ['etcd was copied into the archive once', measured.snapshots === 1 && measured.archived === 1],
    nobodyApprovedTheirOwn(measured),
    oneControlPlaneAway(measured),
    nothingRejected(measured),
  ];
}

/** Whoever asked for a rollout approved none of its gates, and there were gates. */
export function nobodyApprovedTheirOwn({ approvals }: Measured): Expectation {
  return ['nobody approved their own request', every(approvals, ({ by, asker }) => by !== asker)];
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}

/** How many calls are named of those that should not have been made. */
const MOST_TOUCHES = 5;

/** Neither a machine nor Kubernetes was told anything, however harmless: it was only asked. */
export function nothingTouched({ touches }: Measured): Expectation {
  const told = touches.length === 0 ? '' : ` (${touches.slice(0, MOST_TOUCHES).join(', ')})`;
  return [`nobody called anything that changes something${told}`, touches.length === 0];
}
