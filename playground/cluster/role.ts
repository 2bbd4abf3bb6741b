/** Who may call what: roles come from the client's certificate and count on the target (facts/talos-api.md 1.5). */
import gte from 'semver/functions/gte.js';
import { since } from '../world/compatibility.ts';

export type TalosRole = 'os:admin' | 'os:operator' | 'os:reader' | 'os:etcd:backup';

const READERS = new Set([
  ...[
    'Version',
    'Hostname',
    'ServiceList',
    'Events',
    'Dmesg',
    'Logs',
    'ImageList',
    'Memory',
    'SystemStat',
    'Mounts',
    'EtcdMemberList',
  ].map((method) => `/machine.MachineService/${method}`),
  '/machine.ImageService/List',
  '/cluster.ClusterService/HealthCheck',
  '/cosi.resource.State/Get',
  '/cosi.resource.State/List',
  '/cosi.resource.State/Watch',
]);
const OPERATORS = new Set([
  '/machine.MachineService/Reboot',
  '/machine.MachineService/EtcdStatus',
  '/machine.MachineService/EtcdAlarmList',
  '/machine.MachineService/EtcdSnapshot',
  '/machine.ImageService/Pull',
  '/machine.MachineService/ImagePull',
]);
const READERS_SINCE_1_11 = new Set([
  '/machine.MachineService/EtcdStatus',
  '/machine.MachineService/EtcdAlarmList',
]);
const BACKUPS_SINCE_1_11 = new Set([...READERS_SINCE_1_11, '/machine.MachineService/EtcdMemberList']);

/** The two release lines that got the readers' right to EtcdStatus late. */
function readsEtcd(version: string): boolean {
  if (since(version, '1.11')) return true;
  if (since(version, '1.10')) return gte(version, '1.10.9');
  return since(version, '1.9') && gte(version, '1.9.6');
}

/** Whether one of these roles may call the method on a machine of this version. What is not named needs os:admin. */
export function mayCall(path: string, roles: ReadonlySet<string>, version: string): boolean {
  if (roles.has('os:admin')) return true;
  if (roles.has('os:operator') && (READERS.has(path) || OPERATORS.has(path))) return true;
  if (roles.has('os:reader') && (READERS.has(path) || (READERS_SINCE_1_11.has(path) && readsEtcd(version))))
    return true;
  if (!roles.has('os:etcd:backup')) return false;
  return (
    path === '/machine.MachineService/EtcdSnapshot' ||
    (BACKUPS_SINCE_1_11.has(path) && since(version, '1.11'))
  );
}
