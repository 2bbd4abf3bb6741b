// The check on the cluster's Lease: whether a bot of another house is at work here.
import { holderText, rolloutIn } from '../cluster/lease.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { judged } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';

/** Expects no bot on another Redis to change the cluster now. Rollouts of our own house keep each other out by their claim. */
export function otherBotsRest(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'other-bots', subject: 'lease', what: "the cluster's Lease" } as const;
  return judged(about, snapshot, (view) => {
    if (view === null)
      return [{ level: 'skipped', sentence: 'No Lease is taken in this cluster.', advice: null }];
    const { seen, namespace, name } = view;
    if (seen === null) return 'No other bot is at work here.';
    const rollout = rolloutIn(seen.holder);
    if (rollout !== null && (snapshot.ownRollouts ?? []).includes(rollout))
      return `The cluster's Lease is held by rollout ${rollout} of this bot.`;
    if (seen.leftMs === 0) return `The cluster's Lease was left behind by ${holderText(seen)}, and is free.`;
    const seconds = Math.ceil(seen.leftMs / 1_000);
    const sentence = `Another bot is at work here: the Lease ${namespace}/${name} is held by ${holderText(seen)}.`;
    const advice = `Wait for it. When that bot is no more its Lease ends by itself: ask again in ${seconds} s. Who knows that it will not come back may end it at once: kubectl -n ${namespace} delete lease ${name}.`;
    return [{ level: 'blocker', sentence, advice }];
  });
}
