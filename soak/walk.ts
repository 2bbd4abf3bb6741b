// Plays one round: its moves one after the other, then calm, then people who want it to end; every effect is judged.
import { type BotProcess, CLUSTER } from '../playground/doubles/house.ts';
import { crashing } from '../test/engine/crash.ts';
import { APPROVER, REQUESTER, type Scene, SECOND_APPROVER } from '../test/engine/scene.ts';
import { Crowd, PROMPT_MS } from './crowd.ts';
import type { Round, Setup } from './draw.ts';
import type { Move } from './move.ts';
import { closing } from './people.ts';
import { restOf } from './rest.ts';
import { type Broken, Sight } from './sight.ts';
import { setStage } from './stage.ts';
import { Weather } from './weather.ts';

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

export async function walked(round: Round): Promise<Walked> {
  const walk = new Walk(round.setup);
  return await walk.plays(round.moves);
}

class Walk {
  readonly #setup: Setup;
  readonly #weather = new Weather();
  #scene: Scene | null = null;
  #seen: Sight | null = null;
  #people: Crowd | null = null;
  #isCalm = false;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  get #stage(): Scene {
    if (this.#scene === null) throw new Error('the stage is not set');
    return this.#scene;
  }

  get #sight(): Sight {
    if (this.#seen === null) throw new Error('the stage is not set');
    return this.#seen;
  }

  get #crowd(): Crowd {
    if (this.#people === null) throw new Error('the stage is not set');
    return this.#people;
  }

  async plays(moves: readonly Move[]): Promise<Walked> {
    await this.#opens();
    let made = 0;
    let rest = 'nowhere';
    try {
      for (const move of moves) {
        if (this.#over || this.#sight.broken.length > 0) break;
        made += 1;
        await this.#makes(move);
        this.#sight.look();
      }
      if (this.#sight.broken.length === 0) rest = await this.#calms();
      if (this.#sight.broken.length === 0) await this.#ends();
    } catch (error) {
      this.#sight.breaks(6, error instanceof Error ? error.message : String(error));
    }
    const { audit } = this.#stage;
    const outcome = this.#sight.ledger.finished ?? 'not over';
    const trace = audit.effects.map(({ owner, name }) => `${owner} ${name}`);
    return {
      broken: this.#sight.broken,
      made,
      effects: trace.length,
      rest,
      outcome,
      trace,
      story: this.#story(),
    };
  }

  #story(): string {
    try {
      return this.#stage.story();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  get #over(): boolean {
    return this.#sight.ledger.finished !== null;
  }

  async #opens(): Promise<void> {
    this.#scene = await setStage(this.#setup, this.#weather);
    this.#seen = new Sight(this.#scene, this.#weather);
    const { house } = this.#scene;
    this.#people = new Crowd(this.#scene, this.#weather, (what) => this.#sight.breaks(6, what));
    this.#scene.tap(this.#seen.tap);
    this.#scene.tap(this.#people.tap);
    this.#weather.arrived = (wandering) => this.#sight.arrived(wandering);
    this.#weather.kill = (owner) => {
      for (const process of house.living) if (process.owner === owner) this.#kills(process);
    };
    for (let at = 0; at < this.#setup.processes; at += 1) this.#starts();
    this.#people.says({ intent: this.#scene.askIntent(), user: REQUESTER });
    await house.time.advance(50);
  }

  #starts(): void {
    this.#crowd.unrest();
    this.#stage.start();
  }

  #kills(process: BotProcess): void {
    this.#crowd.unrest();
    process.kill();
  }

