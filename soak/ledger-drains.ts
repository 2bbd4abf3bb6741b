// What the journal says of drains that asked, read as plain facts: which pods were shown, and what two people agreed about them.
import type { Blocker } from '../src/rollout/blockade.ts';
import type { RolloutEvent } from '../src/rollout/event.ts';
import type { Policy } from '../src/rollout/policy.ts';

interface Asked {
  readonly shown: readonly Blocker[];
  /** What one person wants who has seen exactly these. */
  wish: { readonly choice: string; readonly user: string } | null;
}

type Decided = Extract<RolloutEvent, { kind: 'drain-decided' }>;

export class DrainFacts {
  /** Uids of pods that two people had deleted, and that they left to the restart. */
  readonly forced = new Set<string>();
  readonly left = new Set<string>();
  /** Owners whose pods come back: two people left to the restart whatever they put on the node of this step. */
  readonly #leftOwners = new Set<string>();
  readonly #asked = new Map<string, Asked>();

  write(event: RolloutEvent): void {
    switch (event.kind) {
      case 'step-begun':
      case 'drain-cleared':
        this.#asked.delete(event.step);
        return;
      case 'drain-blocked':
        this.#asked.set(event.step, { shown: event.blockers, wish: null });
        return;
      case 'drain-proposed': {
        const asked = this.#asked.get(event.step);
        if (asked !== undefined) asked.wish = { choice: event.choice, user: event.user };
        return;
      }
      case 'drain-decided':
        this.#decided(event);
        return;
      default:
        return;
    }
  }

  /** What is wrong about a decision that is about to count: two people, about the same pods, both of them with the right to it. */
  *wrongs({ step, choice, pods, workloads = [], askedBy, user }: Decided, policy: Policy): Generator<string> {
    const asked = this.#asked.get(step);
    const entitled = [...policy.approvers, ...policy.operators];
    if (!entitled.includes(user)) yield `${step}: "${choice}" by ${user}, who may decide nothing`;
    if (asked === undefined) yield `${step}: "${choice}" about nothing that asks`;
    if (choice === 'wait') return;
    const { shown = [], wish = null } = asked ?? {};
    if (askedBy === user) yield `${step}: "${choice}" by ${user} alone`;
    if (wish?.choice !== choice || wish.user !== askedBy)
      yield `${step}: "${choice}" is confirmed, and ${askedBy} never asked for it about these pods`;
    if (!policy.approvers.includes(user))
      yield `${step}: "${choice}" confirmed by ${user}, who may not approve`;
    if (!entitled.includes(askedBy))
      yield `${step}: "${choice}" asked for by ${askedBy}, who may decide nothing`;
    if (pods.length === 0 || pods.some((uid) => !shown.some((one) => one.uid === uid)))
      yield `${step}: "${choice}" about pods that nobody was shown`;
    const coming = shown.filter(({ cause }) => cause === 'comes-back').map(({ workload }) => workload);
    for (const owner of workloads)
      if (choice !== 'leave' || !coming.includes(owner))
        yield `${step}: "${choice}" about all pods of ${owner}, and nobody was shown that they come back`;
  }

  /** Whether people left this pod to the restart that this drain is for: it itself, or all that its owner puts there. */
  isLeft(drain: string, { uid, owner }: { readonly uid: string; readonly owner: string }): boolean {
    return this.left.has(uid) || this.#leftOwners.has(leftBy(drain, owner));
  }

  #decided({ step, choice, pods, workloads = [] }: Decided): void {
    const asked = this.#asked.get(step);
    if (choice === 'wait') {
      if (asked !== undefined) asked.wish = null;
      return;
    }
    this.#asked.delete(step);
    const into = choice === 'force' ? this.forced : this.left;
    for (const uid of pods) into.add(uid);
    for (const owner of workloads) this.#leftOwners.add(leftBy(step, owner));
  }
}

function leftBy(drain: string, owner: string): string {
  return `${drain} ${owner}`;
}
