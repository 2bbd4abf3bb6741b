// Volumes that the simulated cluster has attached to a node, as the port Workloads tells them.
import type { AttachmentSeen } from '../../src/engine/ports/workloads.ts';
import type { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import { isJsonObject, type Json } from '../world/kubernetes/patch.ts';
import type { Shelf } from '../world/kubernetes/shelf.ts';

export function attachmentsOf({ shelf }: KubernetesObjects, node: string): readonly AttachmentSeen[] {
  const volumes = objectsOf(shelf, '', 'persistentvolumes');
  return objectsOf(shelf, 'storage.k8s.io', 'volumeattachments')
    .filter((object) => textIn(object, 'spec', 'nodeName') === node)
    .map((object): AttachmentSeen => {
      const volume = textIn(object, 'spec', 'source', 'persistentVolumeName');
      const found = volumes.find((one) => textIn(one, 'metadata', 'name') === volume) ?? null;
      const name = textIn(found, 'spec', 'claimRef', 'name');
      const claim = name === '' ? null : { namespace: textIn(found, 'spec', 'claimRef', 'namespace'), name };
      return { volume, claim, trouble: textIn(object, 'status', 'detachError', 'message') };
    });
}

function objectsOf(shelf: Shelf, group: string, plural: string): readonly Json[] {
  const kind = shelf.kindOf(group, 'v1', plural);
  const page = kind === null ? null : shelf.list(kind, {});
  const items = page?.kind === 'object' ? page.object['items'] : [];
  return Array.isArray(items) ? items : [];
}

function textIn(object: Json, ...path: readonly string[]): string {
  const found = path.reduce<Json>(
    (inner, key) => (isJsonObject(inner) ? (inner[key] ?? null) : null),
    object,
  );
  return typeof found === 'string' ? found : '';
}
