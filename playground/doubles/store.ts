// The store in this process, over a passed clock: the same rules as src/store's scripts, held to them by test/contracts.
import type { Clock } from '../../src/engine/ports/clock.ts';
import {
  type AppendReply,
  type AppendRequest,
  type DueLook,
  type Journal,
  LEASE_MS,
  type Lease,
  type TakeReply,
} from '../../src/engine/ports/journal.ts';
import type { SlotState, Spent, ThreadRecord, Threads } from '../../src/engine/ports/threads.ts';
import type { Entry } from '../../src/rollout/event.ts';
import { checkPlace, complete, isTerminal, lineTail, linkOf, sealLine } from '../../src/store/entry.ts';
import { lookScore } from '../../src/store/journal.ts';
import {
  MOST_EVENTS,
  MOST_NOTED_NODES,
  MOST_OPEN,
  MOST_RECENT,
  NOTE_CHARS,
  NOTES_LIVE_MS,
} from '../../src/store/limits.ts';
import { NO_SEALS, type Seals, signed } from '../../src/store/seal.ts';
import { OpenedLines } from './opened.ts';
import { emptyShelf, moveLook, type Note, type Shelf } from './shelf.ts';

/** Every call has its whole effect before it returns: a simulated crash between two calls loses and halves nothing. */
export class MemoryJournal implements Journal {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #leaseMs: number;
  readonly #seals: Seals;
  readonly #shelves = new Map<string, Shelf>();
  readonly #opened = new OpenedLines();
  #taken = 0;

  constructor(
    clock: Pick<Clock, 'now'>,
    options: { readonly leaseMs?: number; readonly seals?: Seals } = {},
  ) {
    this.#clock = clock;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
    this.#seals = options.seals ?? NO_SEALS;
  }

