// The hand that makes the moves of a walk: what each of them does to the processes, the cluster and the people on the stage.
import { type BotProcess, CLUSTER } from '../playground/doubles/house.ts';
import { crashing } from '../test/engine/crash.ts';
import { seize } from '../test/engine/leased.ts';
import { APPROVER, REQUESTER, type Scene, SECOND_APPROVER } from '../test/engine/scene.ts';
import type { Crowd } from './crowd.ts';
import type { Setup } from './draw.ts';
import type { Move } from './move.ts';
import type { Sight } from './sight.ts';
import type { Weather } from './weather.ts';
import type { Window } from './window.ts';

/** How long a stopping process may wait for acts in flight. */
const STOP_MS = 10_000;

const CARRIED = { prompt: [5], lost: [], doubled: [5, 6], late: [4_000] } as const;

/** Enough to pass a card without the requester, by how many must agree. */
const FEWER: Readonly<Record<number, readonly string[]>> = {
  1: [REQUESTER, APPROVER],
  2: [APPROVER, SECOND_APPROVER],
};

export interface HandParts {
  readonly setup: Setup;
  readonly scene: Scene;
  readonly sight: Sight;
  readonly crowd: Crowd;
  readonly weather: Weather;
  /** Who keeps the thread; null where nobody does. */
  readonly window: Window | null;
}

export class Hand {
  readonly #parts: HandParts;
  /** Nothing that was prepared happens any more. */
  #isCalm = false;
  /** Gives back what another bot holds. */
  #letGo: () => void = () => undefined;

  constructor(parts: HandParts) {
    this.#parts = parts;
  }

  starts(): void {
    this.#parts.crowd.unrest();
    this.#parts.scene.start();
  }

  kills(process: BotProcess): void {
    this.#parts.crowd.unrest();
    process.kill();
  }

  /** Everything is well from now on, and nobody does anything by themselves. */
  calms(): void {
    const { scene, crowd, weather } = this.#parts;
    this.#isCalm = true;
    weather.clear();
    this.#letGo();
    crowd.chooses(null);
    this.#bells('prompt');
    this.#heals();
    scene.house.changePolicy({ approvers: [REQUESTER, APPROVER, SECOND_APPROVER] });
    // Those that live may be on their way out.
    this.starts();
    crowd.unrest(0);
  }

  async makes(move: Move): Promise<void> {
    const { scene, weather, crowd } = this.#parts;
    const { house } = scene;
    switch (move.do) {
      case 'wait':
        return await house.time.advance(move.ms);
      case 'press':
        return crowd.presses(move);
      case 'fault':
        return this.#faults(move);
      case 'heal':
        return this.#heals();
      case 'start':
        return this.starts();
      case 'ring':
        return await house.bells.ring({ goal: scene.goal.kind, cluster: CLUSTER, rollout: scene.id });
      case 'late':
        return weather.loseNext(move.ms);
      case 'astray':
        return weather.astray.loses(move);
      case 'streams':
        return weather.silence(move.are === 'silent');
      case 'drainers':
        return crowd.chooses(move.choose, move.alone ? 'alone' : 'together');
      case 'lease':
        return this.#seizes(move.ms);
      case 'window':
        return this.#parts.window?.becomes(move.is, move.ms);
      case 'settle':
        return;
      case 'policy':
        return this.#decrees(move.approvers);
      default:
        return await this.#troubles(move);
    }
  }

  /** What happens to processes and to their store. */
  async #troubles(
    move: Extract<Move, { do: 'kill' | 'stop' | 'crash' | 'store' | 'bells' | 'clock' }>,
  ): Promise<void> {
    const { crowd, weather } = this.#parts;
    switch (move.do) {
      case 'kill': {
        const process = this.#of(move.which);
        if (process !== null) this.kills(process);
        return;
      }
      case 'stop':
        crowd.unrest();
        void this.#of(move.which)?.stop(STOP_MS);
        return;
      case 'crash':
        return this.#crashes(move);
      case 'store':
        return weather.storeIs(move.is, move.which === null ? null : this.#nameOf(move.which), move.ms);
      case 'bells':
        return this.#bells(move.are);
      case 'clock':
        return weather.putClock(this.#nameOf(move.which), move.ms);
    }
  }

  #of(which: number): BotProcess | null {
    const { living } = this.#parts.scene.house;
    return living[which % Math.max(1, living.length)] ?? null;
  }

  #nameOf(which: number): string {
    return this.#of(which)?.owner ?? '';
  }

  #decrees(approvers: Extract<Move, { do: 'policy' }>['approvers']): void {
    const { scene, setup } = this.#parts;
    const all = [REQUESTER, APPROVER, SECOND_APPROVER];
    scene.house.changePolicy({ approvers: approvers === 'all' ? all : (FEWER[setup.approvals] ?? []) });
  }

  #heals(): void {
    const { scene, sight } = this.#parts;
    sight.disturbedAt = sight.now;
    scene.house.world.heal();
  }

  #faults({ name, params }: Extract<Move, { do: 'fault' }>): void {
    const { scene, sight, setup } = this.#parts;
    const { world } = scene.house;
    // Of several learners nobody could be elected any more; and the only member is never one.
    const isLearner = name === 'etcd-learner' && (setup.controlPlanes === 1 || this.#isActive(name));
    // Pods of one name are at one place.
    const cannot = isLearner || (name === 'pod-returns' && this.#isActive(name));
    if (cannot || (name === 'etcd-disagrees' && params['node'] === params['missing'])) return;
    if (name === 'pod-returns') sight.arrivals.watch();
    if (name.startsWith('pod-')) sight.disturbedAt = sight.now;
    try {
      world.inject(name, params);
    } catch {
      // A leader that cannot be, a reboot of a machine that is down: nothing happens then.
    }
  }

  #isActive(fault: string): boolean {
    return this.#parts.scene.house.world.activeFaults().some(({ name }) => name === fault);
  }

  #seizes(ms: number): void {
    const { scene, weather, sight, setup } = this.#parts;
    if (!setup.besides.leased) return;
    this.#letGo();
    const free = seize(scene);
    sight.lease.seized(true);
    const letGo = (): void => {
      free();
      sight.lease.seized(false);
      this.#letGo = () => undefined;
    };
    this.#letGo = letGo;
    weather.time.after(ms, () => {
      if (this.#letGo === letGo) this.#letGo();
    });
  }

  #crashes({ ahead, when }: Extract<Move, { do: 'crash' }>): void {
    const { scene, crowd } = this.#parts;
    const at = scene.audit.effects.length + ahead;
    const crash = crashing(scene, { at, when });
    scene.tap({
      before: (call) => this.#isCalm || crash.before?.(call),
      after: (call) => this.#isCalm || crash.after?.(call),
    });
    crowd.unrest(Number.POSITIVE_INFINITY);
  }

  #bells(are: Extract<Move, { do: 'bells' }>['are']): void {
    const { crowd, scene } = this.#parts;
    crowd.bellsArePrompt = are === 'prompt' || are === 'doubled';
    scene.house.bells.carry = () => CARRIED[are];
  }
}
