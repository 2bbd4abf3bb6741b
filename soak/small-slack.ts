// A Slack that can not be relied upon: messages, and answers that come late, come not, or say "not now".
import { WebAPIRateLimitedError, WebAPIRequestError, type WebClient } from '@slack/web-api';
import type { SimulatedTime } from '../playground/doubles/clock.ts';
import type { Life } from '../playground/doubles/mortal.ts';

/** busy: 429; silent: not reached; deaf: it does what it is asked, and its answer is lost; hiccup: the next message does not arrive. */
export type Mood = 'well' | 'busy' | 'silent' | 'deaf' | 'hiccup';

export interface Shown {
  readonly ts: string;
  readonly rollout: string;
  readonly slot: string;
  readonly thread: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  text: string;
  readonly metadata: Posting['metadata'];
}

/** From the call until Slack has done it, and from then until its answer is heard, in milliseconds. */
const THERE_MS = 40;
const BACK_MS = 60;
/** Seconds that it asks to be left alone. */
const BUSY_S = 2;

interface Posting {
  readonly text: string;
  readonly thread_ts?: string;
  readonly metadata: {
    readonly event_type: string;
    readonly event_payload: { readonly rollout: string; readonly slot: string };
  };
}

/** Where it is looked for; `oldest`: seconds since 1970. */
interface Looking {
  readonly ts?: string;
  readonly oldest: string;
  readonly limit: number;
}

export class SmallSlack {
  readonly shown: Shown[] = [];
  mood: Mood = 'well';
  readonly #time: SimulatedTime;
  /** How often a message was made and its maker did not learn of it, by name. */
  readonly #unheard = new Map<string, number>();
  #unanswered = 0;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  unheard(rollout: string, slot: string): number {
    return this.#unheard.get(`${rollout} ${slot}`) ?? 0;
  }

  /** How often it did not say what is there. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** A message is there of which nobody remembers that it is. */
  forgotten(rollout: string, slot: string): void {
    this.#unheard.set(`${rollout} ${slot}`, this.unheard(rollout, slot) + 1);
  }

  /** Slack as this process has it. */
  client(life: Life): WebClient {
    const chat = {
      postMessage: (posting: Posting) =>
        this.#answers(() => ({ ok: true, ts: this.#post(posting) }), this.#nameOf(posting), life),
      update: ({ ts, text }: { readonly ts: string; readonly text: string }) =>
        this.#answers(() => ({ ok: true, ts: this.#edit(ts, text) }), null, life),
    };
    const filesUploadV2 = () => this.#answers(() => ({ ok: true, ts: '' }), null, life);
    const conversations = {
      history: (looking: Looking) => this.#looks(looking, life),
      replies: (looking: Looking) => this.#looks(looking, life),
    };
    // Everything of the client that the announcer calls.
    return { chat, conversations, filesUploadV2 } as unknown as WebClient;
  }

  /** The newest ones of the channel, or of one thread with the message that it hangs on. */
  async #looks({ ts: top, oldest, limit }: Looking, life: Life): Promise<object> {
    const sees = ({ thread, at, ...shown }: Shown): boolean =>
      (thread === (top ?? null) || shown.ts === top) && at >= Number(oldest) * 1_000;
    try {
      return await this.#answers(() => this.#newest(sees, limit), null, life);
    } catch (error) {
      this.#unanswered += 1;
      throw error;
    }
  }

  #newest(sees: (shown: Shown) => boolean, limit: number): object {
    const messages = this.shown.filter(sees).slice(-limit).reverse();
    return { ok: true, messages: messages.map(({ ts, metadata }) => ({ ts, metadata })) };
  }

  #nameOf({ metadata }: Posting): readonly [string, string] {
    const { rollout, slot } = metadata.event_payload;
    return [rollout, slot];
  }

  #post(posting: Posting): string {
    const [rollout, slot] = this.#nameOf(posting);
    const ts = `${this.shown.length + 1}.000000`;
    const { text, thread_ts: thread = null, metadata } = posting;
    this.shown.push({ ts, rollout, slot, thread, at: this.#time.now(), text, metadata });
    return ts;
  }

  #edit(ts: string, text: string): string {
    const message = this.shown.find((one) => one.ts === ts);
    if (message !== undefined) message.text = text;
    return ts;
  }

  async #answers<T>(act: () => T, made: readonly [string, string] | null, life: Life): Promise<T> {
    await this.#passes(THERE_MS);
    const { mood } = this;
    if (mood === 'hiccup' && made !== null) {
      this.mood = 'well';
      throw new WebAPIRequestError(new Error('ECONNRESET'));
    }
    if (mood === 'busy') throw new WebAPIRateLimitedError(BUSY_S);
    if (mood === 'silent') throw new WebAPIRequestError(new Error('ECONNREFUSED'));
    const answer = act();
    await this.#passes(BACK_MS);
    if (made !== null && (mood === 'deaf' || !life.alive)) this.forgotten(...made);
    if (mood === 'deaf') throw new WebAPIRequestError(new Error('ECONNRESET'));
    return answer;
  }

  #passes(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#time.after(ms, resolve);
    });
  }
}
