// Who keeps the thread of a walk: speakers that are killed and started on one record, and what the thread must show when all is over.
import { CLUSTER, type House } from '../playground/doubles/house.ts';
import { Life } from '../playground/doubles/mortal.ts';
import { MemoryThreads } from '../playground/doubles/store.ts';
import { Announcer } from '../src/bot/announce.ts';
import { Pace } from '../src/bot/pace.ts';
import { Speaker } from '../src/bot/speaker.ts';
import { type Slot, threadOf } from '../src/bot/thread.ts';
import { Fault } from '../src/engine/ports/fault.ts';
import type { Log } from '../src/engine/ports/log.ts';
import type { Threads } from '../src/engine/ports/threads.ts';
import type { Entry } from '../src/rollout/event.ts';
import { withThreads } from '../test/builders/changed-threads.ts';
import type { Move } from './move.ts';
import { SmallSlack } from './small-slack.ts';
import type { Weather } from './weather.ts';

/** Longer than the longest pause after failures, and than a thread full of messages takes at Slack's pace, in milliseconds. */
const SHOWN_MS = 15 * 60_000;
/** An answer may still come for 3 s, which are counted from before a slow store was asked, in milliseconds. */
const AGAIN_MS = 1_500;
/** Slack is asked so often whether a message is there; when it never says, the message is made once more. */
const SEARCHES = 5;

export class Window {
  readonly #house: House;
  readonly #weather: Weather;
  readonly #slack: SmallSlack;
  readonly #threads: MemoryThreads;
  /** Whether messages of ours may be looked for. */
  readonly #reads: boolean;
  /** Messages whose places are written down. */
  readonly #noted = new Set<string>();
  /** Messages that were found by their marks, or made once more. */
  #foundAgain = 0;
  /** How many notes of places are lost next. */
  #notesLost = 0;
  #lives: readonly Life[] = [];
  #started = 0;
  #said = 0;

  constructor(house: House, weather: Weather, { reads }: { readonly reads: boolean }) {
    this.#house = house;
    this.#reads = reads;
    this.#weather = weather;
    this.#slack = new SmallSlack(house.time);
    this.#threads = new MemoryThreads(house.time, house.journal);
    this.#starts();
  }

