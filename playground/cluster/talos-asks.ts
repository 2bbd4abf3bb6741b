// Which methods of Talos only ask.

/** Methods that only ask; whatever is not named here changes something, or may. */
const ASKS = new Set([
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
  ],
  ...['DiskStats', 'DiskUsage', 'LoadAvg', 'CPUInfo', 'Processes', 'Read', 'Kubeconfig', 'HealthCheck'],
  ...['EtcdMemberList', 'EtcdStatus', 'EtcdAlarmList', 'Get', 'List', 'Watch'],
]);

/** True for a method whose calls `/talos plan` and `/talos check` must never make. */
export function isTalosAct(method: string): boolean {
  return !ASKS.has(method);
}
