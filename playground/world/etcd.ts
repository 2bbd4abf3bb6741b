/** The etcd cluster of the control plane: members, leader, terms, alarms, and what each member says of it. */
import type { WorldClock } from './clock.ts';
import { WorldError } from './error.ts';
import { type AlarmKind, type EtcdMember, newMember } from './etcd-member.ts';
import { snapshotChunks } from './etcd-snapshot.ts';
import type { Random } from './random.ts';
import type { DrawnNode } from './settings.ts';

/** What one member says when it is asked for its status (EtcdStatus). */
export interface EtcdStatusView {
  readonly memberId: bigint;
  /** 0 when it knows no leader. */
  readonly leader: bigint;
  readonly raftTerm: bigint;
  readonly raftIndex: bigint;
  readonly raftAppliedIndex: bigint;
  readonly errors: readonly string[];
  readonly learner: boolean;
  readonly dbSizeBytes: number;
  readonly dbInUseBytes: number;
}

export interface EtcdAlarmView {
  readonly memberId: bigint;
  readonly alarm: AlarmKind;
}

/** One write each so many milliseconds: leases of kubelets and controllers keep a cluster's log moving. */
const WRITE_EVERY_MS = 25;
/** How far a member that has just started is behind. */
const LAG_AT_START = 4_000n;
/** What the status of a young cluster says of its database. */
const SMALL_DATABASE = { dbSizeBytes: 20_971_520, dbInUseBytes: 8_388_608 } as const;
const NO_LEADER = 'etcdserver: no leader';

export class Etcd {
  /** What every member says of its database; null = that it is small. */
  database: Pick<EtcdStatusView, 'dbSizeBytes' | 'dbInUseBytes'> | null = null;
  private readonly clock: WorldClock;
  private readonly random: Random;
  private readonly electionMs: number;
  private readonly databaseBytes: number;
  private readonly addresses: ReadonlyMap<string, string>;
  private readonly list: EtcdMember[];
  private readonly blind = new Map<string, string>();
  private readonly listeners = new Set<() => void>();
  private leaderId: bigint;
  private term = 7n;
  private index = 120_000n;
  private indexAtMs: number;
  private cancelElection: (() => void) | null = null;

  constructor(
    nodes: readonly DrawnNode[],
    options: { clock: WorldClock; random: Random; electionMs: number; databaseBytes: number },
  ) {
    this.clock = options.clock;
    this.random = options.random;
    this.electionMs = options.electionMs;
    this.databaseBytes = options.databaseBytes;
    this.indexAtMs = options.clock.now();
    this.list = nodes
      .filter((node) => node.role === 'control-plane')
      .map((node) => newMember(node, options.random, 'runs'));
    this.addresses = new Map(this.list.map(({ name, address }) => [name, address]));
    this.leaderId = this.list[options.random.int(this.list.length)]?.id ?? 0n;
  }

  members(): readonly EtcdMember[] {
    return this.list;
  }

  member(name: string): EtcdMember | undefined {
    return this.list.find((one) => one.name === name);
  }

  /** Name of the leader, or null while there is none. */
  leader(): string | null {
    return this.list.find((one) => one.id === this.leaderId)?.name ?? null;
  }

  raftTerm(): bigint {
    return this.term;
  }

