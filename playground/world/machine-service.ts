/** The Talos services of a machine and their health (MachineService.ServiceList, facts/talos-api.md 2.2). */
import { type MachineParts, statusOf } from './machine-parts.ts';

export interface MachineService {
  readonly id: string;
  readonly state: 'Running' | 'Finished' | 'Preparing';
  readonly healthy: boolean;
  readonly message: string;
}

const EVERYWHERE = ['apid', 'auditd', 'containerd', 'cri', 'kubelet', 'machined', 'syslogd', 'udevd'];
const CONTROL_PLANE = ['etcd', 'trustd'];
/** What a sequence stops first, and a boot starts last. */
const LATE = new Set(['cri', 'etcd', 'kubelet', 'trustd']);

export function servicesOf(parts: MachineParts): readonly MachineService[] {
  const status = statusOf(parts);
  const ids = parts.node.role === 'control-plane' ? [...EVERYWHERE, ...CONTROL_PLANE].sort() : EVERYWHERE;
  const leaving = status.stage === 'rebooting' || status.stage === 'upgrading';
  const sick = status.unmet.some((one) => one.name === 'services');
  return ids.map((id) => {
    if (leaving && LATE.has(id))
      return { id, state: 'Finished', healthy: false, message: 'Service finished' };
    if (sick && id === 'kubelet')
      return { id, state: 'Running', healthy: false, message: 'Get "http://127.0.0.1:10248/healthz": EOF' };
    if (id === 'etcd' && parts.etcd.member(parts.node.name)?.up !== true)
      return { id, state: 'Preparing', healthy: false, message: 'Running pre state' };
    return { id, state: 'Running', healthy: true, message: '' };
  });
}
