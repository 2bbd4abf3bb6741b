// What stands around pods that stay: their budgets, and whether their kubelet is there. Asked seldom, and never required.
import type { BudgetView } from '../../cluster/estate/pods.ts';
import { faultOf } from '../ports/fault.ts';
import type { PodSeen } from '../ports/workloads.ts';
import type { StepContext } from './doer.ts';

/** A person who lifts a budget should see it go on; these are small lists. */
const EVERY_MS = 2_000;
/** A drain that waits for budgets of more namespaces names the first ones. */
const MOST_NAMESPACES = 20;

export interface Around {
  readonly budgets: readonly BudgetView[];
  readonly nodeReady: boolean | null;
  /** Null when nobody asked, or it could not be read. */
  readonly cordoned: boolean | null;
}

/** Pods about which it is asked. */
export interface Staying {
  /** Refused by a budget or whatever else. */
  readonly blocked: readonly PodSeen[];
  /** Being deleted, and past their time. */
  readonly overdue: readonly PodSeen[];
  /** Put there again by their owner. */
  readonly returning: readonly PodSeen[];
}

const UNKNOWN: Around = { budgets: [], nodeReady: null, cordoned: null };

/** Looks at most every two seconds, or when pods of another namespace stay; answers with the last look in between. What cannot be read is left out. Never rejects. */
export function lookingAround({
  workloads,
  node,
  clock,
}: StepContext): (staying: Staying) => Promise<Around> {
  let seen = UNKNOWN;
  let seenAt = Number.NEGATIVE_INFINITY;
  let asked: readonly string[] = [];
  return async ({ blocked, overdue, returning }) => {
    const ofNode = [...overdue, ...returning];
    if (blocked.length === 0 && ofNode.length === 0) return UNKNOWN;
    const namespaces = [...new Set(blocked.map(({ namespace }) => namespace))].slice(0, MOST_NAMESPACES);
    const known = namespaces.every((namespace) => asked.includes(namespace));
    if (known && clock.monotonic() - seenAt < EVERY_MS) return seen;
    seenAt = clock.monotonic();
    asked = namespaces;
    const [budgets, nodes] = await Promise.all([
      Promise.all(namespaces.map((namespace) => orNull(workloads.budgets(namespace)))),
      ofNode.length === 0 ? null : orNull(workloads.nodes()),
    ]);
    const own = nodes?.find(({ name }) => name === node.name);
    seen = {
      budgets: budgets.flatMap((some) => some ?? []),
      nodeReady: own?.ready ?? null,
      cordoned: own?.unschedulable ?? null,
    };
    return seen;
  };
}

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    faultOf(error);
    return null;
  }
}
