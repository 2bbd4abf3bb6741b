// Whom a policy chooses, and in which order they are taken.
import { describe, expect, it } from 'vitest';
import { chosenNeighbours, type NeighbourSelector } from '../../src/cluster/neighbour.ts';
import { aNeighbour } from '../builders/beside.ts';

const ANY: NeighbourSelector = { kind: null, namespace: null, name: null, labels: {} };
const APP = aNeighbour('shop-web-1', { namespace: 'shop', labels: { tier: 'web', team: 'a' } });

describe('a selector', () => {
  it.each<[string, Partial<NeighbourSelector>, boolean]>([
    ['nothing said', {}, true],
    ['its name', { name: 'shop-web-1' }, true],
    ['another name', { name: 'shop-web' }, false],
    ['a name with more behind it', { name: 'shop-*' }, true],
    ['a name with more before it', { name: '*-1' }, true],
    ['a name with more in it', { name: 'shop-*-1' }, true],
    ['several stars', { name: '*o*w*1' }, true],
    ['stars in another order', { name: '*w*o*' }, false],
    ['parts that would overlap', { name: 'shop-web-1*web-1' }, false],
    ['parts that share a letter', { name: 'shop-*-*-1' }, false],
    ['a star that stands for nothing', { name: 'shop-web-1*' }, true],
    ['a dot, which is a dot', { name: 'shop.web.1' }, false],
    ['everything', { name: '*' }, true],
    ['its namespace', { namespace: 'shop' }, true],
    ['another namespace', { namespace: 'sho' }, false],
    ['its kind', { kind: 'Kustomization' }, true],
    ['another kind', { kind: 'HelmRelease' }, false],
    ['one of its labels', { labels: { tier: 'web' } }, true],
    ['a label with another value', { labels: { tier: 'db' } }, false],
    ['a label it lacks', { labels: { zone: '' } }, false],
    ['several of which one differs', { namespace: 'shop', labels: { tier: 'web', team: 'b' } }, false],
  ])('with %s', (_what, said, chosen) => {
    const found = chosenNeighbours([APP], { flux: [{ ...ANY, ...said }], argo: [] });
    expect(found).toEqual(chosen ? [APP] : []);
  });

  it('of Flux chooses no Application, and the other way round', () => {
    const application = aNeighbour('shop', { kind: 'Application' });
    expect(chosenNeighbours([APP, application], { flux: [ANY], argo: [] })).toEqual([APP]);
    expect(chosenNeighbours([APP, application], { flux: [], argo: [ANY] })).toEqual([application]);
  });
});

describe('the chosen ones', () => {
  it('are in order, each after the one that applies it', () => {
    const by = (name: string) => ({ appliedBy: { namespace: 'flux-system', name } });
    const seen = [
      aNeighbour('a-leaf', by('middle')),
      aNeighbour('root', by('root')),
      aNeighbour('middle', by('root')),
      aNeighbour('alone'),
    ];
    expect(chosenNeighbours(seen, { flux: [ANY], argo: [] }).map(({ name }) => name)).toEqual([
      'alone',
      'root',
      'middle',
      'a-leaf',
    ]);
  });

  it('that apply each other come to an end', () => {
    const by = (name: string) => ({ appliedBy: { namespace: 'flux-system', name } });
    const seen = [aNeighbour('a', by('b')), aNeighbour('b', by('a'))];
    expect(chosenNeighbours(seen, { flux: [ANY], argo: [] })).toHaveLength(2);
  });
});
