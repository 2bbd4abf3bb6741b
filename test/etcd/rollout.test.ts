// A rollout of the simulated cluster under the upgrade mutex of a real etcd: the adapter as the driver uses it.
import { describe, expect, it } from 'vitest';
import type { SimulatedTime } from '../../playground/doubles/clock.ts';
import type { ProcessPorts } from '../../playground/doubles/house.ts';
import type { UpgradeMutex } from '../../src/engine/ports/upgrade-mutex.ts';
import { aSmallScene } from '../engine/scene.ts';
import { aTaker, bounded, titled } from './asking.ts';
import { anEtcdCluster, type EtcdCluster, withoutEtcd } from './etcd-cluster.ts';
import { keysOf, limit, PREFIX } from './mutex-seen.ts';

/** The adapter asking this etcd, whatever addresses the simulated machines have; simulated time waits for it. */
function inRealEtcd(cluster: EtcdCluster, real: UpgradeMutex, time: SimulatedTime): UpgradeMutex {
  return {
    tryTake: async () => {
      const reply = await time.outside(bounded(real.tryTake(cluster.members)));
      if (reply.kind !== 'taken') return reply;
      const { hold } = reply;
      const waited = {
        holder: hold.holder,
        lost: hold.lost,
        holds: () => hold.holds(),
        confirm: () => time.outside(hold.confirm()),
        release: () => time.outside(hold.release()),
        letExpire: () => hold.letExpire(),
      };
      return { kind: 'taken', hold: waited };
    },
    close: () => real.close(),
  };
}

describe.skipIf(withoutEtcd)(titled('a rollout with a real etcd'), limit, () => {
  it('holds the mutex there at every installation and restart of the control plane, and leaves nothing behind', async () => {
    const cluster = await anEtcdCluster();
    const [mine, other] = [aTaker(cluster), aTaker(cluster)];
    const seen: string[] = [];
    const scene = aSmallScene({
      guarded: true,
      mutexOf: (house) => inRealEtcd(cluster, mine, house.time),
    });
    const { time, world } = scene.house;
    const looking = async (what: string, address: string): Promise<void> => {
      const keys = await time.outside(keysOf(cluster));
      const { kind } = await time.outside(other.tryTake(cluster.members));
      seen.push(`${what} ${world.find(address)?.node.name}: ${keys.map(({ key }) => key).join()} ${kind}`);
      if (kind === 'taken') throw new Error(`${what} of ${address} without the mutex`);
    };
    scene.between((ports: ProcessPorts) => ({
      ...ports,
      machines: {
        ...ports.machines,
        install: async (address, ...rest) => {
          if (world.find(address)?.node.role === 'control-plane') await looking('install', address);
          return ports.machines.install(address, ...rest);
        },
        reboot: async (address, ...rest) => {
          if (world.find(address)?.node.role === 'control-plane') await looking('reboot', address);
          return ports.machines.reboot(address, ...rest);
        },
      },
    }));
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    const begun = scene.facts('step-begun').filter(({ step }) => /cp-\d-(install|reboot)$/.test(step));
    expect(seen).toEqual(
      begun.map(({ step, evidence }) => {
        const [, node, what] = /(cp-\d)-(install|reboot)$/.exec(step) ?? [];
        return `${what} ${node}: ${PREFIX}${evidence['mutex']} held-elsewhere`;
      }),
    );
    expect(seen).toHaveLength(6);
    expect(await keysOf(cluster)).toEqual([]);
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
  });
});
