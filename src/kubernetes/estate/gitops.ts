// Flux and Argo CD objects as the checks see them (kubernetes.md 3.3, 3.4).
import type { ArgoView, FluxView } from '../../cluster/estate/neighbours.ts';
import { conditionOf, hasAt, nameOf, numberAt, type Plain, plainAt, textAt, trueAt } from './plain.ts';

export function fluxView(object: Plain, kind: FluxView['kind']): FluxView {
  const ready = conditionOf(object, 'Ready');
  return {
    kind,
    ...nameOf(object),
    suspended: trueAt(object, 'spec', 'suspend'),
    state: fluxState(object),
    why: ready?.message || ready?.reason || '',
  };
}

function fluxState(object: Plain): FluxView['state'] {
  const [ready, moving, stalled] = ['Ready', 'Reconciling', 'Stalled'].map(
    (type) => conditionOf(object, type)?.status ?? '',
  );
  if (stalled === 'True') return 'failed';
  const seen = numberAt(object, 'status', 'observedGeneration') ?? -1;
  if (moving === 'True' || seen < (numberAt(object, 'metadata', 'generation') ?? 0)) return 'moving';
  if (ready === 'True') return 'ready';
  return ready === 'False' ? 'failed' : 'unknown';
}

const SKIP = 'argocd.argoproj.io/skip-reconcile';

export function argoView(application: Plain): ArgoView {
  const automated = plainAt(application, 'spec', 'syncPolicy');
  return {
    ...nameOf(application),
    sync: textAt(application, 'status', 'sync', 'status') || 'Unknown',
    health: textAt(application, 'status', 'health', 'status') || 'Unknown',
    operation: textAt(application, 'status', 'operationState', 'phase') || null,
    automated: hasAt(automated, 'automated') && plainAt(automated, 'automated')['enabled'] !== false,
    skipped: textAt(application, 'metadata', 'annotations', SKIP) === 'true',
  };
}
