// Brings the messages of one thread in line with what they should say: missing → post, changed → edit, deleted or not to be edited → post again.
import type { SlotState, Threads } from '../engine/ports/threads.ts';
import { Door } from './door.ts';
import { isLeftBehind, leaveBehind } from './left-behind.ts';
import { isRefused, type Lost, LostEdits } from './lost-edits.ts';
import { Pace } from './pace.ts';
import { Patience } from './patience.ts';
import { PostingMarks } from './posting-marks.ts';
import { hashOf, type Posted, UNREAD } from './shown.ts';
import type { Trouble } from './slack-calls.ts';
import { editSlot, findSlot, NOT_SHOWN, sendSlot, type Whose } from './slot-calls.ts';
import { isLookedAfter, StillThere, type StillThereParts } from './still-there.ts';
import type { Slot } from './thread.ts';

export interface OutboxParts extends StillThereParts {
  readonly threads: Threads;
}

/** A channel that must be opened to us by a person. */
const DOOR_MS = 10_000;
/** About eight minutes of an outage of files alone; what the file is of is in the thread, folded. */
const FILE_TRIES = 20;
/** Slack does not say whether a message is there: after so many questions it is posted, at worst a second time. */
const SEARCHES = 5;

/** again: all is said, and some of it has to be said once more in a while. */
export type Result = 'fine' | 'again' | 'later';

/** Everything one pass over the slots needs to know. */
export interface Pass {
  readonly thread: { readonly rollout: Whose; readonly slots: readonly Slot[] };
  readonly slots: Map<string, SlotState>;
  /** Nobody is asked anything any more: what does not change is left alone. */
  readonly isOver: boolean;
}

export class Outbox {
  readonly #parts: OutboxParts;
  readonly #at: { readonly cluster: string; readonly rollout: string };
  /** Of the whole thread. */
  readonly #patience: Patience;
  /** Files go to a host of their own: when that one is sick, nothing else waits for it. */
  readonly #filePatience: Patience;
  readonly #marks = new PostingMarks();
  readonly #there: StillThere;
  readonly #lost = new LostEdits();
  /** Per slot: the state its message showed last, to tell progress from changes. */
  readonly #states = new Map<string, string>();
  /** Per slot: how often Slack did not say whether its message is there. */
  readonly #searches = new Map<string, number>();
  /** Slots whose blocks were refused: the next try is the sentence alone. */
  readonly #plain = new Set<string>();
  /** Slots whose message may not be edited: not worth a new one before their state changes. */
  readonly #frozen = new Set<string>();
  readonly #door: Door;
  #lastEditAt = Number.NEGATIVE_INFINITY;

  constructor(parts: OutboxParts, at: { cluster: string; rollout: string }, patience: Patience) {
    this.#parts = parts;
    this.#at = at;
    this.#patience = patience;
    this.#filePatience = new Patience(parts.clock);
    this.#there = new StillThere(parts, at.rollout);
    this.#door = new Door(parts);
  }

  /** When the card was edited last. */
  get lastEditAt(): number {
    return this.#lastEditAt;
  }

  /** Another process may have spoken meanwhile. */
  forget(): void {
    this.#door.forget();
    this.#states.clear();
    this.#there.forget();
    this.#lost.forget();
  }

