// Brings the thread of one rollout in line with its journal: missing → post, changed → edit, deleted → post again.
import { createHash } from 'node:crypto';
import { contradictionIn } from '../engine/folding.ts';
import type { Clock } from '../engine/ports/clock.ts';
import { type Journal, JournalForked, UnreadableEntry } from '../engine/ports/journal.ts';
import type { SlotState, Threads } from '../engine/ports/threads.ts';
import { unreadableSentence } from '../engine/unreadable.ts';
import type { Entry } from '../rollout/event.ts';
import type { Policy } from '../rollout/policy.ts';
import { isOver, type Rollout } from '../rollout/rollout.ts';
import { Pace } from './pace.ts';
import type { Sent } from './slack-calls.ts';
import { editSlot, findSlot, type SlotCalls, sendSlot } from './slot-calls.ts';
import type { Speaker } from './speaker.ts';
import { type Slot, type Thread, threadOf } from './thread.ts';
import type { Message } from './views/blocks.ts';
import { privateMessage } from './views/refusal.ts';
import { channelLink, mrkdwn } from './views/text.ts';
import { unreadableMessage } from './views/unreadable.ts';

export interface DeskParts extends SlotCalls {
  readonly journal: Journal;
  readonly threads: Threads;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly speaker: Speaker;
  readonly policyOf: (cluster: string) => Policy | null;
  readonly liveCards: () => number;
}

/** After a crash between "posting" and its ts, the other process's call may still arrive this long: then it is posted again. */
const POSTING_GRACE_MS = 3_000;
/** Waiting after a failure doubles up to this: long enough not to hurt a sick Slack, short enough for a person to wait. */
const MIN_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** While people are waited for, only the minutes on the card change. */
const RESTING_MS = 30_000;
/** A channel that must be opened to us by a person. */
const DOOR_MS = 10_000;

type Result = 'fine' | 'later';

/** Everything one pass over the slots needs to know. */
interface Pass {
  readonly thread: Thread;
  readonly slots: Map<string, SlotState>;
}

export class Desk {
  readonly cluster: string;
  readonly rollout: string;
  readonly #parts: DeskParts;
  #entries: readonly Entry[] = [];
  /** The journal version that was fully shown by this process; 0 = none yet. */
  #shown = 0;
  #busy: Promise<void> | null = null;
  #notBefore = 0;
  #failures = 0;
  #pending = false;
  #progressAt = 0;
  #over = false;
  #doorTold = false;
  /** Per slot: the state its message showed last, to tell progress from changes. */
  readonly #states = new Map<string, string>();
  #lastEditAt = Number.NEGATIVE_INFINITY;

  constructor(parts: DeskParts, at: { readonly cluster: string; readonly rollout: string }) {
    this.#parts = parts;
    this.cluster = at.cluster;
    this.rollout = at.rollout;
  }

  /** When its card was edited last: the oldest goes first when the budget is short. */
  get lastEditAt(): number {
    return this.#lastEditAt;
  }

  /** True once the end was shown: the desk may be forgotten. */
  get over(): boolean {
    return this.#over;
  }

