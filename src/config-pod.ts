// The pod this process runs in, as Kubernetes' downward API tells it through the environment.
import type { Named } from './cluster/estate/pods.ts';

/** Null outside of Kubernetes; half a name names nothing. */
export function ownPodOf(environment: Readonly<Record<string, string | undefined>>): Named | null {
  const namespace = environment['POD_NAMESPACE'] ?? '';
  const name = environment['POD_NAME'] ?? '';
  return namespace === '' || name === '' ? null : { namespace, name };
}