  /** Posts in order; an edit never waits behind a post, and nothing waits behind a file. */
  async bring(pass: Pass): Promise<Result> {
    let result: Result = 'fine';
    let posting = true;
    for (const slot of pass.thread.slots) {
      const state = pass.slots.get(slot.name);
      if (state?.kind !== 'posted') {
        if (posting && (await this.#posted(slot, state, pass)) === 'fine') continue;
        posting &&= slot.where === 'file';
        result = 'later';
        continue;
      }
      const edited = await this.#edited(slot, state, pass);
      if (edited === 'later' || result === 'fine') result = edited;
    }
    return result;
  }

  async #posted(slot: Slot, state: SlotState | undefined, pass: Pass): Promise<Result> {
    const { threads, clock } = this.#parts;
    if (!this.#mayPost(slot, state, pass)) return 'later';
    if (state?.kind === 'posting' && !(await this.#isAbsent(slot, state.since, pass))) return 'later';
    const since = clock.now();
    await threads.setSlot(this.#at.cluster, this.#at.rollout, slot.name, { kind: 'posting', since });
    this.#marks.see(slot.name, since, clock.monotonic());
    const plain = this.#plain.has(slot.name);
    const last = this.#filePatience.failures >= FILE_TRIES;
    const under = { rollout: pass.thread.rollout, card: cardOf(pass), plain, last };
    const sent = await sendSlot(this.#parts, slot, under);
    if (sent.kind === 'sent') {
      await this.#remember(slot, sent.ts, pass);
      return 'fine';
    }
    // What may have been sent stays "posting": it is posted again only after the grace.
    if (sent.kind !== 'lost') await this.#setSlot(slot.name, null, pass);
    if (sent.kind === 'gone') await this.#setSlot('card', null, pass);
    return sent.kind === 'unfit' ? this.#unfit(slot, sent.code, pass) : this.#failed(sent, slot, pass);
  }

  #mayPost(slot: Slot, state: SlotState | undefined, { thread }: Pass): boolean {
    const { clock, speaker, pace } = this.#parts;
    const now = clock.monotonic();
    if (slot.where === 'file' && !this.#filePatience.isOver) return false;
    if (state?.kind === 'posting') {
      this.#marks.see(slot.name, state.since, now);
      if (this.#marks.isFresh(slot.name, now)) return false;
    }
    if (!speaker.speaking()) return false;
    return slot.where === 'private' || pace.mayPost(thread.rollout.channel, now);
  }

  /** A message whose posting was never answered may be there after all; what it says is made up to date like any other. */
  async #isAbsent(slot: Slot, since: number, pass: Pass): Promise<boolean> {
    const { rollout } = pass.thread;
    // Who wrote a time that is still to come had another time of day: then all of the newest messages are looked through.
    const sinceMs = since <= this.#parts.clock.now() ? since : 0;
    const found = await findSlot(this.#parts, slot, { rollout, card: cardOf(pass), sinceMs });
    if (found.kind === 'found') {
      await this.#setSlot(slot.name, { kind: 'posted', ts: found.ts, hash: UNREAD }, pass);
      return false;
    }
    const asked = (this.#searches.get(slot.name) ?? 0) + 1;
    if (found.kind === 'absent' || asked >= SEARCHES) {
      this.#searches.delete(slot.name);
      return true;
    }
    this.#searches.set(slot.name, asked);
    const { code, afterMs } = found;
    this.#parts.log.warn('a message could not be looked for yet', { ...this.#named(slot), code });
    this.#patience.failed(afterMs);
    return false;
  }

  async #edited(slot: Slot, state: Posted, pass: Pass): Promise<Result> {
    const { clock, speaker, pace } = this.#parts;
    if (slot.where === 'private' || slot.where === 'file') return 'fine';
    if (!pass.isOver && isLeftBehind(slot, state.ts, cardOf(pass)))
      return this.#leftBehind(slot, state, pass);
    const now = clock.monotonic();
    const lost = this.#lost.see(slot.name, state, now);
    const isSame = state.hash === hashOf(slot.message);
    if (isSame && lost !== 'past') return this.#unchanged(slot, state, pass, lost);
    if (state.ts === NOT_SHOWN) return this.#postAgain(slot, pass);
    const isCard = slot.where === 'card';
    const urgency = isSame || (isCard && this.#states.get(slot.name) === slot.state) ? 'progress' : 'state';
    if (urgency === 'progress') {
      if (this.#frozen.has(slot.name)) return 'fine';
      const early = now - this.#lastEditAt < Pace.progressMs(this.#parts.liveCards());
      if (isCard && early) return resultOf(lost);
    }
    if (!speaker.speaking() || !pace.mayEdit(`${this.#at.rollout}/${state.ts}`, urgency, now)) return 'later';
    if (isCard) this.#lastEditAt = now;
    // Until it is answered nobody knows what it shows: an edit that was lost on its way back must not pass for what was there before.
    if (state.hash !== '') await this.#setSlot(slot.name, { ...state, hash: '' }, pass);
    const plain = this.#plain.has(slot.name);
    const { channel } = pass.thread.rollout;
    const sent = await editSlot(this.#parts, slot, { channel, ts: state.ts, plain });
    if (sent.kind === 'lost') this.#lost.lost(slot.name, clock.monotonic());
    else if (isRefused(sent) && speaker.speaking()) await this.#setSlot(slot.name, state, pass);
    switch (sent.kind) {
      case 'sent':
        await this.#remember(slot, state.ts, pass, lost === 'open');
        return lost === 'open' ? 'again' : 'fine';
      case 'gone':
        // Nothing new was to be said: where it does not come back by itself, it stays deleted.
        if (isSame && (pass.isOver || !isLookedAfter(slot))) {
          await this.#remember(slot, state.ts, pass);
          return 'fine';
        }
        return this.#postAgain(slot, pass);
      case 'frozen':
        if (urgency === 'state') return this.#postAgain(slot, pass);
        this.#frozen.add(slot.name);
        return 'fine';
      case 'unfit':
        return this.#unfit(slot, sent.code, pass, state.ts);
      default:
        return this.#failed(sent, slot, pass);
    }
  }

  async #unchanged(slot: Slot, state: Posted, pass: Pass, lost: Lost): Promise<Result> {
    const { clock, speaker } = this.#parts;
    const shown = { slot, channel: pass.thread.rollout.channel, ts: state.ts };
    if (pass.isOver || !this.#there.mayAsk(shown)) return resultOf(lost);
    // The same contents are older ones by the time they arrive, when that is late.
    if (lost === 'none') await this.#setSlot(slot.name, { ...state, again: true }, pass);
    const answer = await this.#there.ask(shown);
    if (answer === 'gone') return this.#postAgain(slot, pass);
    if (answer === 'lost') {
      this.#lost.lost(slot.name, clock.monotonic());
      return 'again';
    }
    if (lost === 'none' && speaker.speaking()) await this.#setSlot(slot.name, state, pass);
    return resultOf(lost);
  }

  async #leftBehind(slot: Slot, { ts }: Posted, pass: Pass): Promise<Result> {
    const { clock, speaker, pace } = this.#parts;
    const now = clock.monotonic();
    if (!speaker.speaking() || !pace.mayEdit(`${this.#at.rollout}/${ts}`, 'state', now)) return 'later';
    const trouble = await leaveBehind(this.#parts, { channel: pass.thread.rollout.channel, ts });
    return trouble === null ? this.#postAgain(slot, pass) : this.#failed(trouble, slot, pass);
  }

  /** In the next pass. Who may not speak any more knows no longer what is there: somebody else may have posted it again meanwhile. */
  async #postAgain(slot: Slot, pass: Pass): Promise<Result> {
    if (!this.#parts.speaker.speaking()) return 'later';
    this.#frozen.delete(slot.name);
    await this.#setSlot(slot.name, null, pass);
    return 'later';
  }

  /**
   * The sentence alone is better than silence; it takes a right of its own in the next pass. A message that is refused even so is given
   * up until it says something else, because those after it matter more: all but the card, which they hang on.
   */
  async #unfit(slot: Slot, code: string, pass: Pass, ts = NOT_SHOWN): Promise<Result> {
    const { log } = this.#parts;
    if (!this.#plain.has(slot.name)) {
      this.#plain.add(slot.name);
      log.error('Slack refused the blocks of a message', { ...this.#named(slot), code });
      return 'later';
    }
    log.error('Slack refused a message altogether', { ...this.#named(slot), code });
    if (slot.name !== 'card' || ts !== NOT_SHOWN) {
      await this.#remember(slot, ts, pass);
      return 'fine';
    }
    this.#patience.failed();
    return 'later';
  }

  /** `again`: it is to be said once more. */
  async #remember(slot: Slot, ts: string, pass: Pass, again = false): Promise<void> {
    this.#states.set(slot.name, slot.state);
    this.#marks.clear(slot.name);
    // Other contents may have blocks that fit.
    if (this.#plain.delete(slot.name)) this.#there.leave(slot, ts);
    else this.#there.saw(slot, ts);
    if (slot.where === 'card') this.#lastEditAt = this.#parts.clock.monotonic();
    const state = { kind: 'posted', ts, hash: hashOf(slot.message) } as const;
    await this.#setSlot(slot.name, again ? { ...state, again } : state, pass);
  }

  async #setSlot(name: string, state: SlotState | null, pass: Pass): Promise<void> {
    await this.#parts.threads.setSlot(this.#at.cluster, this.#at.rollout, name, state);
    if (state === null) pass.slots.delete(name);
    else pass.slots.set(name, state);
  }

  async #failed(sent: Trouble, slot: Slot, pass: Pass): Promise<Result> {
    const { pace, clock, log } = this.#parts;
    if (sent.kind === 'busy' && sent.code === 'no_card') return 'later';
    log.warn('a message could not be shown yet', { ...this.#named(slot), code: sent.code });
    if (sent.kind === 'busy' && sent.afterMs > 0) pace.quiet(clock.monotonic() + sent.afterMs);
    if (sent.kind === 'no-door') await this.#door.knock(pass.thread.rollout);
    const patience = slot.where === 'file' ? this.#filePatience : this.#patience;
    if (sent.kind === 'no-door') patience.pause(DOOR_MS);
    else patience.failed();
    return 'later';
  }

  #named({ name }: Slot): { readonly slot: string; readonly rollout: string } {
    return { slot: name, rollout: this.#at.rollout };
  }
}

/** The message the thread hangs on. */
function cardOf({ slots }: Pass): string | null {
  const card = slots.get('card');
  return card?.kind === 'posted' ? card.ts : null;
}

/** What has to be said once more keeps a thread open, and nothing waiting. */
function resultOf(lost: Lost): Result {
  return lost === 'none' ? 'fine' : 'again';
}
