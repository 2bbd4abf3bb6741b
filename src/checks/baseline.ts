// The check on pods that ran before the rollout and do not run now; those that were ill before do not count against it.
import type { Baseline, Ill } from '../cluster/baseline.ts';
import { type PodView, workloadOf } from '../cluster/estate/pods.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { found, listed } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';
import { isSick } from './pods.ts';

/** Workloads remembered by name; where more are ill, "new" means little. About 60 bytes each in the journal. */
const MOST_ILL = 200;
const CHECK = 'new-troubles';

/** Null when nobody told about pods: then nothing can be compared later. */
export function baselineOf({ estate, at }: Snapshot): Baseline | null {
  if (estate?.pods.kind !== 'said') return null;
  const counts = [...Map.groupBy(illAmong(estate.pods.value, at), ({ workload }) => workload)];
  const kept = counts.slice(0, MOST_ILL).map(([workload, group]) => [workload, group.length] as const);
  return { v: 1, ill: Object.fromEntries(kept), beyond: counts.length - kept.length };
}

/** The pods that do not run at this time, in milliseconds since 1970. */
export function illAmong(pods: readonly PodView[], at: number): readonly Ill[] {
  return pods
    .filter((pod) => isSick(pod, at))
    .map((pod) => ({ workload: workloadOf(pod), why: pod.waiting ?? 'not ready' }));
}

/** Warns about pods that do not run and did before; without a baseline nothing is compared. */
export function podsRunAsBefore({ aftermath }: Snapshot): readonly Finding[] {
  if (aftermath === undefined) {
    const sentence = 'Which pods ran before was not asked, so nothing is compared.';
    return [found(CHECK, { level: 'skipped', sentence, advice: null })];
  }
  const { baseline, ill, node } = aftermath;
  const subject = node ?? 'cluster';
  if (ill.kind === 'silent') {
    const sentence = `Whether pods run as before is not known: ${ill.why}`;
    return [found(CHECK, { level: 'unknown', subject, sentence, advice: 'Look at the pods yourself.' })];
  }
  const fresh = newlyIll(baseline, ill.value);
  const where = node === null ? '' : ` on ${node}`;
  if (fresh.length === 0) {
    const sentence = `Every pod${where} that ran before the rollout runs, as far as can be told.`;
    return [found(CHECK, { level: 'ok', subject, sentence, advice: null })];
  }
  const sentence = `Not running${where}, other than before the rollout: ${listed(fresh)}.`;
  return [
    found(CHECK, { level: 'warning', subject, sentence, advice: '`kubectl get events -A` may tell why.' }),
  ];
}

/** Those of which more do not run than before, each once, in a few words. */
function newlyIll({ ill, beyond }: Baseline, now: readonly Ill[]): readonly string[] {
  return [...Map.groupBy(now, ({ workload }) => workload)].flatMap(([workload, group]) => {
    const known = Object.hasOwn(ill, workload);
    if (!known && beyond > 0) return [];
    const more = group.length - (known ? (ill[workload] ?? 0) : 0);
    const whys = [...new Set(group.map(({ why }) => why))].join(', ');
    return more > 0 ? [`${workload} (${more > 1 ? `${more} pods, ` : ''}${whys})`] : [];
  });
}
