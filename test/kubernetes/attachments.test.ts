// Which volumes a node holds, read from a real HTTPS server that speaks the Kubernetes API, and from the double beside it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { simulatedWorkloads } from '../../playground/doubles/workloads.ts';
import type { JsonObject } from '../../playground/world/kubernetes/patch.ts';
import type { Workloads } from '../../src/engine/ports/workloads.ts';
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { startSimulated } from './simulated.ts';

let simulated: Awaited<ReturnType<typeof startSimulated>>;
let adapter: Workloads;

beforeEach(async () => {
  simulated = await startSimulated();
  const source = { kind: 'text', text: simulated.api.kubeconfig() } as const;
  adapter = openKubernetes({ source, onlyLoopback: true, pageSize: 2 }).workloads;
});

afterEach(async () => {
  await adapter.close();
  await simulated.stop();
});

const STORAGE = {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'volumeattachments',
  kind: 'VolumeAttachment',
  namespaced: false,
};
const CORE = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
};

function attached(name: string, node: string, { claim = true, trouble = '' } = {}): void {
  const { shelf } = simulated.objects;
  const status: JsonObject =
    trouble === '' ? { attached: true } : { attached: true, detachError: { message: trouble } };
  shelf.put(STORAGE, {
    metadata: { name: `csi-${name}` },
    spec: { nodeName: node, source: { persistentVolumeName: `pvc-${name}` } },
    status,
  });
  if (claim)
    shelf.put(CORE, { metadata: { name: `pvc-${name}` }, spec: { claimRef: { namespace: 'shop', name } } });
}

describe('the volumes of a node', () => {
  it('are those attached to it, each with its claim and the driver’s trouble', async () => {
    attached('a', 'w-1');
    attached('b', 'w-2');
    attached('c', 'w-1', { trouble: 'device is busy' });
    attached('d', 'w-1', { claim: false });
    const expected = [
      { volume: 'pvc-a', claim: { namespace: 'shop', name: 'a' }, trouble: '' },
      { volume: 'pvc-c', claim: { namespace: 'shop', name: 'c' }, trouble: 'device is busy' },
      { volume: 'pvc-d', claim: null, trouble: '' },
    ];
    for (const workloads of [adapter, simulatedWorkloads(simulated.objects)])
      expect(await workloads.attachments('w-1')).toEqual(expected);
  });
});
