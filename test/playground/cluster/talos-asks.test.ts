// What counts as touching a machine: every method of Talos but those that only ask, so that a new one counts until somebody says otherwise.
import { expect, it } from 'vitest';
import { isTalosAct } from '../../../playground/cluster/talos-asks.ts';

it.each([
  ...[
    'Reboot',
    'Upgrade',
    'Rollback',
    'Reset',
    'Shutdown',
    'ApplyConfiguration',
    'Pull',
    'ImagePull',
    'Install',
  ],
  ...['EtcdForfeitLeadership', 'EtcdSnapshot', 'EtcdAlarmDisarm', 'ServiceRestart', 'Create', 'NoSuchMethod'],
])('%s is an act', (method) => {
  expect(isTalosAct(method)).toBe(true);
});

it.each(['Version', 'Get', 'List', 'Watch', 'EtcdStatus', 'Events'])('%s is a question', (method) => {
  expect(isTalosAct(method)).toBe(false);
});
