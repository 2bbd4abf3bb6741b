// Plans what becomes of a node that was installed and not restarted: the restart it waits for, or the one that takes it back.
import { roleSuffices } from '../../checks/access.ts';
import { nodesWithoutElsewhere } from '../../checks/elsewhere.ts';
import { etcdIsHealthy, witnessesOf } from '../../checks/etcd.ts';
import type { Finding } from '../../checks/finding.ts';
import { said } from '../../cluster/answer.ts';
import type { RebootMode } from '../../cluster/reboot-mode.ts';
import { type MachineView, type NodeSnapshot, nodeOf, type Snapshot } from '../../cluster/snapshot.ts';
import type { Goal } from '../goal.ts';
import { isArmedNow, isKnown, type Leftover, leftoverFindings } from '../leftover.ts';
import type { PlannedNode } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { gated, laneOf, memberIdsOf, type StepDraft } from './lanes.ts';
import { copySteps } from './node-draft.ts';
import { isHopeless, type Proposal } from './proposal.ts';
import { copyOfTheOnly, isAlone } from './snapshot-stage.ts';

export interface ArmedSources {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  /** What earlier rollouts left installed and never booted. */
  readonly leftovers?: readonly Leftover[];
  /** Whether an archive is configured, into which the only member of etcd is copied first. */
  readonly archived?: boolean;
}

type ArmedGoal = Extract<Goal, { kind: 'finish-node' | 'disarm-node' }>;

/** Both are a restart, so a control-plane node goes through its gate, whichever way. */
export function planArmed(goal: ArmedGoal, sources: ArmedSources): Proposal {
  const { snapshot, policy, leftovers = [], archived = false } = sources;
  const node = nodeOf(snapshot, goal.node);
  const declined = (outcome: 'refused' | 'unchanged', sentence: string): Proposal => ({
    kind: 'declined',
    outcome,
    sentence,
    findings: [],
  });
  if (node === null) {
    const known = snapshot.nodes.map((other) => other.name).join(', ');
    return declined(
      'refused',
      `${snapshot.cluster} has no node called ${goal.node}. Its nodes are ${known === '' ? 'unknown: nothing answers' : known}.`,
    );
  }
  const machine = said(node.machine);
  if (machine === null) {
    const why = node.machine.kind === 'silent' ? node.machine.why : '';
    return declined(
      'refused',
      `${goal.node} does not answer its Talos API, so it cannot be restarted: ${why}`,
    );
  }
  const left = leftovers.find((one) => one.node === goal.node && isArmedNow(one, machine, snapshot.at));
  if (left === undefined) {
    const own = leftovers.filter((one) => one.node === goal.node);
    const [flying] = leftoverFindings(snapshot, own, goal.node);
    if (flying !== undefined) return declined('refused', `${flying.sentence} ${flying.advice ?? ''}`.trim());
    const sentence = `Nothing that this bot installed waits on ${goal.node} for a restart: it runs ${machine.version}, so there is nothing to ${goal.kind === 'finish-node' ? 'finish' : 'disarm'}.`;
    return declined('unchanged', sentence);
  }
  if (goal.kind === 'disarm-node' && !isKnown(left)) {
    const sentence = `Nobody saw how the installation of ${left.version} on ${goal.node} ended, so its other boot entry may be half written: it is not taken back while that is unknown. Finish it: its restart shows which version it boots.`;
    return declined('refused', sentence);
  }
  return proposal(goal, { node, machine, left }, { snapshot, policy, leftovers, archived });
}

interface Waiting {
  readonly node: NodeSnapshot;
  readonly machine: MachineView;
  readonly left: Leftover;
}

function proposal(
  goal: ArmedGoal,
  { node, machine, left }: Waiting,
  { snapshot, policy, leftovers, archived }: Required<ArmedSources>,
): Proposal {
  const nodes = snapshot.nodes.map((other) => asPlanned(other, goal, left));
  const target = nodes.find(({ name }) => name === node.name);
  if (target === undefined) throw new Error(`${node.name} is a node of the snapshot`);
  const alone = isAlone(target, nodes);
  const others = leftovers.filter((one) => one.node !== node.name);
  const findings: readonly Finding[] = [
    ...roleSuffices(snapshot),
    whatItWillBe(goal, machine, left),
    ...quorumFindings(node, snapshot),
    ...(alone ? [copyOfTheOnly(node.name, archived)] : []),
    ...leftoverFindings(snapshot, others, goal.node),
  ];
  if (isHopeless(findings)) {
    const sentence = `${goal.node} cannot be restarted now; nothing was touched.`;
    return { kind: 'declined', outcome: 'blocked', sentence, findings };
  }
  const views = witnessesOf(snapshot).flatMap(({ view }) => (view === null ? [] : [view]));
  const etcdMembers = memberIdsOf(views);
  const pods = nodesWithoutElsewhere(snapshot).has(node.name) ? 'stay' : 'move';
  const steps = stepsFor(goal, { node, machine, left }, { alone, pods, mode: policy.rebootMode });
  const lane = laneOf(1, { node: node.name, role: node.role, steps }, policy.limits);
  const assumed = { goal, nodes, etcdMembers };
  const proof = alone ? 'outage' : 'healthy';
  const stage = {
    id: 'restart',
    title: goal.kind === 'finish-node' ? `Restart ${node.name}` : `Disarm ${node.name}`,
    width: 1,
    lanes: [node.role === 'worker' ? lane : gated(lane, proof, assumed)],
  };
  const success = goal.kind === 'finish-node' ? 'upgraded' : 'disarmed';
  return { kind: 'planned', plan: { goal, success, nodes, etcdMembers, stages: [stage] }, findings };
}

