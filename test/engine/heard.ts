// Whether the list of effects has all that happened: held to what the journal and the simulated cluster themselves counted.
import type { Counted } from '../../playground/world/counters.ts';
import { specOf } from './leased.ts';
import type { Scene } from './scene.ts';

/** What the cluster counts, and the effects that can have caused it. */
const CAUSES: Readonly<Record<string, RegExp>> = {
  pulls: /^pull /,
  installs: /^(?:install|upgradeLegacy) /,
  legacyUpgrades: /^upgradeLegacy /,
  rollbacks: /^rollback /,
  forfeits: /^forfeitLeadership /,
  departures: /^(?:reboot|rollback|upgradeLegacy) /,
  cordons: /^cordon /,
  uncordons: /^uncordon /,
  evictions: /^evict /,
  deletions: /^remove /,
  snapshots: /^put /,
  mutexes: /^tryTake /,
  leases: /^(?:create|replace) the Lease \(taken\)/,
};
type Acts = Readonly<Record<string, number>>;

/** What was done to the cluster so far, as it counts that itself. */
export function actsIn(scene: Scene): Acts {
  const { world, objects, mutex } = scene.house;
  const sum = (of: (node: string) => number): number =>
    world.nodes.reduce((total, { name }) => total + of(name), 0);
  const counted = (what: Exclude<Counted, 'reboots'>): number => sum((node) => world.counters.of(node)[what]);
  const onNodes = (what: 'cordons' | 'uncordons' | 'evictions' | 'deletions'): number =>
    sum((node) => objects.actsOn(node)[what] ?? 0);
  return {
    pulls: counted('pulls'),
    installs: counted('installs'),
    legacyUpgrades: counted('legacyUpgrades'),
    rollbacks: counted('rollbacks'),
    forfeits: counted('forfeits'),
    departures: world.counters.rebootOrder.length,
    cordons: onNodes('cordons'),
    uncordons: onNodes('uncordons'),
    evictions: onNodes('evictions'),
    deletions: onNodes('deletions'),
    snapshots: counted('snapshots'),
    mutexes: mutex.told.filter(({ owner }) => owner !== null).length,
    leases: Number(specOf(scene)['leaseTransitions'] ?? 0),
  };
}

/** Facts and acts that are in no effect, so that nobody is killed there; empty when all are. */
export function uncounted(scene: Scene, found: Acts): readonly string[] {
  const { effects, entries } = scene.audit;
  const acts = actsIn(scene);
  const missed = Object.entries(CAUSES).flatMap(([what, cause]) => {
    const done = (acts[what] ?? 0) - (found[what] ?? 0);
    const heard = effects.filter(({ name }) => cause.test(name)).length;
    return heard >= done ? [] : [`${done} ${what} in ${heard} effects`];
  });
  const facts = effects
    .filter(({ name }) => name.startsWith('append '))
    .reduce((sum, { name }) => sum + name.split(' + ').length, 0);
  return facts >= entries.length ? missed : [...missed, `${entries.length} facts in ${facts} effects`];
}
