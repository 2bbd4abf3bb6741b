// The people of a fleet: one of them asks for an upgrade of every cluster, and another one approves each gate as it opens.
import { setTimeout as pause } from 'node:timers/promises';
import type { Submit } from '../src/engine/submit.ts';
import type { Entry } from '../src/rollout/event.ts';
import { evolve } from '../src/rollout/evolve.ts';
import type { Intent } from '../src/rollout/intent.ts';
import type { Rollout } from '../src/rollout/rollout.ts';
import type { RedisJournal } from '../src/store/journal.ts';
import { APPROVER, REQUESTER } from '../test/builders/plan.ts';
import { CHANNEL } from './fleet-worker.ts';

/** What it is upgraded to. */
export const TARGET = 'v1.13.5';
/** How often somebody looks at each of many journals; whoever looks more often takes the processor from those who are measured. */
const LOOK_EVERY_MS = 500;
/** A fleet whose journals all stand still for so long is stuck. */
const PATIENCE_MS = 120_000;
/** Of a fact that is told of a fleet that is stuck: its kind, and the step. */
const FACT_CHARS = 120;

export interface People {
  readonly journal: RedisJournal;
  readonly submit: Submit;
}

/** One rollout as it was followed to its end. */
export interface Followed {
  readonly cluster: string;
  readonly entries: readonly Entry[];
  readonly rollout: Rollout;
}

export class FleetCrowd {
  readonly #people: People;
  readonly #followed: Following[];
  #movedMs = performance.now();

  constructor(people: People, clusters: readonly string[]) {
    this.#people = people;
    this.#followed = clusters.map((cluster) => new Following(people.journal, cluster));
  }

  /** Asks for all of them; resolves when every plan is there. Rejects when one is refused, or declined. */
  async propose(): Promise<void> {
    const goal = { kind: 'upgrade-talos', version: TARGET } as const;
    await Promise.all(
      this.#followed.map(({ target }) =>
        this.#press(target, { kind: 'ask', ...target, goal, channel: CHANNEL }, REQUESTER),
      ),
    );
    await this.#until('plan', ({ phase }) => phase.phase === 'proposed');
  }

  /** Starts all of them at once and approves each gate; resolves when every one is over or waits for what nobody here decides. */
  async roll(): Promise<readonly Followed[]> {
    await Promise.all(this.#followed.map(({ target }) => this.#press(target, { kind: 'start' }, REQUESTER)));
    await this.#until('end', ({ phase }) => phase.phase === 'finished' || phase.phase === 'held');
    return this.#followed.map((one) => one.followed());
  }

  async #until(what: string, reached: (rollout: Rollout) => boolean): Promise<void> {
    this.#movedMs = performance.now();
    await Promise.all(this.#followed.map((one) => this.#follow(one, what, reached)));
  }

  async #follow(one: Following, what: string, reached: (rollout: Rollout) => boolean): Promise<void> {
    const { cluster } = one.target;
    for (;;) {
      if (await one.moved()) this.#movedMs = performance.now();
      const { rollout } = one;
      if (rollout !== null && reached(rollout)) return;
      const phase = rollout?.phase;
      if (phase?.phase === 'finished' || phase?.phase === 'held')
        throw new Error(`${cluster} came to no ${what}: ${JSON.stringify(phase)}`);
      if (phase?.phase === 'at-gate' && rollout?.gates.get(phase.gate)?.state === 'open')
        await this.#press(one.target, { kind: 'approve', gate: phase.gate }, APPROVER);
      if (performance.now() - this.#movedMs > PATIENCE_MS)
        throw new Error(`nothing moves any more; ${await this.#stuck(reached)} came to no ${what}`);
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Who has not got there, each with its last fact and the last words about its nodes. */
  async #stuck(reached: (rollout: Rollout) => boolean): Promise<string> {
    const late = this.#followed.filter(({ rollout }) => rollout === null || !reached(rollout));
    const told = late.map(async ({ target: { cluster, rollout: id }, lastFact }) => {
      const notes = await this.#people.journal.notes(cluster, id);
      const words = Object.entries(notes).map(([node, { sentence }]) => `${node}: ${sentence}`);
      return `${cluster} (${[lastFact, ...words].join('; ')})`;
    });
    return (await Promise.all(told)).join(', ');
  }

  async #press(target: Target, intent: Intent, user: string): Promise<void> {
    const delivery = `${target.cluster}-${intent.kind}-${performance.now()}`;
    const submitted = await this.#people.submit(target, { intent, user, delivery });
    if (submitted.kind !== 'refusal') return;
    // A gate that was voided between the look and the click opens again, and is approved then.
    if (intent.kind === 'approve' && ['gate-closed', 'already-approved'].includes(submitted.code)) return;
    throw new Error(`${target.cluster}: ${intent.kind} was refused: ${submitted.sentence}`);
  }
}

interface Target {
  readonly cluster: string;
  readonly rollout: string;
}

/** One journal, read on from where it was read last. */
class Following {
  readonly target: Target;
  readonly #journal: RedisJournal;
  readonly #entries: Entry[] = [];
  #rollout: Rollout | null = null;

  constructor(journal: RedisJournal, cluster: string) {
    this.#journal = journal;
    this.target = { cluster, rollout: `fleet-${cluster}` };
  }

  get rollout(): Rollout | null {
    return this.#rollout;
  }

  get lastFact(): string {
    const event = this.#entries.at(-1)?.event;
    return event === undefined ? 'nothing' : JSON.stringify(event).slice(0, FACT_CHARS);
  }

  /** True when there was something new. */
  async moved(): Promise<boolean> {
    const { cluster, rollout } = this.target;
    const link = this.#entries.at(-1)?.link;
    const fresh = await this.#journal.read(cluster, rollout, this.#entries.length, link);
    this.#entries.push(...fresh);
    this.#rollout = fresh.reduce<Rollout | null>(evolve, this.#rollout);
    return fresh.length > 0;
  }

  followed(): Followed {
    if (this.#rollout === null) throw new Error('only what has ended is told');
    return { cluster: this.target.cluster, entries: this.#entries, rollout: this.#rollout };
  }
}
