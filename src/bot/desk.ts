// Keeps the thread of one rollout in line with its journal: reads what is new, and has it shown.
import { contradictionIn } from '../engine/folding.ts';
import { type Journal, JournalForked, UnreadableEntry } from '../engine/ports/journal.ts';
import { unreadableSentence } from '../engine/unreadable.ts';
import type { Entry } from '../rollout/event.ts';
import type { Policy } from '../rollout/policy.ts';
import { isOver, type Rollout } from '../rollout/rollout.ts';
import { Outbox, type OutboxParts, type Pass, type Result } from './outbox.ts';
import { Pace } from './pace.ts';
import { Patience } from './patience.ts';
import { type Thread, threadOf } from './thread.ts';
import { unreadableFromTheStart, unreadableMessage } from './views/unreadable.ts';

export interface DeskParts extends OutboxParts {
  readonly journal: Journal;
  readonly policyOf: (cluster: string) => Policy | null;
  /** Slack channel id of a cluster's threads; null when it is not configured any more. */
  readonly channelOf: (cluster: string) => string | null;
}

/** While people are waited for, only the minutes on the card change. */
const RESTING_MS = 30_000;
/** A cluster that is not configured any more. */
const UNKNOWN_MS = 30_000;
/** A journal without a fact, which is about to have one. */
const EMPTY_MS = 500;

export class Desk {
  readonly cluster: string;
  readonly rollout: string;
  readonly #parts: DeskParts;
  readonly #outbox: Outbox;
  readonly #patience: Patience;
  #entries: readonly Entry[] = [];
  /** The journal version that was fully shown by this process; 0 = none yet. */
  #shown = 0;
  #busy: Promise<void> | null = null;
  #pending = false;
  #progressAt = 0;
  #over = false;

  constructor(parts: DeskParts, at: { readonly cluster: string; readonly rollout: string }) {
    this.#parts = parts;
    this.cluster = at.cluster;
    this.rollout = at.rollout;
    this.#patience = new Patience(parts.clock);
    this.#outbox = new Outbox(parts, at, this.#patience);
  }

  /** When its card was edited last: the oldest goes first when the budget is short. */
  get lastEditAt(): number {
    return this.#outbox.lastEditAt;
  }

  /** True once the end was shown: the desk may be forgotten. */
  get over(): boolean {
    return this.#over;
  }

  /** Starts a pass when there is something to do. Never rejects, never runs twice at once. */
  visit(version: number): void {
    const now = this.#parts.clock.monotonic();
    if (this.#busy !== null || this.#over || !this.#patience.isOver) return;
    if (version === this.#shown && !this.#pending && now < this.#progressAt) return;
    this.#busy = this.#pass()
      .catch((error: unknown) => this.#stumbled(error))
      .finally(() => {
        this.#busy = null;
      });
  }

  /** Resolves when nothing is in hand. */
  async idle(): Promise<void> {
    await this.#busy;
  }

  /** Another process may have spoken meanwhile: what is remembered here counts no more. */
  forget(): void {
    this.#shown = 0;
    this.#outbox.forget();
  }

  async #pass(): Promise<void> {
    const { journal, threads, clock, policyOf } = this.#parts;
    const broken = await this.#readOn();
    const policy = policyOf(this.cluster);
    if (policy === null) return this.#patience.pause(UNKNOWN_MS);
    const notes = await journal.notes(this.cluster, this.rollout);
    const told = threadOf({ entries: this.#entries, policy, notes, now: clock.now() });
    const thread = broken === null ? told : this.#broken(told, broken);
    if (thread === null) return this.#patience.pause(EMPTY_MS);
    const record = await threads.read(this.cluster, this.rollout);
    const result = await this.#outbox.bring({
      thread,
      slots: new Map(Object.entries(record.slots)),
      isOver: told !== null && isOver(told.rollout),
    });
    this.#progressAt = clock.monotonic() + (told === null ? RESTING_MS : this.#restMs(told.rollout));
    this.#pending = result === 'later';
    if (result === 'later') return;
    this.#patience.worked();
    if (broken !== null || told === null) return this.#patience.pause(RESTING_MS);
    await this.#allShown(told.rollout, record.shown, result);
  }

  /** Loud: the rollout stands still, and no card says so. Where there is no card yet it is said in the channel. */
  #broken(told: Thread | null, broken: UnreadableEntry): Pass['thread'] | null {
    const found = unreadableSentence(broken);
    const slot = { name: `unreadable:${broken.n}`, state: broken.why };
    if (told?.slots[0]?.where === 'card') {
      const message = unreadableMessage(this.cluster, found);
      return { ...told, slots: [...told.slots, { ...slot, where: 'loud-reply', message }] };
    }
    const channel = told?.rollout.channel ?? this.#parts.channelOf(this.cluster);
    if (channel === null) return null;
    const rollout = told?.rollout ?? { id: this.rollout, channel, user: null };
    const message = unreadableFromTheStart(this.cluster, found);
    return { rollout, slots: [{ ...slot, where: 'card', message }] };
  }

  /** What came since is added; answers what cannot be read, if there is such an entry. */
  async #readOn(): Promise<UnreadableEntry | null> {
    const known = this.#entries;
    const { journal } = this.#parts;
    const read = await journal
      .read(this.cluster, this.rollout, known.length, known.at(-1)?.link)
      .catch((error: unknown) => {
        if (error instanceof JournalForked) this.#entries = [];
        if (error instanceof UnreadableEntry) return error;
        throw error;
      });
    const fresh = read instanceof UnreadableEntry ? read.readable : read;
    const all = [...known, ...fresh];
    const contradiction = fresh.length === 0 ? null : contradictionIn(this.rollout, all);
    this.#entries = contradiction?.readable ?? all;
    return contradiction ?? (read instanceof UnreadableEntry ? read : null);
  }

  /** How long nothing but the clock and chatter can change what is shown. */
  #restMs({ phase }: Rollout): number {
    const moving = phase.phase === 'running' || phase.phase === 'tidying';
    return moving ? Pace.progressMs(this.#parts.liveCards()) : RESTING_MS;
  }

  /** The end may have to be said once more: it is looked at again until it was. */
  async #allShown(rollout: Rollout, shownBefore: number, result: Result): Promise<void> {
    const { threads } = this.#parts;
    if (shownBefore < rollout.version) await threads.setShown(this.cluster, this.rollout, rollout.version);
    this.#shown = rollout.version;
    if (!isOver(rollout) || result === 'again') return;
    await threads.closed(this.cluster, this.rollout);
    this.#over = true;
  }

  #stumbled(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.log.warn('a thread could not be brought up to date', {
      rollout: this.rollout,
      cluster: this.cluster,
      message,
    });
    this.#pending = true;
    this.#patience.failed();
  }
}
