// The check on pods that ran before the rollout and do not run now; those that were ill before do not count against it.
import { type Baseline, before, type Ill, remembered } from '../cluster/baseline.ts';
import { type PodView, workloadOf } from '../cluster/estate/pods.ts';
import { listed } from '../cluster/listed.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { found } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';
import { isSick } from './pods.ts';

const CHECK = 'new-troubles';

/** Null when nobody told about pods: then nothing can be compared later. */
export function baselineOf({ estate, at }: Snapshot): Baseline | null {
  if (estate?.pods.kind !== 'said') return null;
  return remembered(illAmong(estate.pods.value, at));
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
function newlyIll(baseline: Baseline, now: readonly Ill[]): readonly string[] {
  const then = before(baseline);
  return [...Map.groupBy(now, ({ workload }) => workload)].flatMap(([workload, group]) => {
    const more = group.length - (then(workload) ?? group.length);
    const whys = [...new Set(group.map(({ why }) => why))].join(', ');
    return more > 0 ? [`${workload} (${more > 1 ? `${more} pods, ` : ''}${whys})`] : [];
  });
}