  async read(cluster: string, rollout: string, after = 0, link?: string): Promise<readonly Entry[]> {
    const lines = this.#lines(cluster, rollout);
    const before = lines[after - 1] ?? null;
    checkPlace({ rollout, after, before, link });
    const entries = this.entriesOf(cluster, rollout, after);
    return complete(rollout, { entries, after, written: this.#shelf(cluster).heads.get(rollout) ?? 0 });
  }

  async append(request: AppendRequest): Promise<AppendReply> {
    const { cluster, rollout, expect, events, lease, claim } = request;
    if (events.length === 0 || events.length > MOST_EVENTS)
      throw new Error(`an append carries 1 to ${MOST_EVENTS} events, not ${events.length}`);
    const shelf = this.#shelf(cluster);
    const lines = this.#lines(cluster, rollout);
    if (lease !== undefined && this.#holder(shelf, rollout) !== lease.token) return { kind: 'lease-lost' };
    const last = lines.at(-1);
    if (request.link !== undefined && lines.length < expect) return { kind: 'forked' };
    if (lines.length !== expect) return { kind: 'moved', version: lines.length };
    if (request.link !== undefined && last !== undefined && linkOf(last) !== request.link)
      return { kind: 'forked' };
    if (claim === 'take' && shelf.claim !== null && shelf.claim !== rollout)
      return { kind: 'claimed', holder: shelf.claim };

    const at = this.#clock.now();
    const tails = events.map((event) => lineTail(event, request.by));
    for (const tail of tails) {
      const bare = sealLine({ n: lines.length + 1, at, prev: linkOf(lines.at(-1) ?? rollout), tail });
      lines.push(signed(bare, { cluster, rollout }, this.#seals));
    }
    shelf.journals.set(rollout, lines);
    shelf.heads.set(rollout, lines.length);
    if (claim === 'take') shelf.claim = rollout;
    if (claim === 'give' && shelf.claim === rollout) shelf.claim = null;
    if (isTerminal(events.at(-1))) shelf.looks.delete(rollout);
    else shelf.looks.set(rollout, lease === undefined ? at : this.#leaseEnd(shelf, rollout));
    if (expect === 0) shelf.recent = [rollout, ...shelf.recent].slice(0, MOST_RECENT);
    shelf.open.delete(rollout);
    shelf.open.set(rollout, at);
    return { kind: 'appended', version: lines.length, at };
  }

  async claimOf(cluster: string): Promise<string | null> {
    return this.#shelf(cluster).claim;
  }

  async recent(cluster: string, limit: number): Promise<readonly string[]> {
    return this.#shelf(cluster).recent.slice(0, Math.max(0, limit));
  }

  async take(cluster: string, rollout: string, owner: string): Promise<TakeReply> {
    const shelf = this.#shelf(cluster);
    const free = this.#holder(shelf, rollout) === null;
    const token = `${owner}/${++this.#taken}`;
    const at = this.#clock.now();
    if (free) shelf.leases.set(rollout, { token, until: at + this.#leaseMs });
    moveLook(shelf, rollout, this.#leaseEnd(shelf, rollout));
    if (!free) return { kind: 'held-elsewhere' };
    const lines = this.#lines(cluster, rollout);
    const end = { version: lines.length, link: linkIn(lines) };
    return { kind: 'taken', lease: { rollout, cluster, token }, at, end };
  }

  async renew(
    lease: Lease,
  ): Promise<{ readonly kind: 'renewed'; readonly version: number } | { readonly kind: 'lease-lost' }> {
    const shelf = this.#shelf(lease.cluster);
    if (this.#holder(shelf, lease.rollout) !== lease.token) return { kind: 'lease-lost' };
    shelf.leases.set(lease.rollout, { token: lease.token, until: this.#clock.now() + this.#leaseMs });
    moveLook(shelf, lease.rollout, this.#leaseEnd(shelf, lease.rollout));
    return { kind: 'renewed', version: this.#lines(lease.cluster, lease.rollout).length };
  }

  async letGo(
    lease: Lease,
    seen: number,
    nextLook: number | null,
    link?: string,
  ): Promise<'let-go' | 'moved' | 'lease-lost'> {
    const look = lookScore(nextLook);
    const shelf = this.#shelf(lease.cluster);
    if (this.#holder(shelf, lease.rollout) !== lease.token) return 'lease-lost';
    const lines = this.#lines(lease.cluster, lease.rollout);
    if (lines.length !== seen) return 'moved';
    if (link !== undefined && seen > 0 && linkOf(lines.at(-1) ?? '') !== link) return 'moved';
    shelf.leases.delete(lease.rollout);
    moveLook(shelf, lease.rollout, look);
    return 'let-go';
  }

  async due(clusters: readonly string[], limit: number): Promise<readonly DueLook[]> {
    const now = this.#clock.now();
    const looks = clusters.flatMap((cluster) =>
      [...this.#shelf(cluster).looks].map(([rollout, score]) => ({ cluster, rollout, score })),
    );
    const due = looks.filter(({ score }) => score <= now).sort((a, b) => a.score - b.score);
    return due.slice(0, limit).map(({ cluster, rollout }) => ({ cluster, rollout }));
  }

  async note(cluster: string, rollout: string, node: string, sentence: string): Promise<void> {
    const at = this.#clock.now();
    const { notes } = this.#shelf(cluster);
    const kept = notes.get(rollout);
    const byNode = kept !== undefined && kept.until > at ? kept.byNode : new Map<string, Note>();
    if (byNode.size >= MOST_NOTED_NODES && !byNode.has(node)) return;
    byNode.set(node, { sentence: sentence.slice(0, NOTE_CHARS), at });
    notes.set(rollout, { byNode, until: at + NOTES_LIVE_MS });
  }

  async notes(cluster: string, rollout: string): Promise<Readonly<Record<string, Note>>> {
    const kept = this.#shelf(cluster).notes.get(rollout);
    return kept !== undefined && kept.until > this.#clock.now() ? Object.fromEntries(kept.byNode) : {};
  }

  /** For assertions: when each unfinished rollout is looked at next. */
  looksOf(cluster: string): ReadonlyMap<string, number> {
    return new Map(this.#shelf(cluster).looks);
  }

  /** For tests of damage: writes a line behind the store's back. */
  plant(cluster: string, rollout: string, line: string): void {
    this.#shelf(cluster).journals.set(rollout, [...this.#lines(cluster, rollout), line]);
  }

  /** For tests of damage: keeps only the first `count` lines, behind the store's back. */
  cut(cluster: string, rollout: string, count: number): void {
    this.#shelf(cluster).journals.set(rollout, this.#lines(cluster, rollout).slice(0, count));
  }

  /** What a fail-over does that loses facts: the store is as it was when there were `count` lines. */
  lose(cluster: string, rollout: string, count: number): void {
    this.cut(cluster, rollout, count);
    this.#shelf(cluster).heads.set(rollout, count);
  }

  /** For assertions: what is stored, as it is stored. */
  linesOf(cluster: string, rollout: string): readonly string[] {
    return [...this.#lines(cluster, rollout)];
  }

  /** For assertions: how many facts are stored. */
  sizeOf(cluster: string, rollout: string): number {
    return this.#lines(cluster, rollout).length;
  }

  /** For assertions: what is stored, as whoever reads it understands it. */
  entriesOf(cluster: string, rollout: string, after = 0): readonly Entry[] {
    const lines = this.#lines(cluster, rollout);
    return this.#opened.read({ cluster, rollout, after, lines, seals: this.#seals });
  }

  /** For MemoryThreads: latest change first. */
  openOf(cluster: string): readonly { readonly rollout: string; readonly version: number }[] {
    const rollouts = [...this.#shelf(cluster).open.keys()].reverse().slice(0, MOST_OPEN);
    return rollouts.map((rollout) => ({ rollout, version: this.#lines(cluster, rollout).length }));
  }

  closeThread(cluster: string, rollout: string): void {
    this.#shelf(cluster).open.delete(rollout);
  }

  #shelf(cluster: string): Shelf {
    const kept = this.#shelves.get(cluster);
    if (kept !== undefined) return kept;
    const shelf = emptyShelf();
    this.#shelves.set(cluster, shelf);
    return shelf;
  }

  #lines(cluster: string, rollout: string): string[] {
    return this.#shelf(cluster).journals.get(rollout) ?? [];
  }

  #holder(shelf: Shelf, rollout: string): string | null {
    const lease = shelf.leases.get(rollout);
    return lease !== undefined && lease.until > this.#clock.now() ? lease.token : null;
  }

  #leaseEnd(shelf: Shelf, rollout: string): number {
    return shelf.leases.get(rollout)?.until ?? this.#clock.now();
  }
}

function linkIn(lines: readonly string[]): string {
  const last = lines.at(-1);
  return last === undefined ? '' : linkOf(last);
}

export class MemoryThreads implements Threads {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #journal: MemoryJournal;
  readonly #records = new Map<string, ThreadRecord>();
  readonly #speakers = new Map<string, { readonly owner: string; readonly until: number }>();
  readonly #spent = new Map<string, { readonly spent: Spent; readonly until: number }>();

  constructor(clock: Pick<Clock, 'now'>, journal: MemoryJournal) {
    this.#clock = clock;
    this.#journal = journal;
  }

  async read(cluster: string, rollout: string): Promise<ThreadRecord> {
    return this.#record(cluster, rollout);
  }

  async setSlot(cluster: string, rollout: string, slot: string, state: SlotState | null): Promise<void> {
    const { slots, shown } = this.#record(cluster, rollout);
    const others = Object.fromEntries(Object.entries(slots).filter(([name]) => name !== slot));
    this.#keep(cluster, rollout, {
      slots: state === null ? others : { ...others, [slot]: { ...state } },
      shown,
    });
  }

  async setShown(cluster: string, rollout: string, version: number): Promise<void> {
    const { slots } = this.#record(cluster, rollout);
    this.#keep(cluster, rollout, { slots, shown: version });
  }

  async open(cluster: string): Promise<readonly { readonly rollout: string; readonly version: number }[]> {
    return this.#journal.openOf(cluster);
  }

  async closed(cluster: string, rollout: string): Promise<void> {
    this.#journal.closeThread(cluster, rollout);
  }

  async speak(workspace: string, owner: string, ms: number): Promise<boolean> {
    const now = this.#clock.now();
    const speaker = this.#speakers.get(workspace);
    if (speaker !== undefined && speaker.until > now && speaker.owner !== owner) return false;
    this.#speakers.set(workspace, { owner, until: now + ms });
    return true;
  }

  async spent(workspace: string): Promise<Spent | null> {
    const kept = this.#spent.get(workspace);
    return kept !== undefined && kept.until > this.#clock.now() ? kept.spent : null;
  }

  async setSpent(workspace: string, spent: Spent): Promise<void> {
    this.#spent.set(workspace, { spent, until: this.#clock.now() + Math.max(60_000, spent.quietMs) });
  }

  #record(cluster: string, rollout: string): ThreadRecord {
    return this.#records.get(JSON.stringify([cluster, rollout])) ?? { slots: {}, shown: 0 };
  }

  #keep(cluster: string, rollout: string, record: ThreadRecord): void {
    this.#records.set(JSON.stringify([cluster, rollout]), record);
  }
}
