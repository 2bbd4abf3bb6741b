// The journal of a rollout read as plain facts, one after the other: a second opinion that shares no code with the product's fold.
import type { Entry, RolloutEvent } from '../src/rollout/event.ts';
import type { Lane, Plan } from '../src/rollout/plan.ts';
import type { Step, StepKind } from '../src/rollout/step.ts';
import { LIFTING } from '../test/engine/still-paused.ts';
import { DrainFacts } from './ledger-drains.ts';

export interface StepFacts {
  /** How often it was begun, and how often a person or a withdrawal allowed that. */
  begins: number;
  allowed: number;
  stands: 'open' | 'begun' | 'ended' | 'failed' | 'doubted';
  /** Who began it last. */
  by: string;
  /** How often it went out since it was begun last. */
  sent: number;
  bootId: string;
}

export interface CardFacts {
  /** The entry that opened the card; 0 while there is none. */
  opened: number;
  fingerprint: string;
  needs: number;
  readonly yes: Set<string>;
  passed: boolean;
  node: string;
}

const NO_CARD = (): CardFacts => ({
  opened: 0,
  fingerprint: '',
  needs: 0,
  yes: new Set(),
  passed: false,
  node: '',
});

export class Ledger {
  requester = '';
  /** Who started it; null while nobody did. */
  started: { readonly user: string | null } | null = null;
  finished: string | null = null;
  aborted = false;
  /** Whose pause stands; null when nobody's does. */
  pausedBy: string | null = null;
  readonly drains = new DrainFacts();
  readonly skipped = new Set<string>();
  readonly taken = new Set<string>();
  /** Soaks that a person did not wait for. */
  readonly shortened = new Set<string>();
  readonly #steps = new Map<string, StepFacts>();
  readonly #cards = new Map<string, CardFacts>();
  #findings: Extract<RolloutEvent, { kind: 'planned' }>['findings'] = [];
  readonly #overridden = new Map<string, readonly string[]>();
  #plan: Plan | null = null;
  #lanes: readonly Lane[] = [];
  /** Its steps by node and kind: they are asked for after every effect. */
  #stepsOn: ReadonlyMap<string, ReadonlyMap<StepKind, readonly Step[]>> = new Map();

  get plan(): Plan | null {
    return this.#plan;
  }

  get lanes(): readonly Lane[] {
    return this.#lanes;
  }

  step(id: string): StepFacts {
    const known = this.#steps.get(id);
    if (known !== undefined) return known;
    const fresh: StepFacts = { begins: 0, allowed: 1, stands: 'open', by: '', sent: 0, bootId: '' };
    this.#steps.set(id, fresh);
    return fresh;
  }

  card(gate: string): CardFacts {
    const known = this.#cards.get(gate);
    if (known !== undefined) return known;
    const fresh = NO_CARD();
    this.#cards.set(gate, fresh);
    return fresh;
  }

  laneOf(step: string): Lane | null {
    return this.lanes.find(({ steps }) => steps.some(({ id }) => id === step)) ?? null;
  }

  /** The step that does this on a node: the one in hand if there are several. */
  stepOn(node: string, kind: StepKind): Step | null {
    const such = this.#stepsOn.get(node)?.get(kind) ?? [];
    return such.find(({ id }) => this.step(id).stands === 'begun') ?? such[0] ?? null;
  }

  /** How often such a step was begun on a node. */
  beginsOn(node: string, kind: StepKind): number {
    const step = this.stepOn(node, kind);
    return step === null ? 0 : this.step(step.id).begins;
  }

