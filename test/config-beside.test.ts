// Backups and neighbours in the configuration, and one sentence for each mistake.
import { describe, expect, it } from 'vitest';
import { inCluster, mistakesIn, settingsOf } from './a-configuration.ts';

const policyOf = (...lines: readonly string[]) => settingsOf(inCluster(...lines)).clusters[0]?.policy;

describe('the configuration of the Lease', () => {
  const leaseOf = (...lines: readonly string[]) => settingsOf(inCluster(...lines)).clusters[0]?.lease;

  it('is on, at a place that every cluster has', () => {
    expect(leaseOf()).toEqual({ namespace: 'kube-system', name: 'talos-chatops' });
  });

  it('may lie elsewhere, or be off', () => {
    expect(leaseOf('kubernetes: { lease: { namespace: platform, name: upgrades } }')).toEqual({
      namespace: 'platform',
      name: 'upgrades',
    });
    expect(leaseOf('kubernetes: { lease: { use: off } }')).toBeNull();
  });

  it('says what is wrong with a name', () => {
    expect(mistakesIn(inCluster('kubernetes: { lease: { name: Not_A_Name } }'))).toContainEqual(
      expect.stringContaining('expects a name of small letters, digits and dashes'),
    );
  });
});

describe('the configuration of the backup', () => {
  it('is absent unless it is written', () => {
    expect(policyOf()).not.toHaveProperty('velero');
    expect(policyOf('backup: {}')).not.toHaveProperty('velero');
  });

  it('has defaults for everything', () => {
    expect(policyOf('backup: { velero: {} }')?.velero).toEqual({
      namespace: 'velero',
      includedNamespaces: ['*'],
      excludedNamespaces: [],
      defaultVolumesToFsBackup: false,
      ttlMs: null,
      storageLocation: null,
      timeoutMs: 14_400_000,
      freshEnoughMs: null,
    });
  });

  it('takes what it says', () => {
    expect(
      policyOf(
        'backup:',
        '  velero:',
        '    namespace: backups',
        '    includedNamespaces: [shop, blog]',
        '    excludedNamespaces: [tmp]',
        '    defaultVolumesToFsBackup: true',
        '    ttl: 30d',
        '    storageLocation: off-site',
        '    timeout: 90m',
        '    freshEnough: 6h',
      )?.velero,
    ).toEqual({
      namespace: 'backups',
      includedNamespaces: ['shop', 'blog'],
      excludedNamespaces: ['tmp'],
      defaultVolumesToFsBackup: true,
      ttlMs: 2_592_000_000,
      storageLocation: 'off-site',
      timeoutMs: 5_400_000,
      freshEnoughMs: 21_600_000,
    });
  });

  it.each([
    ['{ namespace: My_Velero }', /backup\.velero\.namespace: expects a Kubernetes name/],
    ['{ includedNamespaces: [] }', /includedNamespaces: expects at least one namespace, or "\*"/],
    ['{ includedNamespaces: ["*", shop] }', /includedNamespaces: expects "\*" alone, or names/],
    ['{ excludedNamespaces: ["*"] }', /excludedNamespaces: excludes \*, which would leave nothing/],
    ['{ includedNamespaces: [shop], excludedNamespaces: [shop] }', /excludes shop/],
    ['{ excludedNamespaces: ["kube_system"] }', /expects a namespace, or "\*"/],
    ['{ ttl: 720h0m0s }', /backup\.velero\.ttl: expects a duration such as 90s/],
    ['{ timeOut: 1h }', /"timeOut" is no setting here/],
  ])('refuses %s with its reason', (written, message) => {
    const mistakes = mistakesIn(inCluster(`backup: { velero: ${written} }`));
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(message);
  });
});

describe('the configuration of neighbours', () => {
  it('is absent unless it is written', () => {
    expect(policyOf()).not.toHaveProperty('neighbours');
  });

  it('chooses by kind, namespace, name and labels', () => {
    expect(
      policyOf(
        'neighbours:',
        '  flux:',
        '    - { kind: HelmRelease, namespace: "shop-*" }',
        '    - { labels: { upgrade: suspend } }',
        '  argo:',
        '    - { name: "*" }',
      )?.neighbours,
    ).toEqual({
      flux: [
        { kind: 'HelmRelease', namespace: 'shop-*', name: null, labels: {} },
        { kind: null, namespace: null, name: null, labels: { upgrade: 'suspend' } },
      ],
      argo: [{ kind: 'Application', namespace: null, name: '*', labels: {} }],
    });
  });

  it.each([
    ['{ flux: [{}] }', /neighbours\.flux\.0: expects namespace, name or labels to choose by/],
    ['{ flux: [{ kind: Kustomization }] }', /neighbours\.flux\.0: expects namespace, name or labels/],
    ['{ flux: [{ kind: GitRepository, name: a }] }', /flux\.0\.kind: expects Kustomization or HelmRelease/],
    ['{ argo: [{ kind: Application, name: a }] }', /"kind" is no setting here/],
    ['{ argo: [{ name: "shop web" }] }', /argo\.0\.name: expects a name of small letters/],
    ['{ flux: all }', /neighbours\.flux: /],
  ])('refuses %s with its reason', (written, message) => {
    const mistakes = mistakesIn(inCluster(`neighbours: ${written}`));
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(message);
  });
});
