// The contract of ImageFactory, held by the double and by the HTTP client against the simulated factory.
import { describe } from 'vitest';
import { realClock } from '../../playground/cluster/real-clock.ts';
import { simulatedFactory } from '../../playground/doubles/factory.ts';
import { startFactory } from '../../playground/factory/server.ts';
import { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import { worldSettings } from '../../playground/world/settings.ts';
import { World } from '../../playground/world/world.ts';
import { imageFactory } from '../../src/releases/factory.ts';
import { factoryContract } from './factory.contract.ts';

function aWorld(): World {
  const clock = realClock;
  const kubernetes = new KubernetesObjects({ clock, timings: { terminationMs: 1 } });
  return new World({ settings: worldSettings(), clock, kubernetes });
}

describe('the double', () => {
  factoryContract(async () => {
    const world = aWorld();
    return {
      factory: simulatedFactory(world),
      registry: 'factory.talos.dev',
      inject: (fault, params) => void world.inject(fault, params),
      heal: () => void world.heal(),
      close: async () => undefined,
    };
  });
});

describe('the client', () => {
  factoryContract(async () => {
    const world = aWorld();
    const server = await startFactory({ world });
    const factory = imageFactory({
      onlyLoopback: true,
      mirrors: { 'ghcr.io': server.url },
      pausesMs: [1, 1],
    });
    return {
      factory,
      registry: server.host,
      inject: (fault, params) => void world.inject(fault, params),
      heal: () => void world.heal(),
      close: async () => {
        await factory.close();
        await server.stop();
      },
    };
  });
});