/** What else a restart needs of the others is proved at the gate. */
function quorumFindings(node: NodeSnapshot, snapshot: Snapshot): readonly Finding[] {
  return node.role === 'worker' ? [] : etcdIsHealthy(snapshot);
}

function whatItWillBe(goal: ArmedGoal, machine: MachineView, left: Leftover): Finding {
  const about = { check: 'machine-armed', subject: goal.node, level: 'ok', advice: null } as const;
  if (goal.kind === 'disarm-node') {
    const sentence = `${goal.node} runs ${machine.version} and waits with ${left.version} installed: it is restarted into ${machine.version}, and the other entry stays unused.`;
    return { ...about, sentence };
  }
  if (!isKnown(left)) {
    const sentence = `Nobody saw how the installation of ${left.version} on ${goal.node} ended: its restart shows whether it boots that, or ${machine.version} again.`;
    return { ...about, level: 'warning', sentence };
  }
  return { ...about, sentence: `${goal.node} has ${left.version} installed, and its restart boots it.` };
}

function asPlanned(node: NodeSnapshot, goal: ArmedGoal, left: Leftover): PlannedNode {
  const machine = said(node.machine);
  const from = machine?.version ?? 'unknown';
  const touched = node.name === goal.node;
  return {
    name: node.name,
    address: node.address,
    role: node.role,
    from,
    to: touched && goal.kind === 'finish-node' ? left.version : from,
    schematic: machine?.schematic ?? null,
    image: null,
    touched,
  };
}

interface Around {
  readonly alone: boolean;
  readonly pods: 'move' | 'stay';
  readonly mode: RebootMode;
}

function stepsFor(
  goal: ArmedGoal,
  { node, machine, left }: Waiting,
  { alone, pods, mode }: Around,
): readonly StepDraft[] {
  const moves = pods === 'move' && said(node.workload) !== null;
  const clearing: readonly StepDraft[] = moves
    ? [
        { kind: 'cordon', params: {} },
        { kind: 'drain', params: {} },
      ]
    : [];
  const forfeit: readonly StepDraft[] =
    node.role === 'control-plane' && !alone ? [{ kind: 'forfeit', params: {} }] : [];
  return [
    ...copySteps(alone ? 'goes' : 'stays'),
    ...clearing,
    ...forfeit,
    ...restart(goal, { node, machine, left }, mode),
    ...(moves ? [{ kind: 'uncordon', params: {} } as const] : []),
  ];
}

/**
 * `installedIn`: the boot in which it was armed; in any other one it restarted by itself, and is not restarted again. `installs`: what
 * waits there, for whoever finds this call in doubt later.
 */
function restart(goal: ArmedGoal, { machine, left }: Waiting, mode: RebootMode): readonly StepDraft[] {
  const armed = { installedIn: machine.bootId === '' ? null : machine.bootId, installs: left.version };
  if (goal.kind === 'disarm-node') {
    const back = { version: machine.version, schematic: machine.schematic, from: null };
    return [
      { kind: 'rollback', params: { from: machine.version, version: null, disarms: true, ...armed } },
      { kind: 'return', params: back },
    ];
  }
  const manner = mode === 'default' ? {} : { mode };
  if (!isKnown(left)) {
    return [
      { kind: 'reboot', params: { version: null, ...armed, ...manner } },
      { kind: 'return', params: { version: null, schematic: null, from: null } },
    ];
  }
  // As they were approved with the installation: for a change of extensions alone the version cannot tell.
  const {
    restart: arrives = { version: left.version },
    arrival = { version: left.version, schematic: null },
  } = left.expects ?? {};
  return [
    { kind: 'reboot', params: { ...arrives, ...armed, ...manner } },
    { kind: 'return', params: { ...arrival, from: machine.version } },
  ];
}
