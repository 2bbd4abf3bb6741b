// The quorum proofs: does etcd survive the departure of one member? Members are compared by id, never by name.
import type { EtcdView } from './snapshot.ts';

/** What one control-plane node's etcd answered; null when it did not answer. */
export interface Witness {
  readonly node: string;
  readonly view: EtcdView | null;
  readonly silence: string | null;
}

export interface Arithmetic {
  readonly voters: number;
  readonly quorum: number;
  readonly votersLeft: number;
  readonly leader: string | null;
  readonly maxLag: number;
}

export type QuorumProof =
  | { readonly kind: 'holds'; readonly arithmetic: Arithmetic }
  | { readonly kind: 'fails'; readonly whys: readonly string[]; readonly arithmetic: Arithmetic };

/** A follower further behind than this is not caught up: etcd's own readiness for promoted learners is 90 %, we ask for closeness in entries. */
export const MAX_LAG_ENTRIES = 1_000;

/** Of two members neither can go: quorum is two. */
const TWO_MEMBERS =
  'etcd has two members: it cannot lose either, so add a third control-plane node first, or take one of the two away';

export function quorumOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Name of the node whose member leads, as the witnesses agree; null when they do not or nobody knows. */
export function leaderOf(witnesses: readonly Witness[]): string | null {
  const leaders = new Set(
    witnesses.flatMap((witness) => (witness.view === null ? [] : [witness.view.leaderId])),
  );
  const [leaderId] = leaders;
  if (leaders.size !== 1 || leaderId === null || leaderId === undefined) return null;
  const leader = witnesses.find((witness) => witness.view?.memberId === leaderId);
  // A leader that was not asked (it is the node to be repaired) is known by the others' list of members.
  const members = witnesses.flatMap((witness) => witness.view?.members ?? []);
  const named = members.find((member) => member.id === leaderId && member.name !== '');
  return leader?.node ?? named?.name ?? null;
}

function arithmetic(witnesses: readonly Witness[], leaving: string): Arithmetic {
  const views = witnesses.flatMap((witness) => (witness.view === null ? [] : [witness.view]));
  const voters = Math.max(0, ...views.map((view) => view.members.filter((member) => !member.learner).length));
  const votersLeft = votersAmong(witnesses.filter((witness) => witness.node !== leaving)).size;
  const head = Math.max(0, ...views.map((view) => view.raftIndex));
  const lags = views.map((view) => head - view.raftAppliedIndex);
  return {
    voters,
    quorum: quorumOf(voters),
    votersLeft,
    leader: leaderOf(witnesses),
    maxLag: Math.max(0, ...lags),
  };
}

/** Ids of the members that answered and vote by their own word and by the list: one that was removed, or answered twice, is no voter more. */
function votersAmong(witnesses: readonly Witness[]): ReadonlySet<string> {
  const views = witnesses.flatMap((witness) => (witness.view === null ? [] : [witness.view]));
  return new Set(views.filter(votes).map((view) => view.memberId));
}

function votes(view: EtcdView): boolean {
  return !view.learner && view.members.some((member) => member.id === view.memberId && !member.learner);
}

function memberIds(view: EtcdView): string {
  return view.members
    .map((member) => member.id)
    .sort()
    .join(' ');
}

/** The strict proof, for upgrades and planned reboots: every member answers and nothing is wrong anywhere. */
export function proveHealthy(witnesses: readonly Witness[], leaving: string): QuorumProof {
  const sums = arithmetic(witnesses, leaving);
  const whys = [...silences(witnesses), ...disagreements(witnesses), ...ailments(witnesses)];
  const answered = votersAmong(witnesses).size;
  if (whys.length === 0 && (witnesses.length !== sums.voters || answered !== sums.voters)) {
    whys.push(
      `etcd has ${sums.voters} voting members, of which ${answered} answered from ${witnesses.length} control-plane nodes`,
    );
  }
  if (sums.maxLag > MAX_LAG_ENTRIES) {
    whys.push(`a member is ${sums.maxLag} entries behind (at most ${MAX_LAG_ENTRIES} are allowed)`);
  }
  if (sums.voters === 1) {
    whys.push('etcd has one member: its departure is an outage, which no proof can promise away');
  } else if (sums.voters === 2) {
    whys.push(TWO_MEMBERS);
  } else if (sums.voters > 2 && sums.votersLeft < sums.quorum) {
    whys.push(
      `without ${leaving} only ${sums.votersLeft} of ${sums.voters} members would vote, and quorum is ${sums.quorum}`,
    );
  }
  if (!witnesses.some((witness) => witness.node === leaving))
    whys.push(`${leaving} has no etcd member that answers`);
  return whys.length === 0 ? { kind: 'holds', arithmetic: sums } : { kind: 'fails', whys, arithmetic: sums };
}

/**
 * The proof for repairing a sick node (rollback): only the survivors are asked. It holds when those that answer agree on the
 * member ids, name one leader and are at least a quorum of all members: then the departure removes nothing.
 */
