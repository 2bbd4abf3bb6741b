// The port Backups over the simulated Velero, without HTTP: held to the real adapter by test/contracts.
import type { Backups } from '../../src/engine/ports/backups.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import {
  backupLocation,
  backupNameLabel,
  backupObject,
  backupSeen,
  volumesSeen,
} from '../../src/kubernetes/velero.ts';
import type { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import { isJsonObject, type JsonObject } from '../world/kubernetes/patch.ts';
import type { ShelvedKind } from '../world/kubernetes/shelf.ts';
import { BACKUPS, LOCATIONS, VOLUMES } from '../world/kubernetes/velero.ts';
import { asJson, mustBeUp } from './shelved.ts';

/** Every act has its whole effect before its promise is returned: whoever crashes then crashes after it. */
export function simulatedBackups(objects: KubernetesObjects): Backups {
  const { shelf } = objects;
  const served = (kind: ShelvedKind, doing: string): void => {
    mustBeUp(objects, doing);
    if (shelf.kindOf(kind.group, kind.version, kind.plural) === null)
      throw new Fault('missing', `Kubernetes refused ${doing}: 404 page not found.`, { code: '404' });
  };
  const list = (kind: ShelvedKind, namespace: string, labelSelector = ''): readonly JsonObject[] => {
    served(kind, `to list ${kind.plural}.${kind.group}`);
    const answer = shelf.list(kind, { namespace, labelSelector });
    const items = answer.kind === 'object' ? answer.object['items'] : [];
    return Array.isArray(items) ? items.filter(isJsonObject) : [];
  };
  return {
    locations: async (namespace) => list(LOCATIONS, namespace).map(backupLocation),
    completed: async (namespace) =>
      list(BACKUPS, namespace)
        .map(backupSeen)
        .filter(({ phase }) => phase === 'Completed'),
    look: async (namespace, name) => {
      mustBeUp(objects, `for the backup ${name}`);
      if (shelf.kindOf(BACKUPS.group, BACKUPS.version, BACKUPS.plural) === null) return null;
      const found = shelf.get(BACKUPS, namespace, name);
      return found.kind === 'refused' ? null : backupSeen(found.object);
    },
    volumes: async (namespace, name) => {
      mustBeUp(objects, `to list ${VOLUMES.plural}.${VOLUMES.group}`);
      if (shelf.kindOf(VOLUMES.group, VOLUMES.version, VOLUMES.plural) === null) return null;
      return volumesSeen(list(VOLUMES, namespace, `${backupNameLabel}=${name}`));
    },
    create: async (request) => {
      served(BACKUPS, `to create the backup ${request.name}`);
      shelf.create(BACKUPS, asJson(backupObject(request)));
    },
  };
}
