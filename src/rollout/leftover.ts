// What earlier rollouts left on nodes that no API shows: installed and never booted, sent and never seen to end, away and not back.
import type { Finding } from '../checks/finding.ts';
import { said } from '../cluster/answer.ts';
import type { MachineView, NodeSnapshot, Snapshot } from '../cluster/snapshot.ts';
import { ailmentsOf } from './ailments.ts';
import { plannedNode, stepsOn } from './plan.ts';
import { type Rollout, stepState } from './rollout.ts';
import type { Step, StepFacts } from './step.ts';

export interface Leftover {
  /**
   * armed: installed and not restarted since; in-doubt: an act that is sent only once was begun and its end is not known;
   * away: it was made to leave and nobody saw it come back whole.
   */
  readonly kind: 'armed' | 'in-doubt' | 'away';
  readonly node: string;
  /** The version that was installed, or was going to be. */
  readonly version: string;
  /** Of the boot in which it happened; null when that was not written down. A new boot id clears what is armed or in doubt. */
  readonly bootId: string | null;
  /** Milliseconds since 1970 until which a lost call might still arrive; null for an installation, which time does not settle. */
  readonly until: number | null;
  /**
   * What waits when that call never arrived. known: the installation before it ended well; unknown: nobody saw its end, or the call may have
   * made the other boot entry the default.
   */
  readonly armed?: 'known' | 'unknown';
  /** Of what was installed: how its restart and its return were going to recognise it. Absent where nobody saw it end. */
  readonly expects?: { readonly restart: StepFacts; readonly arrival: StepFacts };
}

/**
 * Per node the word of the newest rollout that did anything there that is sent only once; `rollouts` newest first. A call that was
 * refused or withdrawn did nothing: what an older rollout left is still there.
 */
export function leftoversOf(
  rollouts: readonly Rollout[],
  flightMs: number,
): ReadonlyMap<string, Leftover | null> {
  const found = new Map<string, Leftover | null>();
  for (const rollout of rollouts) {
    for (const { name } of rollout.plan?.nodes ?? []) {
      const steps = rollout.plan === null ? [] : stepsOn(rollout.plan, name);
      if (!found.has(name) && wasActedOn(rollout, steps))
        found.set(name, leftoverOf(rollout, { node: name, steps, flightMs }));
    }
  }
  return found;
}

/**
 * Never an installation on an armed node, nothing on one nobody can speak for, and never a second node away (design.md
 * invariants 1 and 4). `target`: the only node that is going to be changed; null for all of them.
 */
export function leftoverFindings(
  snapshot: Snapshot,
  leftovers: readonly Leftover[],
  target: string | null,
): readonly Finding[] {
  return leftovers.flatMap((left): Finding[] => {
    const node = snapshot.nodes.find((one) => one.name === left.node);
    if (node === undefined) return [];
    const why = troubleOf(left, node, { snapshot, target });
    return why === null ? [] : [{ level: 'blocker', subject: left.node, ...why }];
  });
}

interface Around {
  readonly snapshot: Snapshot;
  readonly target: string | null;
}

type Trouble = Pick<Finding, 'check' | 'sentence' | 'advice'>;

/** A restart in doubt concerns every other node as well: while it may arrive, and when its node is not whole after it. */
function troubleOf(left: Leftover, node: NodeSnapshot, { snapshot, target }: Around): Trouble | null {
  if (left.kind === 'away') return awayTrouble(node, target);
  const concerned = target === null || left.node === target;
  const trouble = concerned || mayArrive(left, snapshot.at) ? leftTrouble(node, left, snapshot) : null;
  return trouble ?? (left.until === null ? null : awayTrouble(node, target));
}

function mayArrive({ until }: Leftover, now: number): boolean {
  return until !== null && now < until;
}

function awayTrouble(node: NodeSnapshot, target: string | null): Trouble | null {
  const ailments = ailmentsOf(node);
  if (node.name === target || ailments.length === 0) return null;
  return {
    check: 'node-away',
    sentence: `${node.name} was made to leave by an earlier rollout and is not back: it ${ailments.join(' and ')}.`,
    advice: `Bring ${node.name} back first (roll it back, or repair it): no other node may leave before.`,
  };
}