export function proveRepair(witnesses: readonly Witness[], leaving: string): QuorumProof {
  const survivors = witnesses.filter(
    (witness) => witness.node !== leaving && witness.view !== null && votes(witness.view),
  );
  const sums = arithmetic(survivors, leaving);
  const whys = [...disagreements(survivors), ...survivors.flatMap(alarmsOf)];
  if (survivors.length === 0) whys.push('no other control-plane node answers for etcd');
  else if (sums.votersLeft < sums.quorum) {
    whys.push(
      `only ${sums.votersLeft} of ${sums.voters} members would be left to vote, and quorum is ${sums.quorum}`,
    );
  }
  return whys.length === 0 ? { kind: 'holds', arithmetic: sums } : { kind: 'fails', whys, arithmetic: sums };
}

/**
 * What must hold for an announced outage, because nothing proves that etcd survives it: the leaving node has the only member,
 * which answers, leads and is well. Whether a copy of it is at hand is not known here.
 */
export function proveOutage(witnesses: readonly Witness[], leaving: string): QuorumProof {
  const sums = arithmetic(witnesses, leaving);
  const whys = [...silences(witnesses), ...disagreements(witnesses), ...ailments(witnesses)];
  if (sums.voters === 2) whys.push(TWO_MEMBERS);
  else if (sums.voters > 2) whys.push(`etcd has ${sums.voters} members, so it is not one that goes alone`);
  if (witnesses.length > 1) whys.push(`there are ${witnesses.length} control-plane nodes, not one`);
  if (whys.length === 0 && leadsAlone(witnesses, leaving) === null)
    whys.push(`${leaving} has no etcd member that votes and leads`);
  if (sums.maxLag > MAX_LAG_ENTRIES)
    whys.push(`the member is ${sums.maxLag} entries behind (at most ${MAX_LAG_ENTRIES} are allowed)`);
  return whys.length === 0 ? { kind: 'holds', arithmetic: sums } : { kind: 'fails', whys, arithmetic: sums };
}

function leadsAlone(witnesses: readonly Witness[], node: string): EtcdView | null {
  const view = witnesses.find((witness) => witness.node === node)?.view ?? null;
  return view !== null && votes(view) && view.leaderId === view.memberId ? view : null;
}

/**
 * For the rollback of the only control-plane node when its etcd serves nothing: there is no quorum to lose, and no copy to take.
 * Any sign of life refutes it; whether Kubernetes shows one is not known here.
 */
export function proveDead(witnesses: readonly Witness[], leaving: string): QuorumProof {
  const sums = arithmetic(witnesses, leaving);
  const others = witnesses.filter((witness) => witness.node !== leaving);
  const whys = others.map(({ node }) => `${node} is a control-plane node as well`);
  const own = witnesses.find((witness) => witness.node === leaving)?.view ?? null;
  if (own !== null && own.leaderId !== null)
    whys.push(`etcd on ${leaving} answers and has a leader: it must be copied before ${leaving} goes`);
  if (own !== null && own.members.length > 1)
    whys.push(`etcd on ${leaving} knows ${own.members.length} members`);
  return whys.length === 0 ? { kind: 'holds', arithmetic: sums } : { kind: 'fails', whys, arithmetic: sums };
}

function silences(witnesses: readonly Witness[]): string[] {
  return witnesses
    .filter((witness) => witness.view === null)
    .map((witness) => `etcd on ${witness.node} does not answer (${witness.silence ?? 'no reason given'})`);
}

function disagreements(witnesses: readonly Witness[]): string[] {
  const views = witnesses.flatMap((witness) => (witness.view === null ? [] : [witness.view]));
  const whys: string[] = [];
  if (new Set(views.map(memberIds)).size > 1) whys.push('the members do not agree on who the members are');
  const leaders = new Set(views.map((view) => view.leaderId));
  if (leaders.size > 1) whys.push('the members do not agree on who leads');
  else if (leaders.has(null)) whys.push('etcd has no leader');
  return whys;
}

function ailments(witnesses: readonly Witness[]): string[] {
  const learners = new Set(
    witnesses.flatMap(
      (w) =>
        w.view?.members.filter((member) => member.learner).map((member) => member.name || member.id) ?? [],
    ),
  );
  const whys = [...learners].map((name) => `${name} is still a learner: it does not vote yet`);
  return [...whys, ...unstarted(witnesses), ...new Set(witnesses.flatMap(alarmsOf))];
}

/** A member without a name never started, or has not said so since it restarted (talos-api.md 3.6). */
function unstarted(witnesses: readonly Witness[]): string[] {
  const ids = witnesses.flatMap(
    ({ view }) => view?.members.filter((member) => member.name === '').map((member) => member.id) ?? [],
  );
  return [...new Set(ids)].map((id) => `member ${id} has not started`);
}

function alarmsOf(witness: Witness): string[] {
  const { view, node } = witness;
  if (view === null) return [];
  const alarms = view.alarms.map(
    (alarm) => `etcd raised the ${alarm.alarm} alarm (member ${alarm.memberId})`,
  );
  return [...alarms, ...view.errors.map((error) => `etcd on ${node} reports: ${error}`)];
}
