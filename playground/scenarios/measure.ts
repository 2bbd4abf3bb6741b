// What a scenario measures: the simulator's counters, the local Slack's, and the journal's times.
import { folderArchive } from '../../src/archive/folder.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import { type Rollout, stepState } from '../../src/rollout/rollout.ts';
import { changesNode } from '../../src/rollout/step.ts';
import { CLUSTER } from '../stage.ts';
import { type DrawnNode, limitMs } from '../world/settings.ts';
import type { WorldSnapshot } from '../world/snapshot.ts';
import { doubtsIn, drivingAgainMs } from './figures.ts';
import type { Measured, NodeResult } from './scenario.ts';
import type { Troupe } from './troupe.ts';

/** What is remembered from before anybody acts. */
export interface Opening {
  readonly snapshot: WorldSnapshot;
}

export async function measure(troupe: Troupe, opening: Opening): Promise<Measured> {
  const { cluster, slack } = troupe.stage;
  const rollouts = await troupe.rollouts();
  const last = rollouts.at(-1);
  if (last === undefined) throw new Error('the scenario ended without a rollout in the journal');
  const journals = await troupe.journals();
  const closing = cluster.world.snapshot();
  const drawn = cluster.world.nodes;
  const { calls, rejected, rateLimited } = slack.counters();
  const peopleMs = sum(rollouts, (rollout) => rollout.peopleMs);
  const wallMs = sum(rollouts, (rollout) => rollout.lastAt - rollout.askedAt) - peopleMs;
  const limit = limitMs(cluster.world.settings, drawn);
  return {
    outcome: outcomeOf(last),
    nodes: closing.nodes.map((node): NodeResult => {
      const before = opening.snapshot.nodes.find((other) => other.name === node.name);
      const { installs, reboots, rollbacks, wipes, unimplemented } = node.counters;
      const ordered = cluster.world.counters.ordersOf(node.name).at(-1);
      return {
        name: node.name,
        role: node.role,
        from: before?.version ?? node.version,
        to: node.version,
        fromSchematic: before?.schematic ?? '',
        toSchematic: node.schematic,
        installs,
        image: ordered?.image ?? null,
        preserve: ordered?.preserve ?? null,
        wipes,
        unimplemented,
        fromMember: memberIn(opening.snapshot, node.name),
        toMember: memberIn(closing, node.name),
        bootloader: node.bootloader,
        platform: cluster.world.machine(node.name).platform,
        reboots,
        rollbacks,
        overheadMs: overheadOf(last, node.name, drawn),
      };
    }),
    rebootOrder: closing.rebootOrder,
    approvals: rollouts.flatMap(approvalsOf),
    snapshots: sum(closing.nodes, ({ counters }) => counters.snapshots),
    maxControlPlaneAway: closing.maxControlPlaneAway,
    maxControlPlaneAwayAny: closing.maxControlPlaneAwayAny,
    refusedClicks: troupe.refusedClicks,
    slack: { calls, rejected, rateLimited },
    wallMs,
    peopleMs,
    limitMs: limit,
    overheadMs: wallMs - limit,
    drivingAgainMs: drivingAgainMs(journals, troupe.stage.crew.killed),
    doubts: doubtsIn(journals),
    archived: (await folderArchive({ folder: troupe.stage.archive, recipient: null }).list(CLUSTER)).length,
    firstLeader: opening.snapshot.etcd.leader,
    approvers: [troupe.user('approver'), troupe.user('secondApprover')],
    overrides: rollouts.flatMap(({ overrides }) =>
      overrides.map(({ check, user, reason }) => ({ check, by: user, reason })),
    ),
    factory: troupe.stage.factory.host,
    touches: cluster.acts(),
  };
}

function memberIn({ etcd }: WorldSnapshot, name: string): string | null {
  return etcd.members.find((member) => member.name === name)?.id ?? null;
}

function sum<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((total, item) => total + figure(item), 0);
}

function outcomeOf(rollout: Rollout): Measured['outcome'] {
  const { phase } = rollout;
  return phase.phase === 'finished' ? phase.outcome : 'held';
}

function approvalsOf(rollout: Rollout): Measured['approvals'] {
  const lanes = rollout.plan === null ? [] : lanesOf(rollout.plan);
  return lanes.flatMap((lane) => {
    // The workers of a staged upgrade have gates too.
    if (lane.gate === null || lane.role === 'worker') return [];
    const gate = rollout.gates.get(lane.gate.id);
    return gate?.state === 'passed'
      ? gate.approvals.map(({ user }) => ({ node: lane.node, by: user, asker: rollout.user }))
      : [];
  });
}

/** From the first step that changes the node to the last one's end, less what the simulator drew for it. */
function overheadOf(rollout: Rollout, name: string, drawn: readonly DrawnNode[]): number {
  const node = drawn.find((other) => other.name === name);
  const lanes = rollout.plan === null ? [] : lanesOf(rollout.plan);
  const ended = lanes
    .filter((lane) => lane.node === name)
    .flatMap((lane) => lane.steps)
    .filter((step) => changesNode(step))
    .flatMap((step) => {
      const state = stepState(rollout, step.id);
      return state.state === 'ended' ? [state] : [];
    });
  if (node === undefined || ended.length === 0) return 0;
  const from = Math.min(...ended.map((state) => state.begunAt));
  const to = Math.max(...ended.map((state) => state.at));
  return to - from - node.drainMs - node.installMs - node.rebootMs;
}
