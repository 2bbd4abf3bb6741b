// What a cluster's configuration says of backups of what runs in it.
import { z } from 'zod';
import { duration } from './config-duration.ts';
import type { VeleroPolicy } from './rollout/policy.ts';

const name = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
    'expects a Kubernetes name of small letters, digits and dashes',
  );
const namespaces = z.array(
  z.string().regex(/^(\*|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$/, 'expects a namespace, or "*"'),
);

// Four hours: volumes copied through a thin uplink. A backup is only waited for, so a long limit costs nothing.
const velero = z
  .strictObject({
    namespace: name.default('velero'),
    includedNamespaces: namespaces.min(1, 'expects at least one namespace, or "*"').default(['*']),
    excludedNamespaces: namespaces.default([]),
    defaultVolumesToFsBackup: z.boolean().default(false),
    ttl: duration.optional(),
    storageLocation: name.optional(),
    timeout: duration.default(14_400_000),
    freshEnough: duration.optional(),
  })
  .check(({ value, issues }) => {
    const { includedNamespaces, excludedNamespaces } = value;
    if (includedNamespaces.includes('*') && includedNamespaces.length > 1) {
      const message = 'expects "*" alone, or names: "*" is all of them';
      issues.push({ code: 'custom', message, path: ['includedNamespaces'], input: includedNamespaces });
    }
    const both = excludedNamespaces.find((one) => one === '*' || includedNamespaces.includes(one));
    if (both !== undefined) {
      const message = `excludes ${both}, which would leave nothing of it to back up`;
      issues.push({ code: 'custom', message, path: ['excludedNamespaces'], input: excludedNamespaces });
    }
  })
  .transform(
    ({ ttl = null, storageLocation = null, timeout, freshEnough = null, ...rest }): VeleroPolicy => ({
      ...rest,
      ttlMs: ttl,
      storageLocation,
      timeoutMs: timeout,
      freshEnoughMs: freshEnough,
    }),
  );

export const backup = z.strictObject({ velero: velero.optional() }).default({});