  hasQuorum(): boolean {
    const voters = this.list.filter((one) => !one.learner);
    return voters.filter((one) => one.up).length >= Math.floor(voters.length / 2) + 1;
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  // ---- what a client may ask -------------------------------------------------------------------------------

  /**
   * The status as the member on that node gives it.
   * @throws WorldError UNKNOWN when the member does not run
   */
  viewOf(name: string): EtcdStatusView {
    const own = this.running(name);
    const index = this.raftIndex();
    const errors: string[] = [];
    for (const one of this.list) {
      if (one.alarm !== null) errors.push(`memberID:${one.id} alarm:${one.alarm} `);
    }
    if (this.leaderId === 0n) errors.push(NO_LEADER);
    return {
      memberId: own.id,
      leader: this.leaderId,
      raftTerm: this.term,
      raftIndex: index,
      raftAppliedIndex: own.caughtUp ? index : index - LAG_AT_START,
      errors,
      learner: own.learner,
      ...(this.database ?? SMALL_DATABASE),
    };
  }

  /**
   * The members as that node lists them.
   * @throws WorldError UNKNOWN with etcd's text when the question needs a leader and there is none
   */
  memberList(name: string, options: { queryLocal: boolean }): readonly EtcdMember[] {
    if (options.queryLocal) this.running(name);
    else if (!this.list.some((one) => one.up)) throw new WorldError('UNKNOWN', 'context deadline exceeded');
    // Talos asks for a leader even of the machine's own member.
    if (this.leaderId === 0n) throw new WorldError('UNKNOWN', NO_LEADER);
    return this.seenBy(name);
  }

  alarms(name: string): readonly EtcdAlarmView[] {
    this.running(name);
    if (this.leaderId === 0n) throw new WorldError('UNKNOWN', NO_LEADER);
    return this.list.flatMap((one) => (one.alarm === null ? [] : [{ memberId: one.id, alarm: one.alarm }]));
  }

  /**
   * Hands the leadership of that node over.
   * @returns the new leader's name, or '' when the node did not lead
   */
  forfeit(name: string): string {
    const own = this.running(name);
    if (this.list.length === 1)
      throw new WorldError(
        'UNKNOWN',
        'failed to forfeit leadership: cannot forfeit leadership, only one member',
      );
    if (own.id !== this.leaderId) return '';
    const next = this.candidates().find((one) => one.id !== own.id);
    if (next === undefined)
      throw new WorldError('UNKNOWN', 'failed to forfeit leadership: etcdserver: unhealthy cluster');
    this.lead(next);
    return next.name;
  }

  /** A snapshot as that member gives it: raw database and its SHA-256, in Talos's chunks. To be read once. */
  snapshot(name: string): Iterable<Uint8Array> {
    this.running(name);
    return snapshotChunks(this.raftIndex(), this.databaseBytes);
  }

  // ---- what happens to it ----------------------------------------------------------------------------------

  stop(name: string): void {
    this.advanceIndex();
    const before = this.update(name, { up: false, caughtUp: false });
    if (before?.id === this.leaderId || !this.hasQuorum()) this.loseLeader();
    this.changed();
  }

  /** Takes the member of that node out of the cluster: what it holds is lost, and it comes back as another one. */
  leave(name: string): void {
    this.advanceIndex();
    const at = this.list.findIndex((one) => one.name === name);
    if (at < 0) return;
    const [gone] = this.list.splice(at, 1);
    if (gone?.id === this.leaderId || !this.hasQuorum()) this.loseLeader();
    this.changed();
  }

  start(name: string): void {
    this.advanceIndex();
    const address = this.addresses.get(name);
    if (this.member(name) === undefined && address !== undefined)
      this.list.push(newMember({ name, address }, this.random, 'starts'));
    this.update(name, { up: true, caughtUp: false });
    if (this.leaderId === 0n) this.elect();
    this.changed();
  }

  caughtUp(name: string): void {
    if (this.member(name)?.up !== true) return;
    this.update(name, { caughtUp: true });
    this.changed();
  }

  /** @throws WorldError INVALID_ARGUMENT when there is no such running voter */
  moveLeader(name: string): void {
    const next = this.candidates().find((one) => one.name === name);
    if (next === undefined) throw new WorldError('INVALID_ARGUMENT', `${name} is no running voter`);
    if (next.id !== this.leaderId) this.lead(next);
  }

  setAlarm(name: string, alarm: AlarmKind | null): void {
    this.update(name, { alarm });
    this.changed();
  }

  setLearner(name: string, learner: boolean): void {
    this.advanceIndex();
    const before = this.update(name, { learner });
    if (learner && before?.id === this.leaderId) this.loseLeader();
    this.changed();
  }

  /** Makes that node's list of members miss one: members that do not agree. Null heals it. */
  setBlind(name: string, missing: string | null): void {
    if (missing === null) this.blind.delete(name);
    else this.blind.set(name, missing);
    this.changed();
  }

  // ---- within ----------------------------------------------------------------------------------------------

  private seenBy(name: string): readonly EtcdMember[] {
    const missing = this.blind.get(name);
    return this.list.filter((one) => one.name !== missing);
  }

  private candidates(): EtcdMember[] {
    return this.list.filter((one) => one.up && !one.learner);
  }

  private running(name: string): EtcdMember {
    const own = this.member(name);
    if (own === undefined && !this.addresses.has(name)) throw new Error(`${name} has no etcd member`);
    if (own?.up !== true) throw new WorldError('UNKNOWN', 'context deadline exceeded');
    return own;
  }

  private update(name: string, change: Partial<EtcdMember>): EtcdMember | undefined {
    const at = this.list.findIndex((one) => one.name === name);
    const before = this.list[at];
    if (before !== undefined) this.list[at] = { ...before, ...change };
    return before;
  }

  private lead(next: EtcdMember): void {
    this.advanceIndex();
    this.leaderId = next.id;
    this.term += 1n;
    this.changed();
  }

  private loseLeader(): void {
    this.leaderId = 0n;
    this.elect();
  }

  private elect(): void {
    this.cancelElection?.();
    this.cancelElection = null;
    if (!this.hasQuorum()) return;
    this.cancelElection = this.clock.after(this.electionMs, () => {
      this.cancelElection = null;
      const candidates = this.hasQuorum() ? this.candidates() : [];
      const next = candidates[this.random.int(candidates.length)];
      if (next !== undefined) this.lead(next);
    });
  }

  /** The log grows while there is a leader, and stands still while there is none. */
  private raftIndex(): bigint {
    const sinceMs = this.leaderId === 0n ? 0 : this.clock.now() - this.indexAtMs;
    return this.index + BigInt(Math.floor(sinceMs / WRITE_EVERY_MS));
  }

  private advanceIndex(): void {
    this.index = this.raftIndex();
    this.indexAtMs = this.clock.now();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
