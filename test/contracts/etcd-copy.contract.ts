// What every `Machines` must do when etcd is copied (ports/machines.ts): part of the machines' contract.
import { expect, it } from 'vitest';
import { verified } from '../../src/archive/verify.ts';
import { allOf } from '../archive/snapshots.ts';
import type { OpenMachines } from './machines-under-test.ts';

export function copyingEtcd(fresh: OpenMachines): void {
  const { signal } = new AbortController();

  it('of a control-plane machine gives a whole copy in small pieces', async () => {
    const under = await fresh();
    const pieces = await allOf(verified(under.machines.etcdSnapshot(under.addressOf('cp-2'), signal)));
    expect(pieces.length).toBeGreaterThan(1);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(1024);
  });

  it('of a worker is missing, and of a machine that is gone unreachable', async () => {
    const under = await fresh();
    under.inject('node-down', { node: 'cp-1' });
    const copy = (node: string) => allOf(under.machines.etcdSnapshot(under.addressOf(node), signal));
    await expect(copy('w-1')).rejects.toMatchObject({ name: 'Fault', kind: 'missing' });
    await expect(copy('cp-1')).rejects.toMatchObject({ name: 'Fault', kind: 'unreachable' });
  });

  it('that nobody wants any more ends as unreachable', async () => {
    const under = await fresh();
    const copy = under.machines.etcdSnapshot(under.addressOf('cp-1'), AbortSignal.abort());
    await expect(allOf(copy)).rejects.toMatchObject({ name: 'Fault', kind: 'unreachable' });
  });
}
