// What the doubles over the simulated shelf have in common.
import { Fault } from '../../src/engine/ports/fault.ts';
import type { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import { isJsonObject, type JsonObject } from '../world/kubernetes/patch.ts';

export function mustBeUp(objects: KubernetesObjects, doing: string): void {
  if (objects.apiUp) return;
  throw new Fault('unreachable', `Kubernetes cannot be reached ${doing} (ECONNREFUSED).`, {
    code: 'ECONNREFUSED',
  });
}

/** The object as it would arrive over the wire. */
export function asJson(object: object): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(object));
  if (!isJsonObject(json)) throw new Error('only an object goes over the wire');
  return json;
}