  /** Starts a pass when there is something to do. Never rejects, never runs twice at once. */
  visit(version: number): void {
    const now = this.#parts.clock.monotonic();
    if (this.#busy !== null || this.#over || now < this.#notBefore) return;
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
    this.#doorTold = false;
    this.#states.clear();
  }

  async #pass(): Promise<void> {
    const { journal, threads, clock, policyOf } = this.#parts;
    const broken = await this.#readOn();
    const policy = policyOf(this.cluster);
    if (policy === null) return this.#pause(MAX_BACKOFF_MS);
    const notes = await journal.notes(this.cluster, this.rollout);
    const told = threadOf({ entries: this.#entries, policy, notes, now: clock.now() });
    if (told === null) return this.#pause(MIN_BACKOFF_MS);
    const thread =
      broken === null ? told : { ...told, slots: [...told.slots, brokenSlot(this.cluster, broken)] };
    const record = await threads.read(this.cluster, this.rollout);
    const result = await this.#reconcile({ thread, slots: new Map(Object.entries(record.slots)) });
    this.#progressAt = clock.monotonic() + this.#restMs(thread.rollout);
    this.#pending = result === 'later';
    if (result === 'later') return;
    this.#failures = 0;
    if (broken !== null) return this.#pause(RESTING_MS);
    await this.#allShown(thread.rollout, record.shown);
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

  async #allShown(rollout: Rollout, shownBefore: number): Promise<void> {
    const { threads } = this.#parts;
    if (shownBefore < rollout.version) await threads.setShown(this.cluster, this.rollout, rollout.version);
    this.#shown = rollout.version;
    if (!isOver(rollout)) return;
    await threads.closed(this.cluster, this.rollout);
    this.#over = true;
  }

  /** Posts in order; an edit never waits behind a post. */
  async #reconcile(pass: Pass): Promise<Result> {
    let result: Result = 'fine';
    let posting = true;
    for (const slot of pass.thread.slots) {
      const state = pass.slots.get(slot.name);
      if (state?.kind !== 'posted') {
        if (posting && (await this.#posted(slot, state, pass)) === 'fine') continue;
        posting = false;
        result = 'later';
      } else if ((await this.#edited(slot, state, pass)) === 'later') result = 'later';
    }
    return result;
  }

  async #posted(slot: Slot, state: SlotState | undefined, pass: Pass): Promise<Result> {
    const { clock, threads, speaker, pace } = this.#parts;
    if (state?.kind === 'posting' && clock.now() - state.since < POSTING_GRACE_MS) return 'later';
    if (!speaker.speaking()) return 'later';
    const { channel } = pass.thread.rollout;
    if (slot.where !== 'private' && !pace.mayPost(channel, clock.monotonic())) return 'later';
    const card = pass.slots.get('card');
    const under = { rollout: pass.thread.rollout, card: card?.kind === 'posted' ? card.ts : null };
    // It may be there after all; what it says is made up to date like any other.
    const lost =
      state?.kind === 'posting'
        ? await findSlot(this.#parts, slot, { ...under, sinceMs: state.since })
        : null;
    if (lost !== null) {
      await this.#setSlot(slot.name, { kind: 'posted', ts: lost, hash: '' }, pass);
      return 'later';
    }
    await threads.setSlot(this.cluster, this.rollout, slot.name, { kind: 'posting', since: clock.now() });
    const sent = await sendSlot(this.#parts, slot, under);
    if (sent.kind === 'sent') {
      await this.#remember(slot, sent.ts, pass);
      return 'fine';
    }
    // What may have been sent stays "posting": it is posted again only after the grace.
    if (sent.kind !== 'lost') await this.#setSlot(slot.name, null, pass);
    if (sent.kind === 'gone') await this.#setSlot('card', null, pass);
    return this.#failed(sent, slot, pass);
  }

  async #edited(slot: Slot, state: Extract<SlotState, { kind: 'posted' }>, pass: Pass): Promise<Result> {
    const { clock, speaker, pace } = this.#parts;
    if (state.hash === hashOf(slot.message)) return 'fine';
    if (slot.where === 'private' || slot.where === 'file') return 'fine';
    const now = clock.monotonic();
    const urgency =
      slot.where === 'card' && this.#states.get(slot.name) === slot.state ? 'progress' : 'state';
    if (urgency === 'progress' && now - this.#lastEditAt < Pace.progressMs(this.#parts.liveCards()))
      return 'fine';
    if (!speaker.speaking() || !pace.mayEdit(urgency, now)) return 'later';
    if (slot.where === 'card') this.#lastEditAt = now;
    const sent = await editSlot(this.#parts, slot, pass.thread.rollout, state.ts);
    if (sent.kind === 'sent' || sent.kind === 'frozen') {
      await this.#remember(slot, state.ts, pass);
      return 'fine';
    }
    if (sent.kind === 'gone') {
      await this.#setSlot(slot.name, null, pass);
      return 'later';
    }
    return this.#failed(sent, slot, pass);
  }

  async #remember(slot: Slot, ts: string, pass: Pass): Promise<void> {
    this.#states.set(slot.name, slot.state);
    if (slot.where === 'card') this.#lastEditAt = this.#parts.clock.monotonic();
    await this.#setSlot(slot.name, { kind: 'posted', ts, hash: hashOf(slot.message) }, pass);
  }

  async #setSlot(name: string, state: SlotState | null, pass: Pass): Promise<void> {
    await this.#parts.threads.setSlot(this.cluster, this.rollout, name, state);
    if (state === null) pass.slots.delete(name);
    else pass.slots.set(name, state);
  }

  async #failed(sent: Exclude<Sent, { kind: 'sent' }>, slot: Slot, pass: Pass): Promise<Result> {
    const { pace, clock, log } = this.#parts;
    if (sent.kind === 'busy' && sent.code === 'no_card') return 'later';
    log.warn('a message could not be shown yet', { slot: slot.name, rollout: this.rollout, code: sent.code });
    if (sent.kind === 'busy' && sent.afterMs > 0) pace.quiet(clock.monotonic() + sent.afterMs);
    if (sent.kind === 'no-door') await this.#knock(pass.thread.rollout);
    this.#pause(sent.kind === 'no-door' ? DOOR_MS : this.#backoffMs());
    return 'later';
  }

  /** Nobody sees the thread: the requester at least learns why, once. */
  async #knock(rollout: Rollout): Promise<void> {
    if (this.#doorTold) return;
    this.#doorTold = true;
    const where = channelLink(rollout.channel);
    await this.#parts.tell(
      rollout,
      privateMessage(
        mrkdwn`I may not write in ${where}, so the plan cannot be shown. Invite me there with \`/invite\`; I try again by myself.`,
      ),
    );
  }

  #stumbled(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.log.warn('a thread could not be brought up to date', {
      rollout: this.rollout,
      cluster: this.cluster,
      message,
    });
    this.#pending = true;
    this.#pause(this.#backoffMs());
  }

  #backoffMs(): number {
    this.#failures += 1;
    return Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** Math.min(this.#failures - 1, 10));
  }

  #pause(ms: number): void {
    this.#notBefore = this.#parts.clock.monotonic() + ms;
  }
}

/** Loud: the rollout stands still, and no card says so. */
function brokenSlot(cluster: string, broken: UnreadableEntry): Slot {
  const message = unreadableMessage(cluster, unreadableSentence(broken));
  return { name: `unreadable:${broken.n}`, where: 'loud-reply', message, state: broken.why };
}

/** 16 hex digits over what is shown. */
export function hashOf(message: Message): string {
  return createHash('sha256').update(JSON.stringify(message)).digest('hex').slice(0, 16);
}
