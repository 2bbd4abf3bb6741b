// Plans the return of one node to its previous version: the other boot entry, proved by what comes up.
import { accessLastsForRepair, roleSuffices } from '../../checks/access.ts';
import { nodesWithoutElsewhere } from '../../checks/elsewhere.ts';
import { announcedOutage, witnessesOf } from '../../checks/etcd.ts';
import type { Finding } from '../../checks/finding.ts';
import { said } from '../../cluster/answer.ts';
import { proveDead, proveOutage, proveRepair, type QuorumProof } from '../../cluster/etcd.ts';
import { PLAIN_SCHEMATIC, shortId } from '../../cluster/schematic.ts';
import { type MachineView, type NodeSnapshot, nodeOf, type Snapshot } from '../../cluster/snapshot.ts';
import { sameVersion } from '../../cluster/version.ts';
import { withoutEtcdOf } from '../departure.ts';
import type { ProofKind } from '../gate.ts';
import type { Goal } from '../goal.ts';
import { type Leftover, leftoverFindings } from '../leftover.ts';
import type { PlannedNode } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { gated, laneOf, memberIdsOf, type StepDraft } from './lanes.ts';
import { copySteps } from './node-draft.ts';
import { isHopeless, type Proposal } from './proposal.ts';
import { copyOfTheOnly } from './snapshot-stage.ts';

/** What a node ran before the last upgrade of this bot. */
export interface Previous {
  readonly version: string;
  readonly schematic: string | null;
  /** What that upgrade left running; absent or null when nobody wrote it down. */
  readonly left?: string | null;
}

export interface RollbackSources {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  /** From the journals; null without a record. */
  readonly previous: Previous | null;
  /** Whether an archive is configured, into which the only member of etcd is copied first. */
  readonly archived?: boolean;
  /** What earlier rollouts left installed and never booted. */
  readonly leftovers?: readonly Leftover[];
}

type RollbackGoal = Extract<Goal, { kind: 'rollback-node' }>;

export function planRollback(goal: RollbackGoal, sources: RollbackSources): Proposal {
  const { snapshot, policy } = sources;
  const node = nodeOf(snapshot, goal.node);
  if (node === null) {
    const known = snapshot.nodes.map((other) => other.name).join(', ');
    const sentence = `${snapshot.cluster} has no node called ${goal.node}. Its nodes are ${known === '' ? 'unknown: nothing answers' : known}.`;
    return { kind: 'declined', outcome: 'refused', sentence, findings: [] };
  }
  const machine = said(node.machine);
  const previous = stillTrue(sources.previous, machine);
  if (machine !== null && previous !== null && runs(machine, previous)) {
    const sentence = `${goal.node} already runs ${previous.version}, which is what it ran before its last upgrade; there is nothing to roll back.`;
    return { kind: 'declined', outcome: 'unchanged', sentence, findings: [] };
  }
  // Both entries of a node that was installed and not booted are in question: flipping them could boot either (talos-api.md 4).
  const proof = node.role === 'control-plane' ? proofFor(node, snapshot) : null;
  const findings = [
    ...findingsFor(node, machine, previous, snapshot),
    ...(proof === null ? [] : quorumFindings(proof, node.name, snapshot)),
    ...(proof === 'outage' ? [copyOfTheOnly(node.name, sources.archived ?? false)] : []),
    ...leftoverFindings(snapshot, sources.leftovers ?? [], goal.node),
  ];
  if (machine === null || isHopeless(findings)) {
    const sentence = `${goal.node} cannot be rolled back now; nothing was touched.`;
    return { kind: 'declined', outcome: 'blocked', sentence, findings };
  }
  const nodes = snapshot.nodes.map((other) => asPlanned(other, goal.node, previous));
  const telling = proof === 'outage' ? snapshot : withoutEtcdOf(goal.node, snapshot);
  const etcdMembers = memberIdsOf(witnessesOf(telling).flatMap(({ view }) => (view === null ? [] : [view])));
  const pods = nodesWithoutElsewhere(snapshot).has(node.name) ? 'stay' : 'move';
  const steps = stepsFor(node, machine, { previous, proof, pods });
  const lane = laneOf(1, { node: node.name, role: node.role, steps }, policy.limits);
  const assumed = { goal, nodes, etcdMembers };
  const stage = {
    id: 'rollback',
    title: `Roll back ${node.name}`,
    width: 1,
    lanes: [proof === null ? lane : gated(lane, proof, assumed)],
  };
  return {
    kind: 'planned',
    plan: { goal, success: 'rolled-back', nodes, etcdMembers, stages: [stage] },
    findings,
  };
}

/** The record, unless the node runs neither of its two versions: somebody else installed it since, over one of its boot entries. */
function stillTrue(previous: Previous | null, machine: MachineView | null): Previous | null {
  if (previous === null || machine === null) return previous;
  const { version, left = null } = previous;
  const known = left === null || [version, left].some((one) => sameVersion(machine.version, one));
  return known ? previous : null;
}

function runs(machine: MachineView, previous: Previous): boolean {
  return sameVersion(machine.version, previous.version) && !onlySchematic(machine, previous);
}

/** The last upgrade changed extensions and no version: then only the schematic tells the two boot entries apart. */
function onlySchematic(machine: MachineView, previous: Previous | null): boolean {
  if (previous === null || !sameVersion(machine.version, previous.version)) return false;
  return (machine.schematic ?? PLAIN_SCHEMATIC) !== (previous.schematic ?? PLAIN_SCHEMATIC);
}

