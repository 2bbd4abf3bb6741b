// What Kubernetes tells this process through its environment, and where it is asked how it is.
import type { Named } from './cluster/estate/pods.ts';

/** Null outside of Kubernetes; half a name names nothing. */
export function ownPodOf(environment: Readonly<Record<string, string | undefined>>): Named | null {
  const namespace = environment['POD_NAMESPACE'] ?? '';
  const name = environment['POD_NAME'] ?? '';
  return namespace === '' || name === '' ? null : { namespace, name };
}

/** Null: nothing listens. */
export function probePortOf(environment: Readonly<Record<string, string | undefined>>): {
  readonly port: number | null;
  readonly mistakes: readonly string[];
} {
  const text = environment['PROBE_PORT'] ?? '';
  if (text === '') return { port: null, mistakes: [] };
  const port = Number(text);
  if (/^[1-9]\d{0,4}$/.test(text) && port < 65_536) return { port, mistakes: [] };
  return { port: null, mistakes: [`PROBE_PORT: expects a port from 1 to 65535, not "${text}"`] };
}
