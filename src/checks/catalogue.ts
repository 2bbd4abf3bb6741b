// Every check by its name: what a policy may say about it, and whether a person may go on in spite of it.
import { type Finding, WORST_FIRST } from './finding.ts';

/**
 * promise: it guards what this product promises (quorum, the right machine, the right image); nobody sets it aside.
 * advice: a policy may switch it off or change its weight, and a named person may override it once, with a reason.
 */
export type Standing = 'promise' | 'advice';

/** In the order in which docs/checks.md explains them. */
export const CHECKS = {
  'access-lasts': 'promise',
  'access-role': 'promise',
  'machine-answers': 'promise',
  'nodes-match': 'promise',
  'machine-ready': 'promise',
  'machine-settled': 'promise',
  'etcd-quorum': 'promise',
  'etcd-snapshot': 'advice',
  'etcd-copy': 'promise',
  'etcd-size': 'advice',
  'etcd-versions': 'advice',
  'legal-hop': 'promise',
  'installer-image': 'promise',
  extensions: 'advice',
  'image-exists': 'promise',
  'reboot-mode': 'promise',
  staged: 'promise',
  'rollback-target': 'promise',
  'time-sync': 'advice',
  'disk-space': 'advice',
  omni: 'advice',
  'machine-armed': 'promise',
  'machine-in-doubt': 'promise',
  'node-away': 'promise',
  diagnostics: 'advice',
  services: 'advice',
  volumes: 'advice',
  'kubernetes-images': 'promise',
  'unpinned-images': 'advice',
  'install-disk': 'advice',
  'kernel-arguments': 'advice',
  'kubernetes-access': 'advice',
  'node-ready': 'advice',
  'node-schedulable': 'advice',
  'node-pressure': 'advice',
  'static-pods': 'promise',
  'version-skew': 'advice',
  'system-pods': 'advice',
  'pods-running': 'advice',
  'new-troubles': 'advice',
  'disruption-budgets': 'advice',
  'double-budgets': 'advice',
  'single-replicas': 'advice',
  'unmanaged-pods': 'advice',
  'empty-dirs': 'advice',
  'local-volumes': 'advice',
  capacity: 'advice',
  'next-drain': 'advice',
  batches: 'advice',
  canary: 'advice',
  'own-pod': 'advice',
  webhooks: 'advice',
  'api-services': 'advice',
  'pending-csrs': 'advice',
  'health-checks': 'advice',
  flux: 'advice',
  argo: 'advice',
  velero: 'advice',
  backup: 'advice',
  neighbours: 'advice',
  longhorn: 'advice',
  ceph: 'advice',
  'other-upgraders': 'advice',
  'other-bots': 'advice',
} as const satisfies Readonly<Record<string, Standing>>;

export type CheckName = keyof typeof CHECKS;

/** What a policy says of a check: its troubles stop, only warn, or are not looked for. */
export type Weight = 'block' | 'warn' | 'off';

export type Weights = Readonly<Partial<Record<CheckName, Weight>>>;

export function isCheck(name: string): name is CheckName {
  return Object.hasOwn(CHECKS, name);
}

/** True when a policy may change its weight and a named person may override it. An unknown check is never set aside. */
export function maySetAside(check: string): boolean {
  return isCheck(check) && CHECKS[check] === 'advice';
}

/** The findings as the policy weighs them: a check that is off leaves one line that says so, a promise stays as it is. */
export function weighed(findings: readonly Finding[], weights: Weights): readonly Finding[] {
  const off = new Set<string>();
  return findings.flatMap((finding): Finding[] => {
    const weight = isCheck(finding.check) && maySetAside(finding.check) ? weights[finding.check] : undefined;
    if (weight === undefined) return [finding];
    if (weight !== 'off') return [{ ...finding, level: levelAs(finding, weight) }];
    if (off.has(finding.check)) return [];
    off.add(finding.check);
    const sentence = 'It is switched off by the policy.';
    return [{ check: finding.check, level: 'skipped', subject: 'cluster', sentence, advice: null }];
  });
}

function levelAs({ level }: Finding, weight: 'block' | 'warn'): Finding['level'] {
  const trouble = WORST_FIRST.indexOf(level) <= WORST_FIRST.indexOf('warning');
  if (!trouble) return level;
  if (weight === 'warn') return 'warning';
  return level === 'warning' ? 'blocker' : level;
}
