import { describe, expect, it } from 'vitest';
import { clusterKeys, journalPrefix, speakerKey } from '../../src/store/keys.ts';

/** What Redis Cluster hashes: the text between the first brace and the next closing one. */
function hashTag(key: string): string | undefined {
  return /\{([^}]+)\}/.exec(key)?.[1];
}

describe('keys', () => {
  it.each(['prod', 'a}b{c', 'größe 1', 'x:y'])('of cluster %s lie in one slot', (cluster) => {
    const keys = clusterKeys('talos-chatops', cluster);
    const all = [
      keys.claim,
      keys.looks,
      keys.recent,
      keys.open,
      keys.journal('r}{1'),
      keys.lease('r1'),
      keys.thread('r1'),
      keys.notes('r1'),
      keys.delivery('12.34:a}b{'),
    ];
    expect(new Set(all.map(hashTag)).size).toBe(1);
    expect(new Set(all).size).toBe(all.length);
  });

  it('are the documented ones', () => {
    const keys = clusterKeys('talos-chatops', 'prod');
    expect(keys.journal('r-1')).toBe('talos-chatops:{prod}:journal:r-1');
    expect(keys.claim).toBe('talos-chatops:{prod}:claim');
    expect(speakerKey('talos-chatops', 'T012')).toBe('talos-chatops:{T012}:speaker');
  });

  it.each([
    ['talos-chatops:{prod}:journal:r1', 'talos-chatops'],
    ['team:talos:{prod}:claim', 'team:talos'],
    ['talos-chatops:{prod}:looks', null],
    ['{talos-chatops}:bull:bells:1', null],
    ['shop:{cart}:journal', null],
    ['shop:cart:journal:7', null],
  ])('%s belongs to the journals of %s', (key, prefix) => {
    expect(journalPrefix(key)).toBe(prefix);
  });

  it.each(['prod', 'a}b{c', 'größe 1'])('of journals and claims of cluster %s are recognised', (cluster) => {
    const keys = clusterKeys('p', cluster);
    expect([journalPrefix(keys.journal('r:{1}')), journalPrefix(keys.claim)]).toEqual(['p', 'p']);
  });
});
