// Plays one round: its moves one after the other, then calm, then people who want it to end; every effect is judged.
import type { Entry, RolloutEvent } from '../src/rollout/event.ts';
import { REQUESTER, type Scene } from '../test/engine/scene.ts';
import { Crowd, PROMPT_MS } from './crowd.ts';
import type { Round, Setup } from './draw.ts';
import { Hand } from './hand.ts';
import type { Move } from './move.ts';
import { closing } from './people.ts';
import { restOf } from './rest.ts';
import { type Broken, Sight } from './sight.ts';
import { nextStage, setStage } from './stage.ts';
import { Weather } from './weather.ts';
import { Window } from './window.ts';

export interface Walked {
  readonly broken: readonly Broken[];
  /** How many moves were made before the first invariant broke, or at all. */
  readonly made: number;
  readonly effects: number;
  /** Where it came to rest by itself, and how it ended at last. */
  readonly rest: string;
  readonly outcome: string;
  /** Names of the effects, in order: the same round has the same ones. */
  readonly trace: readonly string[];
  /** What was written down, in order: `drain-decided force`, `finished disarmed`; and what became of messages. */
  readonly facts: readonly string[];
  /** The last facts, for whoever has to understand it. */
  readonly story: string;
}

/**
 * In calm everything comes to rest within its limits. Whoever said "again" where the clock was two hours ahead made that wait as long
 * (docs/decisions/0027), so it is more than that.
 */
const CALM_MS = 3 * 3_600_000;
/** A person's every press ends or moves something, and a plan has some fifty steps. */
const MOST_PRESSES = 150;
/** Longer than anybody's lease. */
const SETTLED_MS = 60_000;

export async function walked(round: Round): Promise<Walked> {
  const walk = new Walk(round.setup);
  return await walk.plays(round.moves);
}

/** One rollout of a walk: its stage, whoever watches it, and whoever does something to it. */
interface Act {
  readonly scene: Scene;
  readonly sight: Sight;
  readonly crowd: Crowd;
  readonly hand: Hand;
}

class Walk {
  readonly #setup: Setup;
  readonly #weather = new Weather();
  readonly #trace: string[] = [];
  readonly #facts: string[] = [];
  #now: Act | null = null;
  #window: Window | null = null;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  get #act(): Act {
    if (this.#now === null) throw new Error('the stage is not set');
    return this.#now;
  }

