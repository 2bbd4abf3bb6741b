// What each kind of task does: look at the world, decide purely, and write down the fact.
import type { RolloutEvent } from '../rollout/event.ts';
import { approvalFingerprint } from '../rollout/gate.ts';
import type { Task } from '../rollout/next.ts';
import type { Lane } from '../rollout/plan.ts';
import { gateState, outcomeOf, type Rollout } from '../rollout/rollout.ts';
import { earlierHolders } from './guard.ts';
import { atTheEnd, beforeGate } from './moments.ts';
import { decline, planned } from './planning.ts';
import { faultOf } from './ports/fault.ts';
import { prove } from './prove.ts';
import { alreadyGone, stillThere } from './self-restart.ts';
import { runStep } from './step.ts';
import type { ClusterWork, TaskContext } from './work.ts';

export async function runTask(context: TaskContext, task: Task): Promise<void> {
  switch (task.kind) {
    case 'plan':
      return plan(context);
    case 'step':
      return runStep(context, task.step);
    case 'open-gate':
      return openGate(context, task.lane);
    case 'prove-gate':
      return proveGate(context, task.lane);
    case 'expire':
      return expire(context);
    case 'finish':
      return finish(context);
  }
}

async function plan({ session, parts, work, loops }: TaskContext): Promise<void> {
  const { cluster, goal } = session.rollout;
  const proposal = await planned(cluster, goal, { ...parts, work, signal: loops });
  // Cut short, its silences would be written down as the registries': whoever drives next plans afresh.
  if (loops.aborted) return;
  await session.commit((rollout) => {
    if (rollout.phase.phase !== 'asked') return null;
    return proposal.kind === 'declined'
      ? [decline(proposal)]
      : proposed(proposal, session.now(), work.policy);
  });
}

function proposed(
  proposal: Extract<Awaited<ReturnType<typeof planned>>, { kind: 'planned' }>,
  now: number,
  policy: ClusterWork['policy'],
): readonly RolloutEvent[] {
  const { plan, findings, starts, estimate, usuals, baseline } = proposal;
  const expiresAt = now + policy.proposalExpiryMs;
  const known = {
    ...(Object.keys(usuals).length === 0 ? {} : { usuals }),
    ...(estimate === null ? {} : { estimate }),
    ...(baseline === null ? {} : { baseline }),
  };
  const event: RolloutEvent = { kind: 'planned', plan, findings, expiresAt, ...known };
  return starts === 'at-once' ? [event, { kind: 'started', user: null, delivery: null }] : [event];
}

/** Posts no card before its proof holds; waits for that at most the policy's limit. */
async function openGate(context: TaskContext, lane: Lane): Promise<void> {
  const { session, parts, work, loops } = context;
  const { gate } = lane;
  if (gate === null) throw new Error(`lane ${lane.id} has no gate`);
  const until = parts.clock.monotonic() + work.policy.limits.proveMs;
  const stillClosed = (rollout: Rollout): boolean =>
    gateState(rollout, gate.id).state === 'closed' &&
    rollout.phase.phase === 'running' &&
    rollout.phase.halt === null;
  while (!loops.aborted && stillClosed(session.rollout)) {
    const there = await stillThere(context, lane);
    if (there.kind === 'gone') {
      await session.commit((rollout) =>
        stillClosed(rollout) ? alreadyGone(rollout, lane, there.seen) : null,
      );
      return;
    }
    const { departure, later } =
      there.kind === 'unclear' ? { departure: there.departure, later: false } : await prove(context, lane);
    // Cut short, its silences are ours and no machine's.
    if (loops.aborted) return;
    if (later) {
      await session.commit((rollout) =>
        stillClosed(rollout)
          ? [{ kind: 'lane-deferred', lane: lane.id, why: `${lane.node} leads etcd` }]
          : null,
      );
      return;
    }
    if (departure.kind === 'proved') {
      const remarks = await beforeGate(context, lane);
      const opened: RolloutEvent = {
        kind: 'gate-opened',
        gate: gate.id,
        fingerprint: approvalFingerprint(gate, work.policy),
        proof: departure.proof,
        needs: work.policy.approvals,
        expiresAt: session.now() + work.policy.gateExpiryMs,
        ...(remarks.length === 0 ? {} : { remarks }),
      };
      await session.commit((rollout) => (stillClosed(rollout) ? [opened] : null));
      return;
    }
    if (departure.kind === 'drifted' || parts.clock.monotonic() >= until) {
      const why = departure.whys.join('; ');
      await session.commit((rollout) =>
        stillClosed(rollout) ? [{ kind: 'gate-withheld', gate: gate.id, why }] : null,
      );
      return;
    }
    await tellWaiting(context, lane, departure.whys);
    await parts.clock.sleep(parts.pollMs, loops);
  }
}

/** The card says why a gate is not open yet; chatter, so its loss is only logged. */
async function tellWaiting(
  { session, parts }: TaskContext,
  lane: Lane,
  whys: readonly string[],
): Promise<void> {
  const { cluster, id } = session.rollout;
  try {
    await parts.journal.note(cluster, id, lane.node, `waiting to be proved: ${whys.join('; ')}`);
  } catch (error) {
    parts.log.warn('a note for the card was lost', { rollout: id, error: faultOf(error).message });
  }
}

/** The click was about the card; the cluster may have changed since, so it is proved again before anything is done. */
async function proveGate(context: TaskContext, lane: Lane): Promise<void> {
  const { session, work } = context;
  const { gate } = lane;
  if (gate === null) throw new Error(`lane ${lane.id} has no gate`);
  const { departure } = await prove(context, lane);
  if (context.loops.aborted) return;
  await session.commit((rollout) => {
    const state = gateState(rollout, gate.id);
    if (state.state !== 'open' || state.approvals.length < state.needs) return null;
    if (rollout.phase.phase !== 'running' || rollout.phase.halt !== null) return null;
    if (state.fingerprint !== approvalFingerprint(gate, work.policy)) {
      return [
        {
          kind: 'gate-voided',
          gate: gate.id,
          why: 'the rules for approving changed since the card was posted',
        },
      ];
    }
    if (departure.kind === 'proved') return [{ kind: 'gate-passed', gate: gate.id, proof: departure.proof }];
    return [{ kind: 'gate-voided', gate: gate.id, why: departure.whys.join('; ') }];
  });
}

async function expire({ session }: TaskContext): Promise<void> {
  await session.commit(({ phase, gates }) => {
    const now = session.now();
    if (phase.phase === 'proposed' && now >= phase.expiresAt) return [{ kind: 'expired' }];
    if (phase.phase !== 'at-gate') return null;
    const gate = gates.get(phase.gate);
    return gate?.state === 'open' && now >= gate.expiresAt
      ? [{ kind: 'gate-expired', gate: phase.gate }]
      : null;
  });
}

async function finish(context: TaskContext): Promise<void> {
  const { session, keeper, lease } = context;
  const found = session.rollout.phase.phase === 'running' ? await atTheEnd(context) : [];
  // Before the last fact: after it nobody drives this rollout any more, and what a process left standing then would have to expire.
  await Promise.all([keeper?.release(), lease?.release(earlierHolders(session, 'lease'))]);
  await session.commit((rollout) => {
    const { phase, plan: agreed } = rollout;
    if (phase.phase === 'tidying') return [{ kind: 'finished', outcome: phase.outcome }];
    if (phase.phase !== 'running' || phase.halt !== null || agreed === null) return null;
    const findings = found.length === 0 ? {} : { findings: found };
    return [{ kind: 'finished', outcome: outcomeOf(rollout, agreed), ...findings }];
  });
}
