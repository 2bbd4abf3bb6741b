// Health checks in the configuration: tuppr's format, and the mistakes that are found before anything starts.
import { describe, expect, it } from 'vitest';
import { healthChecks } from '../src/config-health.ts';

const CHECK = { apiVersion: 'apps/v1', kind: 'Deployment', expr: 'status.readyReplicas == 3' };

function read(...written: readonly object[]) {
  return healthChecks.safeParse(written);
}

describe('a health check of the configuration', () => {
  it('is about every object of its kind unless it says more', () => {
    const result = read(CHECK, { ...CHECK, name: 'web', namespace: 'shop', description: 'the shop is up' });
    expect(result.data).toMatchObject([
      { name: 'Deployment', object: { namespace: null, name: null }, selector: null },
      { name: 'the shop is up', object: { namespace: 'shop', name: 'web' } },
    ]);
  });

  it('chooses by labels as Kubernetes or as kubectl writes them', () => {
    const matchExpressions = [
      { key: 'tier', operator: 'NotIn', values: ['test', 'dev'] },
      { key: 'legacy', operator: 'DoesNotExist' },
      { key: 'owner', operator: 'Exists' },
      { key: 'zone', operator: 'In', values: ['a'] },
    ];
    const result = read(
      { ...CHECK, labelSelector: { matchLabels: { app: 'web' }, matchExpressions } },
      { ...CHECK, labelSelector: 'app=web,!legacy' },
    );
    expect(result.data?.map(({ selector }) => selector)).toEqual([
      'app=web,tier notin (test,dev),!legacy,owner,zone in (a)',
      'app=web,!legacy',
    ]);
  });

  it('without a description is known by what it is about', () => {
    const result = read(
      CHECK,
      { ...CHECK, name: 'web' },
      { ...CHECK, name: 'web', namespace: 'shop' },
      { ...CHECK, namespace: 'shop' },
      { ...CHECK, namespace: 'shop', labelSelector: 'tier=critical' },
    );
    expect(result.data?.map(({ name }) => name)).toEqual([
      'Deployment',
      'Deployment web',
      'Deployment shop/web',
      'Deployment in shop',
      'Deployment in shop with tier=critical',
    ]);
  });

  it.each([
    ['two about the same', CHECK, { ...CHECK, expr: 'true' }, 'Deployment'],
    [
      'two with one description',
      { ...CHECK, description: 'a' },
      { ...CHECK, kind: 'Pod', description: 'a' },
      'a',
    ],
    ['a description that another is known by', CHECK, { ...CHECK, description: 'Deployment' }, 'Deployment'],
  ])('has a name of its own: not %s', (_, first, second, name) => {
    const { error } = read({ ...CHECK, description: 'else' }, first, second);
    expect(error?.issues.map(({ path, message }) => [path, message])).toEqual([
      [[2], `is called "${name}", as healthChecks.1 is: give one of them a description of its own`],
    ]);
  });

  it.each([
    [{ expr: 'status.readyReplicas ==' }, /no CEL expression/],
    [{ expr: '1 + 1' }, /type int/],
    [{ expr: 'objet.spec == 1' }, /Unknown variable/],
    [{ apiVersion: 'apps' }, /such as apps\/v1/],
    [{ kind: 'deployments' }, /such as Deployment/],
    [{ name: 'a', labelSelector: 'app=b' }, /excludes name/],
    [{ labelSelector: { matchLabel: {} } }, /matchLabel/],
    [{ timeout: 'soon' }, /duration such as 90s/],
    [{ exp: 'x' }, /exp/],
  ])('is refused with its reason: %o', (changed, message) => {
    const result = read({ ...CHECK, ...changed });
    expect(result.success).toBe(false);
    expect(result.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join()).toMatch(
      message,
    );
  });
});