  becomes(is: Extract<Move, { do: 'window' }>['is'], ms: number): void {
    switch (is) {
      case 'killed': {
        const [first] = this.#living;
        first?.end();
        this.#house.time.after(ms, () => this.#starts());
        return;
      }
      case 'second':
        this.#starts();
        return;
      case 'unnoted':
        this.#notesLost += 1;
        return;
      default: {
        this.#slack.mood = is;
        this.#said += 1;
        const said = this.#said;
        this.#house.time.after(ms, () => {
          if (said === this.#said) this.#slack.mood = 'well';
        });
      }
    }
  }

  /** Slack answers, and somebody speaks. */
  clear(): void {
    this.#slack.mood = 'well';
    this.#notesLost = 0;
    this.#starts();
  }

  /** Until the thread of this rollout shows its end. Throws when it does not come to that. */
  async shows(rollout: string): Promise<void> {
    const isOpen = (): boolean => this.#house.journal.openOf(CLUSTER).some((one) => one.rollout === rollout);
    await this.#house.time.runUntil(() => !isOpen(), SHOWN_MS).catch(() => undefined);
  }

  /** What the thread lacks, has too often, or has in the wrong order, each as a sentence. */
  *troubles(rollout: string, entries: readonly Entry[]): Generator<string> {
    if (this.#house.journal.openOf(CLUSTER).some((one) => one.rollout === rollout))
      yield 'the thread never came to its end';
    const { policy, time } = this.#house;
    const due = (threadOf({ entries, policy, notes: {}, now: time.now() })?.slots ?? []).filter(
      ({ where }) => where !== 'private' && where !== 'file',
    );
    const mine = this.#slack.shown.filter((one) => one.rollout === rollout);
    for (const { slot } of mine)
      if (!due.some(({ name }) => name === slot)) yield `the thread shows ${slot}, which is no part of it`;
    for (const slot of due) yield* this.#slotTroubles(rollout, slot);
    const firsts = due.map(({ name }) => mine.findIndex(({ slot }) => slot === name));
    const behind = due.find((_, at) => at > 0 && (firsts[at] ?? 0) < (firsts[at - 1] ?? 0));
    if (behind !== undefined) yield `the message ${behind.name} is above the one before it`;
  }

  /** Once, and once more for each time nobody learned that it was there, nor could find out. */
  *#slotTroubles(rollout: string, { name, message }: Slot): Generator<string> {
    const copies = this.#slack.shown.filter((one) => one.rollout === rollout && one.slot === name);
    const last = copies.at(-1);
    const { unanswered } = this.#slack;
    const most = this.#reads ? Math.floor(unanswered / SEARCHES) : Number.POSITIVE_INFINITY;
    const allowed = 1 + Math.min(most, this.#slack.unheard(rollout, name));
    if (last === undefined) yield `the message ${name} is lost: ${message.text}`;
    else if (last.text !== message.text)
      yield `the message ${name} says "${last.text}" and not "${message.text}"`;
    if (copies.some(({ at }, n) => at - (copies[n - 1]?.at ?? Number.NEGATIVE_INFINITY) < AGAIN_MS))
      yield `the message ${name} was posted again at once`;
    if (copies.length > allowed) yield `the message ${name} is there ${copies.length} times, not ${allowed}`;
  }

  /** What became of messages of which nobody had written down where they are. */
  get met(): readonly string[] {
    const names = this.#slack.shown.map(({ rollout, slot }) => `${rollout} ${slot}`);
    return [
      ...(this.#foundAgain > 0 ? ['message found again'] : []),
      ...(new Set(names).size < names.length ? ['message posted twice'] : []),
    ];
  }

  /** Only what nothing else tells is heard. */
  get #log(): Log {
    const info = (said: string): void => {
      if (said === 'a message was found again') this.#foundAgain += 1;
    };
    return { info, warn: () => undefined, error: () => undefined };
  }

  get #living(): readonly Life[] {
    return this.#lives.filter(({ alive }) => alive);
  }

  /** Never more than two: the third would only wait for the right to speak as the second does. */
  #starts(): void {
    if (this.#living.length > 1) return;
    this.#started += 1;
    const life = new Life(`speaker-${this.#started}`);
    this.#lives = [...this.#living, life];
    const { house, weather } = { house: this.#house, weather: this.#weather };
    const clock = life.clock(house.time.engineClock());
    const threads = life.port<Threads>(this.#noting(weather.troubled(this.#losing(), life.owner)), {});
    new Announcer({
      client: this.#slack.client(life),
      journal: life.port(weather.troubled(house.journal, life.owner), {}),
      threads,
      clock,
      log: this.#log,
      reads: this.#reads,
      clusters: [CLUSTER],
      pace: new Pace(),
      speaker: new Speaker(threads, clock, { workspace: 'T1', owner: life.owner }),
      policyOf: () => house.policy,
      channelOf: () => null,
      tell: async () => true,
    }).start();
  }

  /** The records, which fail now and then to write down the place of a message that was just posted. */
  #losing(): Threads {
    return withThreads(this.#threads, {
      setSlot: async (cluster, rollout, slot, state) => {
        const isNew = state?.kind === 'posted' && !this.#noted.has(state.ts);
        if (isNew && this.#notesLost > 0) {
          this.#notesLost -= 1;
          throw new Fault('unreachable', 'the store does not answer');
        }
        await this.#threads.setSlot(cluster, rollout, slot, state);
        if (isNew) this.#noted.add(state.ts);
      },
    });
  }

  /** A message whose place could not be written down may be made once more. */
  #noting(threads: Threads): Threads {
    return withThreads(threads, {
      setSlot: async (cluster, rollout, slot, state) => {
        try {
          await threads.setSlot(cluster, rollout, slot, state);
        } catch (error) {
          if (state?.kind === 'posted' && !this.#noted.has(state.ts)) this.#slack.forgotten(rollout, slot);
          throw error;
        }
      },
    });
  }
}
