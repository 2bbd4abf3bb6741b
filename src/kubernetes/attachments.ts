// Which persistent volumes a node holds, and whose they are (kubernetes.md 2.6).
import { eachOf } from '../engine/bounded.ts';
import type { AttachmentSeen } from '../engine/ports/workloads.ts';
import type { KubernetesConnection } from './connection.ts';
import { isPlain, listKept, nameOf, type Plain, pathOf, plainAt, textAt } from './estate/plain.ts';
import { nullWhenMissing } from './fault.ts';

const ATTACHMENTS = { group: 'storage.k8s.io', version: 'v1', plural: 'volumeattachments' };
const VOLUMES = { group: '', version: 'v1', plural: 'persistentvolumes' };

/** Volumes asked about at a time; clouds attach some dozens to a node at most. */
const WIDTH = 10;

/** No field selector chooses them by node, so all are listed and few are kept. Throws Fault. */
export async function attachmentsOn(
  connection: KubernetesConnection,
  node: string,
  pageSize: number,
): Promise<readonly AttachmentSeen[]> {
  const all = await listKept(connection, ATTACHMENTS, {
    pageSize,
    keep: (object) => (textAt(object, 'spec', 'nodeName') === node ? attachmentOf(object) : null),
  });
  const ours = all.filter((one) => one !== null);
  return eachOf(ours, WIDTH, async ({ volume, trouble }) => ({
    volume,
    trouble,
    claim: claimOf(await volumeNamed(connection, volume)),
  }));
}

function attachmentOf(object: Plain): Omit<AttachmentSeen, 'claim'> {
  const said = (where: string): string => textAt(object, 'status', where, 'message');
  return {
    volume: textAt(object, 'spec', 'source', 'persistentVolumeName') || nameOf(object).name,
    trouble: said('detachError') || said('attachError'),
  };
}

/** Null when it is no more, or never was one: volumes that a pod brings itself are attached as well. */
async function volumeNamed(connection: KubernetesConnection, name: string): Promise<Plain | null> {
  try {
    const { answer } = await connection.read(`to show volume ${name}`, async ({ json }) => {
      const found = await json(`${pathOf(VOLUMES)}/${encodeURIComponent(name)}`);
      return { metadata: plainAt(found, 'metadata'), answer: found };
    });
    return isPlain(answer) ? answer : null;
  } catch (error) {
    return nullWhenMissing(error);
  }
}

function claimOf(volume: Plain | null): AttachmentSeen['claim'] {
  const claim = plainAt(volume, 'spec', 'claimRef');
  const name = textAt(claim, 'name');
  return name === '' ? null : { namespace: textAt(claim, 'namespace'), name };
}
