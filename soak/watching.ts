// What must hold of the time for which something is watched before the next is touched: judged by when machines left and came back.
import type { Entry } from '../src/rollout/event.ts';
import { hasCanary } from '../src/rollout/policy.ts';
import type { Act, Sight } from './sight.ts';

/** What broke so recently may not have been seen, in milliseconds: a look, and two facts through a slow store. */
const LOOK_MS = 6_000;

/** A soak is called over. */
export function* soakTroubles(sight: Sight, entry: Entry): Generator<string> {
  const { ledger, standing } = sight;
  const { event, at } = entry;
  if (event.kind !== 'step-ended') return;
  const step = ledger.lanes.flatMap(({ steps }) => steps).find(({ id }) => id === event.step);
  if (step?.kind !== 'soak') return;
  const { nodes, ms } = step.params;
  for (const node of String(nodes).split(',')) {
    const back = sight.backAt.get(node);
    if (back === undefined) continue;
    if (!ledger.shortened.has(step.id) && at - back < Number(ms))
      yield `${step.id} is over ${at - back} ms after ${node} came back, not ${String(ms)}`;
    if (standing.longer('away', node, LOOK_MS)) yield `${step.id} is over, and ${node} is not up`;
  }
}

/** Something is touched that comes after a soak in the plan. */
export function* unsoakedTroubles({ ledger }: Sight, { step, method, node }: Act): Generator<string> {
  if (step === null || ledger.plan === null || method === 'uncordon') return;
  const { stages } = ledger.plan;
  const mine = stages.findIndex(({ lanes }) => lanes.some(({ steps }) => steps.includes(step)));
  for (const { id, steps } of stages.slice(0, mine).flatMap(({ lanes }) => lanes))
    for (const before of steps)
      if (before.kind === 'soak' && !ledger.skipped.has(id) && ledger.step(before.id).stands !== 'ended')
        yield `${method} of ${node} while ${before.id} is not over`;
}

/** With a canary a worker leaves first, and the second node not before it was back for as long as the policy says. */
export function* canaryTroubles(sight: Sight, { node, role }: Act): Generator<string> {
  const { ledger, house, backAt, departed } = sight;
  const { plan } = ledger;
  if (plan?.goal.kind !== 'upgrade-talos' || !hasCanary(house.policy)) return;
  const workers = plan.nodes.filter((one) => one.role === 'worker' && one.touched);
  // What a person left behind or cut short is that person's.
  if (workers.length === 0 || ledger.skipped.size > 0 || ledger.shortened.size > 0) return;
  // Nor does anybody send one that restarted into the new version by other hands.
  const isThere = (name: string): boolean => house.world.machine(name).version === workers[0]?.to;
  if (workers.some(({ name }) => name !== node && !departed.includes(name) && isThere(name))) return;
  const [canary] = departed;
  if (canary === undefined) {
    if (role === 'control-plane') yield `${node} leaves before any canary`;
    return;
  }
  if (canary === node || departed.length > 1) return;
  const back = backAt.get(canary);
  const needs = house.policy.soak?.canaryMs ?? 0;
  if (back === undefined) yield `${node} leaves, and the canary ${canary} is not back`;
  else if (sight.now - back < needs)
    yield `${node} leaves ${sight.now - back} ms after the canary ${canary} came back, not ${needs}`;
}