function findingsFor(
  node: NodeSnapshot,
  machine: MachineView | null,
  previous: Previous | null,
  snapshot: Snapshot,
): readonly Finding[] {
  const findings: Finding[] = [...accessLastsForRepair(snapshot), ...roleSuffices(snapshot)];
  if (machine === null) {
    const why = node.machine.kind === 'silent' ? node.machine.why : '';
    const sentence = `${node.name} does not answer its Talos API, so it cannot be told to roll back: ${why}`;
    const advice = 'Reset it at its console: a node that never became ready falls back by itself.';
    findings.push({ check: 'machine-answers', level: 'unknown', subject: node.name, sentence, advice });
  } else if (previous === null) {
    const sentence = `There is no record of what ${node.name} ran before ${machine.version}: the other boot entry decides.`;
    const advice = 'Only roll back when you know that the other entry was good.';
    findings.push({ check: 'rollback-target', level: 'warning', subject: node.name, sentence, advice });
  } else {
    const other = onlySchematic(machine, previous)
      ? `its former ${schematicWords(previous)}`
      : previous.version;
    const sentence = `${node.name} runs ${machine.version} and is expected to come back with ${other}.`;
    findings.push({ check: 'rollback-target', level: 'ok', subject: node.name, sentence, advice: null });
  }
  return findings;
}

/** Of the only control-plane node there are no survivors to ask: it lives and is copied, or nothing of it serves any more. */
function proofFor({ name, workload }: NodeSnapshot, snapshot: Snapshot): ProofKind {
  const others = snapshot.nodes.some((other) => other.role === 'control-plane' && other.name !== name);
  if (others) return 'repair';
  const silent =
    workload.kind === 'silent' &&
    workload.refused !== true &&
    proveDead(witnessesOf(snapshot), name).kind === 'holds';
  return silent ? 'dead' : 'outage';
}

function schematicWords({ schematic }: Previous): string {
  return schematic === null ? 'plain system without a schematic' : `schematic ${shortId(schematic)}`;
}

function quorumFindings(kind: ProofKind, leaving: string, snapshot: Snapshot): readonly Finding[] {
  const witnesses = witnessesOf(snapshot);
  const check = 'etcd-quorum';
  if (kind === 'dead') {
    const sentence = `etcd on ${leaving}, the only one, does not serve, nor does the Kubernetes API: nothing is lost by a restart, nothing can be copied before, and nothing proves that it helps.`;
    const advice = `Look at \`talosctl logs etcd\` first: what the machine's disk holds, a rollback neither mends nor harms.`;
    return [{ check, level: 'warning', subject: 'etcd', sentence, advice }];
  }
  const proof = kind === 'outage' ? proveOutage(witnesses, leaving) : proveRepair(witnesses, leaving);
  if (proof.kind === 'holds')
    return [kind === 'outage' ? announcedOutage(leaving) : sufficing(proof, leaving)];
  return proof.whys.map((why) => ({
    check,
    level: 'blocker',
    subject: 'etcd',
    sentence: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    advice:
      kind === 'outage'
        ? 'Mend that first; the only member goes well and copied, or when it serves nothing any more.'
        : 'Bring another control-plane node back first; quorum can not be overridden.',
  }));
}

function sufficing({ arithmetic }: QuorumProof, leaving: string): Finding {
  const { voters, votersLeft, quorum } = arithmetic;
  const sentence = `Without ${leaving}, ${votersLeft} of ${voters} etcd members vote; quorum is ${quorum}.`;
  return { check: 'etcd-quorum', level: 'ok', subject: 'etcd', sentence, advice: null };
}

function asPlanned(node: NodeSnapshot, target: string, previous: Previous | null): PlannedNode {
  const machine = said(node.machine);
  const from = machine?.version ?? 'unknown';
  const touched = node.name === target;
  return {
    name: node.name,
    address: node.address,
    role: node.role,
    from,
    to: touched ? (previous?.version ?? null) : from,
    schematic: machine?.schematic ?? null,
    image: null,
    touched,
  };
}

interface Sickbed {
  readonly previous: Previous | null;
  /** Null for a worker. */
  readonly proof: ProofKind | null;
  readonly pods: 'move' | 'stay';
}

/** A node that is not Ready cannot stop pods, so draining it would only wait; one without etcd cannot hand leadership over. */
function stepsFor(
  node: NodeSnapshot,
  machine: MachineView,
  { previous, proof, pods }: Sickbed,
): readonly StepDraft[] {
  const version = previous?.version ?? null;
  const swaps = onlySchematic(machine, previous);
  const only = swaps ? { schematic: previous?.schematic ?? null, onlySchematic: true } : {};
  const workload = pods === 'move' ? said(node.workload) : null;
  const cordon: readonly StepDraft[] = workload === null ? [] : [{ kind: 'cordon', params: {} }];
  const drain: readonly StepDraft[] = workload?.ready === true ? [{ kind: 'drain', params: {} }] : [];
  const hands = proof === 'repair' && said(node.etcd) !== null;
  const forfeit: readonly StepDraft[] = hands ? [{ kind: 'forfeit', params: {} }] : [];
  const uncordon: readonly StepDraft[] = workload === null ? [] : [{ kind: 'uncordon', params: {} }];
  return [
    ...copySteps(proof === 'outage' ? 'goes' : 'stays'),
    ...cordon,
    ...drain,
    ...forfeit,
    { kind: 'rollback', params: { from: machine.version, version, ...only } },
    // The schematic may differ between the two entries, so only the version is expected, unless it is the same.
    {
      kind: 'return',
      params: {
        version,
        schematic: null,
        from: machine.version,
        ...only,
        ...(swaps ? { fromSchematic: machine.schematic } : {}),
      },
    },
    ...uncordon,
  ];
}
