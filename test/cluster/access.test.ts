// What each role may not do, in sentences; and that a machine's answer outweighs the certificate.
import { describe, expect, it } from 'vitest';
import { type AccessView, isAdmin, lacking, rolesInWords } from '../../src/cluster/access.ts';

const access = (changed: Partial<AccessView>): AccessView => ({
  roles: ['os:admin'],
  admin: 'unasked',
  expiresAt: 0,
  until: '1970-01-01 00:00 UTC',
  stale: null,
  ...changed,
});

const UPGRADE = 'upgrade, roll back or hand over etcd leadership: that needs os:admin.';
const PULL = 'pull images or reboot: that needs os:operator.';
const COPY = 'copy etcd: that needs os:etcd:backup.';
const KUBECONFIG = 'fetch a kubeconfig (name one in kubernetes.kubeconfig): that needs os:admin.';
const BOOT_ID = 'read the boot id of machines before Talos 1.14: that needs os:admin.';
const PLAN = 'check and plan: that needs os:reader.';

const ROWS: readonly (readonly [what: string, view: AccessView, lacks: readonly string[]])[] = [
  ['os:admin', access({}), []],
  ['os:operator', access({ roles: ['os:operator'] }), [BOOT_ID, KUBECONFIG, UPGRADE]],
  ['os:reader', access({ roles: ['os:reader'] }), [BOOT_ID, KUBECONFIG, COPY, PULL, UPGRADE]],
  ['os:etcd:backup', access({ roles: ['os:etcd:backup'] }), [PLAN, BOOT_ID, KUBECONFIG, PULL, UPGRADE]],
  [
    'os:reader and os:etcd:backup',
    access({ roles: ['os:reader', 'os:etcd:backup'] }),
    [BOOT_ID, KUBECONFIG, PULL, UPGRADE],
  ],
  ['no role', access({ roles: [] }), [PLAN, BOOT_ID, KUBECONFIG, COPY, PULL, UPGRADE]],
];

describe('a role', () => {
  it.each(ROWS)('%s may not do what needs another', (words, view, lacks) => {
    expect(rolesInWords(view)).toBe(words);
    expect(lacking(view)).toEqual(lacks.map((lack) => `Our Talos role (${words}) may not ${lack}`));
  });

  it('is what a machine says it is', () => {
    expect(isAdmin(access({ admin: 'denied' }))).toBe(false);
    expect(isAdmin(access({ roles: [], admin: 'granted' }))).toBe(true);
    expect(lacking(access({ roles: [], admin: 'granted' }))).toEqual([]);
    expect(isAdmin(access({ roles: ['os:reader'] }))).toBe(false);
  });
});
