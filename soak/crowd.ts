// Slack with everybody in it: presses reach some process, may be delivered twice, and must be heard of promptly.
import { type BotProcess, CLUSTER } from '../playground/doubles/house.ts';
import type { Tap } from '../playground/doubles/mortal.ts';
import type { DrainChoice } from '../src/rollout/blockade.ts';
import type { Asked, Intent } from '../src/rollout/intent.ts';
import { REQUESTER, type Scene } from '../test/engine/scene.ts';
import type { Move } from './move.ts';
import { drainPress, pressedBy, USERS } from './people.ts';
import type { Weather } from './weather.ts';

/** A sleeping rollout is looked at so soon after a press when bells are well, in milliseconds: a bell takes 5, the sweep 500. */
export const PROMPT_MS = 100;
/** After trouble with the store or a process, leases must run out before promptness means anything. */
const FAIR_MS = 8_000;
/** Between two looks of those who decide about drains, in milliseconds: people read a card before they press. */
const READ_MS = 1_500;

export class Crowd {
  bellsArePrompt = true;
  readonly #scene: Scene;
  readonly #weather: Weather;
  readonly #breaks: (what: string) => void;
  #deliveries = 0;
  /** When a process was started, killed or stopped last. */
  #unrestAt = 0;
  #heardAt = Number.NEGATIVE_INFINITY;
  /** What is done about a drain that asks; null = nobody answers. */
  #choice: DrainChoice | null = null;
  #how: 'alone' | 'together' = 'together';
  #reading = false;
  #answered = '';

  constructor(scene: Scene, weather: Weather, breaks: (what: string) => void) {
    this.#scene = scene;
    this.#weather = weather;
    this.#breaks = breaks;
  }

  /** Notes when a process looks at a journal. */
  readonly tap: Tap = {
    before: ({ method }) => {
      if (method === 'take' || method === 'read') this.#heardAt = this.#scene.house.time.now();
    },
  };

  /** A process came or went. */
  unrest(at = this.#scene.house.time.now()): void {
    this.#unrestAt = at;
  }

  presses({ wish, user, again }: Extract<Move, { do: 'press' }>): void {
    const { rollout } = this.#scene.audit;
    const pressed = rollout === null ? null : pressedBy(wish, USERS[user] ?? '', rollout);
    if (pressed === null) return;
    const { intent, user: who, rollout: other } = pressed;
    const asked = { intent, user: who, delivery: this.#delivery() };
    const target = other ?? this.#scene.id;
    void this.#sends(asked, target, user);
    if (again !== null) this.#weather.time.after(again, () => void this.#sends(asked, target, user + 1));
  }

  /** Once, to this rollout, to whoever hears it first. */
  says({ intent, user }: { readonly intent: Intent; readonly user: string }): void {
    void this.#sends({ intent, user, delivery: this.#delivery() }, this.#scene.id, 0);
  }

  /** What two people do about each drain that asks from now on, or one of them without the other. */
  chooses(choice: DrainChoice | null, how: 'alone' | 'together' = 'together'): void {
    this.#choice = choice;
    this.#how = how;
    if (!this.#reading && choice !== null) this.#reads();
  }

  #reads(): void {
    const { rollout } = this.#scene.audit;
    this.#reading = this.#choice !== null && rollout?.phase.phase !== 'finished';
    if (!this.#reading || this.#choice === null) return;
    const press = rollout === null ? null : drainPress(rollout, this.#choice);
    const answer = JSON.stringify(press);
    // Each says it once to each question.
    if (press !== null && answer !== this.#answered)
      this.says(this.#how === 'alone' ? { ...press, user: REQUESTER } : press);
    this.#answered = answer;
    this.#weather.time.after(READ_MS, () => this.#reads());
  }

  isDriven(rollout: string): boolean {
    return this.#scene.house.living.some(({ driver }) => driver.seen(rollout) !== null);
  }

  #delivery(): string {
    this.#deliveries += 1;
    return `crowd-${this.#scene.id}-${this.#deliveries}`;
  }

  /** Whoever it is said to may die over it: then it was said to nobody. */
  async #sends(asked: Asked, rollout: string, which: number): Promise<void> {
    const { living } = this.#scene.house;
    const process: BotProcess | undefined = living[which % Math.max(1, living.length)];
    if (process === undefined) return;
    const idle = !this.isDriven(rollout);
    const submitted = await process.submit({ cluster: CLUSTER, rollout }, asked).catch(() => null);
    if (submitted?.kind === 'taken' && idle) this.#mustBeHeard(asked.intent.kind);
  }

  /** Bells are prompt: a press at a sleeping rollout waits for no sweep (docs/architecture.md). */
  #mustBeHeard(what: string): void {
    const { house } = this.#scene;
    const since = house.time.now();
    const isFair = (): boolean =>
      this.bellsArePrompt &&
      this.#weather.fairFor(FAIR_MS) &&
      since - this.#unrestAt >= FAIR_MS &&
      house.living.length > 0;
    if (!isFair()) return;
    house.time.after(PROMPT_MS, () => {
      if (isFair() && this.#heardAt <= since)
        this.#breaks(`"${what}" was pressed, and nobody looked within ${PROMPT_MS} ms`);
    });
  }
}