  /** Checks of the plan that stop it and that nobody has taken on, as `check of subject`. */
  get standing(): readonly string[] {
    return this.#findings
      .filter(({ level }) => level === 'blocker' || level === 'unknown')
      .filter(({ check, subject }) => !(this.#overridden.get(check) ?? []).includes(subject))
      .map(({ check, subject }) => `${check} of ${subject}`);
  }

  /** Whether this step puts back what another one changed. */
  pays(id: string): boolean {
    return this.lanes.some(({ steps }) => steps.some(({ owes }) => owes === id));
  }

  /** Every unpaid Debt, by the step that would pay it. */
  get unpaid(): readonly string[] {
    const steps = this.lanes.flatMap((lane) => lane.steps);
    return steps
      .filter(({ id, owes }) => owes !== null && this.step(id).begins > 0)
      .map(({ owes }) => owes ?? '')
      .filter((pay) => this.step(pay).stands !== 'ended' && !this.taken.has(pay));
  }

  write({ n, event }: Entry): void {
    this.drains.write(event);
    if (event.kind === 'aborted') this.aborted = true;
    if (event.kind === 'paused') this.pausedBy = event.user;
    if (LIFTING.includes(event.kind)) this.pausedBy = null;
    switch (event.kind) {
      case 'asked':
        this.requester = event.user;
        return;
      case 'planned':
        this.#planned(event.plan);
        this.#findings = event.findings;
        return;
      case 'overridden':
        this.#overridden.set(event.check, [...(this.#overridden.get(event.check) ?? []), ...event.subjects]);
        return;
      case 'started':
        this.started = { user: event.user };
        return;
      case 'skipped':
        this.skipped.add(event.lane);
        return;
      case 'soak-shortened':
        this.shortened.add(event.step);
        return;
      case 'debt-taken':
        this.taken.add(event.step);
        return;
      case 'retried':
        this.step(event.subject).allowed += 1;
        this.step(event.subject).stands = 'open';
        return;
      case 'paused':
      case 'aborted':
        this.#closeCards();
        return;
      case 'finished':
      case 'declined':
        this.finished = event.outcome;
        return;
      default:
        if ('step' in event) this.#stepFact(event);
        else if ('gate' in event) this.#gateFact(event, n);
    }
  }

  #planned(plan: Plan): void {
    this.#plan = plan;
    this.#lanes = plan.stages.flatMap(({ lanes }) => lanes);
    const steps = this.#lanes.flatMap((lane) => lane.steps);
    const byNode = Map.groupBy(steps, ({ node }) => node);
    this.#stepsOn = new Map([...byNode].map(([node, its]) => [node, Map.groupBy(its, ({ kind }) => kind)]));
  }

  #closeCards(): void {
    for (const card of this.#cards.values()) if (!card.passed) Object.assign(card, NO_CARD());
  }

  #stepFact(event: Extract<RolloutEvent, { step: string }>): void {
    const step = this.step(event.step);
    switch (event.kind) {
      case 'step-begun': {
        const bootId = event.evidence['bootId'];
        step.begins += 1;
        step.stands = 'begun';
        step.by = event.by;
        step.sent = 0;
        step.bootId = typeof bootId === 'string' ? bootId : '';
        return;
      }
      case 'step-ended':
        step.stands = 'ended';
        return;
      case 'step-failed':
        step.stands = 'failed';
        return;
      case 'step-doubted':
        step.stands = 'doubted';
        return;
      case 'step-withdrawn':
      case 'step-outdated':
        step.allowed += 1;
        step.stands = 'open';
        return;
      default:
        return;
    }
  }

  #gateFact(event: Extract<RolloutEvent, { gate: string }>, n: number): void {
    const card = this.card(event.gate);
    switch (event.kind) {
      case 'gate-opened':
        Object.assign(card, NO_CARD(), {
          opened: n,
          fingerprint: event.fingerprint,
          needs: event.needs,
          node: this.lanes.find(({ gate }) => gate?.id === event.gate)?.node ?? '',
        });
        return;
      case 'approved':
        if (card.opened > 0 && event.fingerprint === card.fingerprint) card.yes.add(event.user);
        return;
      case 'gate-passed':
        card.passed = true;
        return;
      default:
        Object.assign(card, NO_CARD());
    }
  }
}