function leftTrouble(node: NodeSnapshot, left: Leftover, { at: now, cluster }: Snapshot): Trouble | null {
  const machine = said(node.machine);
  if (machine === null || restartedSince(left, machine)) return null;
  if (left.until !== null && mayArrive(left, now)) {
    return {
      check: 'machine-in-doubt',
      sentence: `A call that restarts ${left.node} was sent by an earlier rollout, and it may still arrive.`,
      advice: `Wait ${Math.ceil((left.until - now) / 1_000)} s and ask again.`,
    };
  }
  if (!isArmedNow(left, machine, now)) return null;
  const known = isKnown(left);
  const sentence = known
    ? `${left.node} is armed: an earlier rollout installed ${left.version} and it has not restarted since, so a second installation would destroy its way back.`
    : `An earlier rollout began to install ${left.version} on ${left.node}, and nobody saw how that ended.`;
  const disarm = known
    ? `, or \`/talos disarm ${cluster} node ${left.node}\` to stay with ${machine.version}`
    : '';
  return {
    check: left.kind === 'armed' ? 'machine-armed' : 'machine-in-doubt',
    sentence,
    advice: `Settle it first: \`/talos finish ${cluster} node ${left.node}\` restarts it and shows which version it boots${disarm}.`,
  };
}

/** What is installed there was seen to end well, and nothing was done to its boot entries since. */
export function isKnown({ kind, armed }: Leftover): boolean {
  return kind === 'armed' || armed === 'known';
}

/** A boot that was not written down, or is not told to our role, is no other boot: then what runs decides. */
function restartedSince(left: Leftover, machine: MachineView): boolean {
  const unknown = left.bootId === null || machine.bootId === '';
  return unknown ? machine.version === left.version : machine.bootId !== left.bootId;
}

/** Whether a restart of it is still to come: no call is under way any more, and none has happened since. */
export function isArmedNow(left: Leftover, machine: MachineView, now: number): boolean {
  if (left.kind === 'away' || restartedSince(left, machine)) return false;
  return left.until === null || (now >= left.until && left.armed !== undefined);
}

function wasActedOn(rollout: Rollout, steps: readonly Step[]): boolean {
  return steps.some((step) => {
    if (step.repeat !== 'never' || (rollout.begins.get(step.id) ?? 0) === 0) return false;
    const { state } = stepState(rollout, step.id);
    return (state !== 'open' && state !== 'failed') || rollout.doubts.has(step.id);
  });
}

/** A node's steps may stand in several lanes: a staged upgrade installs in one and restarts in another. */
function leftoverOf(
  rollout: Rollout,
  {
    node,
    steps,
    flightMs,
  }: { readonly node: string; readonly steps: readonly Step[]; readonly flightMs: number },
): Leftover | null {
  if (rollout.plan === null) return null;
  const version = plannedNode(rollout.plan, node)?.to ?? '';
  const left = { node, version };
  const departing = steps.find((step) => step.presence === 'departs');
  const install = steps.find((step) => step.kind === 'install');
  if (departing !== undefined && stepState(rollout, departing.id).state === 'ended') {
    const back = steps.find((step) => step.kind === 'return');
    const returned = back === undefined || stepState(rollout, back.id).state === 'ended';
    return returned ? null : { ...left, kind: 'away', bootId: null, until: null };
  }
  const sent = departing === undefined ? null : evidenceInDoubt(rollout, departing.id);
  const installed = install !== undefined && stepState(rollout, install.id).state === 'ended';
  const expects = departing === undefined ? {} : expected(departing, steps);
  if (departing !== undefined && sent !== null) {
    const until = rollout.lastAt + flightMs;
    const waiting = waitingBehind(departing, installed, version);
    return { ...left, ...expects, ...waiting, kind: 'in-doubt', bootId: textOf(sent['bootId']), until };
  }
  if (install === undefined) return null;
  const state = stepState(rollout, install.id);
  if (state.state === 'ended')
    return { ...left, ...expects, kind: 'armed', bootId: textOf(state.result['bootId']), until: null };
  const evidence = evidenceInDoubt(rollout, install.id);
  return evidence === null
    ? null
    : { ...left, kind: 'in-doubt', bootId: textOf(evidence['bootId']), until: null };
}

/** What a restart that was sent and never arrived leaves behind; nothing where nothing was installed before it. */
function waitingBehind(
  { kind, params }: Step,
  installed: boolean,
  version: string,
): Pick<Leftover, 'armed'> & { readonly version?: string } {
  const waiting = textOf(params['installs']);
  // A rollback turns the default entry before it restarts, so any restart may boot either (talos-api.md section 4).
  if (kind === 'rollback') return { armed: 'unknown', version: waiting ?? version };
  if (waiting !== null) return { armed: params['version'] === null ? 'unknown' : 'known', version: waiting };
  return installed ? { armed: 'known' } : {};
}

function expected({ params }: Step, steps: readonly Step[]): Pick<Leftover, 'expects'> {
  const back = steps.find(({ kind }) => kind === 'return');
  const { mode: _mode, installedIn: _boot, installs: _installs, ...restart } = params;
  return back === undefined ? {} : { expects: { restart, arrival: back.params } };
}

function evidenceInDoubt(rollout: Rollout, stepId: string): StepFacts | null {
  const state = stepState(rollout, stepId);
  return rollout.doubts.get(stepId) ?? (state.state === 'doubted' ? state.evidence : null);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
