// Asks Kubernetes everything a full pre-flight wants to know beside the nodes; what does not answer is written down as silent.

import type { Answer } from '../cluster/answer.ts';
import type { Estate, EstateSubject, EstateViews } from '../cluster/estate/estate.ts';
import { answer } from './patience.ts';
import type { Clock } from './ports/clock.ts';
import type { EstateReader } from './ports/estate.ts';
import type { Fault } from './ports/fault.ts';

/** Milliseconds for all subjects together: twenty pages of pods from a busy API server take a few seconds. */
export const ESTATE_LIMIT_MS = 30_000;

/** Never rejects. Subjects, or `only` those named, are asked at once; one that outlives the limit is silent, and its reading is given up. */
export async function takeEstate(
  reader: EstateReader,
  clock: Clock,
  only: readonly EstateSubject[] | null = null,
): Promise<Estate> {
  const late = new AbortController();
  const over = new AbortController();
  const limit = clock.sleep(ESTATE_LIMIT_MS, over.signal).then(() => late.abort());
  const ask = <Subject extends EstateSubject>(subject: Subject): Promise<Answer<EstateViews[Subject]>> =>
    only === null || only.includes(subject)
      ? Promise.race([answer(reader[subject](late.signal), silenceOf), tooLate(late.signal)])
      : Promise.resolve({ kind: 'silent', why: 'it was not asked.' });
  try {
    // Spelt out, so that a subject that is added and not asked does not compile.
    const asked = {
      nodes: ask('nodes'),
      pods: ask('pods'),
      budgets: ask('budgets'),
      localVolumes: ask('localVolumes'),
      components: ask('components'),
      pendingCsrs: ask('pendingCsrs'),
      webhooks: ask('webhooks'),
      apiServices: ask('apiServices'),
      access: ask('access'),
      lease: ask('lease'),
      ownPods: ask('ownPods'),
      flux: ask('flux'),
      argo: ask('argo'),
      velero: ask('velero'),
      longhorn: ask('longhorn'),
      ceph: ask('ceph'),
      otherUpgraders: ask('otherUpgraders'),
      health: ask('health'),
    };
    return {
      nodes: await asked.nodes,
      pods: await asked.pods,
      budgets: await asked.budgets,
      localVolumes: await asked.localVolumes,
      components: await asked.components,
      pendingCsrs: await asked.pendingCsrs,
      webhooks: await asked.webhooks,
      apiServices: await asked.apiServices,
      access: await asked.access,
      lease: await asked.lease,
      ownPods: await asked.ownPods,
      flux: await asked.flux,
      argo: await asked.argo,
      velero: await asked.velero,
      longhorn: await asked.longhorn,
      ceph: await asked.ceph,
      otherUpgraders: await asked.otherUpgraders,
      health: await asked.health,
    };
  } finally {
    over.abort();
    await limit;
  }
}

/** One API that does not answer is one reason for all subjects, whichever question met it. */
function silenceOf({ kind, code, message }: Fault): string {
  if (kind !== 'unreachable') return message;
  return `Kubernetes does not answer${code === '' ? '' : ` (${code})`}.`;
}

function tooLate(late: AbortSignal): Promise<{ readonly kind: 'silent'; readonly why: string }> {
  return new Promise((resolve) => {
    const why = `Kubernetes took longer than ${ESTATE_LIMIT_MS / 1_000} s.`;
    late.addEventListener('abort', () => resolve({ kind: 'silent', why }), { once: true });
  });
}
