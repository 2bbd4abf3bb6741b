// What an earlier rollout left on a node that no API shows: an installed system that was never booted, or one that nobody can speak for.
import type { Finding } from '../checks/finding.ts';
import { type Snapshot, said } from '../cluster/snapshot.ts';
import { type Lane, lanesOf, plannedNode } from './plan.ts';
import { type Rollout, stepState } from './rollout.ts';

export interface Leftover {
  /** armed: installed and not restarted since; in-doubt: an installation was begun and its end is not known. */
  readonly kind: 'armed' | 'in-doubt';
  readonly node: string;
  /** The version that was installed, or was going to be. */
  readonly version: string;
  /** Of the boot in which it was installed; null when that was not written down. A new boot id clears it. */
  readonly bootId: string | null;
}

/** Per node the word of the newest rollout that installed anything there; `rollouts` newest first. */
export function leftoversOf(rollouts: readonly Rollout[]): ReadonlyMap<string, Leftover | null> {
  const found = new Map<string, Leftover | null>();
  for (const rollout of rollouts) {
    for (const lane of rollout.plan === null ? [] : lanesOf(rollout.plan)) {
      if (!found.has(lane.node) && wasInstalled(rollout, lane))
        found.set(lane.node, leftoverOf(rollout, lane));
    }
  }
  return found;
}

/** Never an installation on an armed node, and nothing at all on one nobody can speak for (design.md invariant 4). */
export function leftoverFindings(snapshot: Snapshot, leftovers: readonly Leftover[]): readonly Finding[] {
  return leftovers.flatMap((left): Finding[] => {
    const machine = said(snapshot.nodes.find((node) => node.name === left.node)?.machine ?? null);
    const cleared =
      machine === null ||
      (left.bootId === null ? machine.version === left.version : machine.bootId !== left.bootId);
    if (cleared) return [];
    const sentence =
      left.kind === 'armed'
        ? `${left.node} is armed: an earlier rollout installed ${left.version} and it has not restarted since, so a second installation would destroy its way back.`
        : `An earlier rollout began to install ${left.version} on ${left.node}, and nobody saw how that ended.`;
    const advice = `Restart ${left.node} first, one node at a time: it then shows which version it boots.`;
    return [{ check: 'machine-armed', level: 'blocker', subject: left.node, sentence, advice }];
  });
}

function wasInstalled(rollout: Rollout, lane: Lane): boolean {
  return lane.steps.some((step) => step.kind === 'install' && (rollout.begins.get(step.id) ?? 0) > 0);
}

function leftoverOf(rollout: Rollout, lane: Lane): Leftover | null {
  const install = lane.steps.find((step) => step.kind === 'install');
  const departing = lane.steps.find((step) => step.presence === 'departs');
  if (install === undefined || rollout.plan === null) return null;
  const version = plannedNode(rollout.plan, lane.node)?.to ?? '';
  const state = stepState(rollout, install.id);
  if (state.state === 'ended') {
    const departed = departing !== undefined && stepState(rollout, departing.id).state === 'ended';
    return departed
      ? null
      : { kind: 'armed', node: lane.node, version, bootId: textOf(state.result['bootId']) };
  }
  const evidence = rollout.doubts.get(install.id) ?? (state.state === 'doubted' ? state.evidence : null);
  return evidence === null
    ? null
    : { kind: 'in-doubt', node: lane.node, version, bootId: textOf(evidence['bootId']) };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
