// Which pods the scheduler may place on a cordoned node: those that tolerate the taint it gets, in any of the ways to say so.
import type { V1Toleration } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import { podSeen } from '../../src/kubernetes/pod-view.ts';

const CORDON = 'node.kubernetes.io/unschedulable';

it.each<readonly [string, readonly V1Toleration[] | undefined, boolean]>([
  ['nothing', undefined, false],
  ['everything', [{ operator: 'Exists' }], true],
  ['everything that keeps from being placed', [{ operator: 'Exists', effect: 'NoSchedule' }], true],
  ['everything that makes it leave', [{ operator: 'Exists', effect: 'NoExecute' }], false],
  ['the cordon, as DaemonSets do', [{ key: CORDON, operator: 'Exists', effect: 'NoSchedule' }], true],
  ['the cordon by its empty value', [{ key: CORDON }], true],
  ['the cordon with a value it never has', [{ key: CORDON, value: 'true' }], false],
  ['the control plane', [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }], false],
  [
    'several, among them the cordon',
    [
      { key: 'a', operator: 'Exists' },
      { key: CORDON, operator: 'Exists' },
    ],
    true,
  ],
])('a pod that tolerates %s', (_what, tolerations, may) => {
  const spec = { containers: [], ...(tolerations === undefined ? {} : { tolerations: [...tolerations] }) };
  expect(podSeen({ metadata: { namespace: 'shop', name: 'web-1', uid: 'u' }, spec }).toleratesCordon).toBe(
    may,
  );
});