  #of(which: number): BotProcess | null {
    const { living } = this.#stage.house;
    return living[which % Math.max(1, living.length)] ?? null;
  }

  async #makes(move: Move): Promise<void> {
    const { house } = this.#stage;
    const weather = this.#weather;
    switch (move.do) {
      case 'wait':
        return await house.time.advance(move.ms);
      case 'press':
        return this.#crowd.presses(move);
      case 'fault':
        return this.#faults(move);
      case 'heal':
        house.world.heal();
        return;
      case 'start':
        return this.#starts();
      case 'kill': {
        const process = this.#of(move.which);
        if (process !== null) this.#kills(process);
        return;
      }
      case 'stop':
        this.#crowd.unrest();
        void this.#of(move.which)?.stop(STOP_MS);
        return;
      case 'crash':
        return this.#crashes(move);
      case 'store':
        return weather.storeIs(move.is, move.which === null ? null : this.#nameOf(move.which), move.ms);
      case 'bells':
        return this.#bells(move.are);
      case 'ring':
        return await house.bells.ring({
          goal: this.#stage.goal.kind,
          cluster: CLUSTER,
          rollout: this.#stage.id,
        });
      case 'clock':
        return weather.putClock(this.#nameOf(move.which), move.ms);
      case 'late':
        return weather.loseNext(move.ms);
      case 'streams':
        return weather.silence(move.are === 'silent');
      case 'policy':
        return house.changePolicy({
          approvers:
            move.approvers === 'all'
              ? [REQUESTER, APPROVER, SECOND_APPROVER]
              : (FEWER[this.#setup.approvals] ?? []),
        });
    }
  }

  #nameOf(which: number): string {
    return this.#of(which)?.owner ?? '';
  }

  #faults({ name, params }: Extract<Move, { do: 'fault' }>): void {
    const { world } = this.#stage.house;
    // Of several learners nobody could be elected any more; and the only member is never one.
    const cannot = name === 'etcd-learner' && (this.#setup.controlPlanes === 1 || this.#isActive(name));
    if (cannot || (name === 'etcd-disagrees' && params['node'] === params['missing'])) return;
    try {
      world.inject(name, params);
    } catch {
      // A leader that cannot be, a reboot of a machine that is down: nothing happens then.
    }
  }

  #isActive(fault: string): boolean {
    return this.#stage.house.world.activeFaults().some(({ name }) => name === fault);
  }

  #crashes({ ahead, when }: Extract<Move, { do: 'crash' }>): void {
    const scene = this.#stage;
    const at = scene.audit.effects.length + ahead;
    const crash = crashing(scene, { at, when });
    scene.tap({
      before: (call) => this.#isCalm || crash.before?.(call),
      after: (call) => this.#isCalm || crash.after?.(call),
    });
    this.#crowd.unrest(Number.POSITIVE_INFINITY);
  }

  #bells(are: Extract<Move, { do: 'bells' }>['are']): void {
    this.#crowd.bellsArePrompt = are === 'prompt' || are === 'doubled';
    this.#stage.house.bells.carry = () => CARRIED[are];
  }

  /** Nothing more happens from outside: it must come to rest by itself, at a place where it may. */
  async #calms(): Promise<string> {
    const { house } = this.#stage;
    this.#isCalm = true;
    this.#weather.clear();
    this.#bells('prompt');
    house.world.heal();
    house.changePolicy({ approvers: [REQUESTER, APPROVER, SECOND_APPROVER] });
    // Those that live may be on their way out.
    this.#starts();
    this.#crowd.unrest(0);
    if (this.#stage.audit.rollout === null) return 'not asked';
    const rests = (): string | null => {
      const { rollout } = this.#stage.audit;
      if (this.#sight.broken.length > 0) return 'broken';
      return rollout === null || this.#crowd.isDriven(rollout.id) ? null : restOf(rollout);
    };
    await house.time.runUntil(() => rests() !== null, CALM_MS);
    return rests() ?? 'nowhere';
  }

  async #ends(): Promise<void> {
    const { house, audit } = this.#stage;
    if (audit.rollout === null) return;
    const people = closing();
    let presses = 0;
    const done = (): boolean => this.#over || this.#sight.broken.length > 0;
    while (!done()) {
      presses += 1;
      if (presses > MOST_PRESSES) throw new Error(`${MOST_PRESSES} presses did not end it`);
      const { rollout } = audit;
      const wish = rollout === null ? null : people(rollout);
      if (wish !== null) this.#crowd.says(wish);
      await house.time.advance(PROMPT_MS);
      await house.time.runUntil(() => {
        const now = audit.rollout;
        return done() || (now !== null && !this.#crowd.isDriven(now.id) && restOf(now) !== null);
      }, CALM_MS);
    }
    if (this.#sight.broken.length > 0) return;
    // Whoever held the mutex gives it back in its own time.
    await house.time.advance(SETTLED_MS);
    this.#sight.look();
    await this.#sight.close();
  }
}

/** How long a stopping process may wait for acts in flight. */
const STOP_MS = 10_000;
/** Longer than anybody's lease. */
const SETTLED_MS = 60_000;

const CARRIED = { prompt: [5], lost: [], doubled: [5, 6], late: [4_000] } as const;

/** Enough to pass a card without the requester, by how many must agree. */
const FEWER: Readonly<Record<number, readonly string[]>> = {
  1: [REQUESTER, APPROVER],
  2: [APPROVER, SECOND_APPROVER],
};