  get #isBroken(): boolean {
    return this.#act.sight.broken.length > 0;
  }

  get #over(): boolean {
    return this.#act.sight.ledger.finished !== null;
  }

  async plays(moves: readonly Move[]): Promise<Walked> {
    const scene = await setStage(this.#setup, this.#weather);
    const { besides, further } = this.#setup;
    if (besides.announced) this.#window = new Window(scene.house, this.#weather, further);
    this.#enters(scene);
    for (let at = 0; at < this.#setup.processes; at += 1) this.#act.hand.starts();
    await this.#asks();
    let made = 0;
    let rest = 'nowhere';
    try {
      for (const move of moves) {
        if (this.#isBroken) break;
        // What was drawn for a rollout that is over has nobody to happen to.
        if (this.#over && !moves.slice(made).some((one) => one.do === 'settle')) break;
        made += 1;
        if (move.do === 'settle') await this.#settles(move);
        else if (!this.#over) await this.#act.hand.makes(move);
        this.#act.sight.look();
      }
      if (!this.#isBroken) rest = await this.#calms();
      if (!this.#isBroken) await this.#ends();
    } catch (error) {
      this.#act.sight.breaks(6, error instanceof Error ? error.message : String(error));
    }
    this.#leaves();
    this.#facts.push(...(this.#window?.met ?? []));
    const { sight } = this.#act;
    const outcome = sight.ledger.finished ?? 'not over';
    return {
      broken: sight.broken,
      made,
      effects: this.#trace.length,
      rest,
      outcome,
      trace: this.#trace,
      facts: this.#facts,
      story: this.#story(),
    };
  }

  #story(): string {
    try {
      return this.#act.scene.story();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #enters(scene: Scene): void {
    const { weather, window } = { weather: this.#weather, window: this.#window };
    const sight = new Sight(scene, weather, window);
    const crowd = new Crowd(scene, weather, (what) => sight.breaks(6, what));
    const hand = new Hand({ setup: this.#setup, scene, sight, crowd, weather, window });
    scene.tap(sight.tap);
    scene.tap(crowd.tap);
    weather.arrived = (wandering) => sight.arrived(wandering);
    weather.kill = (owner) => {
      for (const process of scene.house.living) if (process.owner === owner) hand.kills(process);
    };
    this.#now = { scene, sight, crowd, hand };
  }

  #leaves(): void {
    const { scene, sight } = this.#act;
    sight.retire();
    this.#trace.push(...scene.audit.effects.map(({ owner, name }) => `${owner} ${name}`));
    this.#facts.push(...this.#written().map(({ event }) => nameOf(event)));
  }

  /** A journal that contradicts itself says nothing: that has been told by then. */
  #written(): readonly Entry[] {
    try {
      return this.#act.scene.audit.entries;
    } catch {
      return [];
    }
  }

  async #asks(): Promise<void> {
    const { scene, crowd } = this.#act;
    crowd.says({ intent: scene.askIntent(), user: REQUESTER });
    await scene.house.time.advance(50);
  }

  /** It is given up where it is, and when it is over another one is asked about a node that it left armed. */
  async #settles({ goal, which }: Extract<Move, { do: 'settle' }>): Promise<void> {
    if (!this.#over) this.#act.crowd.says({ intent: { kind: 'abort' }, user: REQUESTER });
    await this.#calms();
    if (!this.#isBroken) await this.#ends();
    if (this.#isBroken) return;
    this.#leaves();
    this.#enters(nextStage(this.#act.scene, this.#weather, { goal, which }));
    await this.#asks();
  }

  /** Nothing more happens from outside: it must come to rest by itself, at a place where it may. */
  async #calms(): Promise<string> {
    const { scene, crowd, hand } = this.#act;
    const { house } = scene;
    hand.calms();
    if (scene.audit.rollout === null) return 'not asked';
    const rests = (): string | null => {
      const { rollout } = scene.audit;
      if (this.#isBroken) return 'broken';
      return rollout === null || crowd.isDriven(rollout.id) ? null : restOf(rollout);
    };
    await house.time.runUntil(() => rests() !== null, CALM_MS);
    return rests() ?? 'nowhere';
  }

  async #ends(): Promise<void> {
    const { scene, crowd, sight } = this.#act;
    const { house, audit } = scene;
    if (audit.rollout === null) return;
    const people = closing();
    crowd.chooses('leave');
    let presses = 0;
    const done = (): boolean => this.#over || this.#isBroken;
    while (!done()) {
      presses += 1;
      if (presses > MOST_PRESSES) throw new Error(`${MOST_PRESSES} presses did not end it`);
      const { rollout } = audit;
      const wish = rollout === null ? null : people(rollout);
      if (wish !== null) crowd.says(wish);
      await house.time.advance(PROMPT_MS);
      await house.time.runUntil(() => {
        const now = audit.rollout;
        return done() || (now !== null && !crowd.isDriven(now.id) && restOf(now) !== null);
      }, CALM_MS);
    }
    if (this.#isBroken) return;
    // Whoever held the mutex gives it back in its own time.
    await house.time.advance(SETTLED_MS);
    // Slack may be away when everything else is over: only now it is well.
    this.#window?.clear();
    await this.#window?.shows(scene.id);
    if (this.#setup.besides.leased) await sight.lease.looks(scene);
    sight.look();
    await sight.close();
  }
}

function nameOf(event: RolloutEvent): string {
  if (event.kind === 'drain-decided' && event.workloads !== undefined) return 'drain-decided leave owners';
  if ('choice' in event) return `${event.kind} ${event.choice}`;
  return 'outcome' in event ? `${event.kind} ${event.outcome}` : event.kind;
}
