// Looking at machines over real connections: what they are, and one boot at a time.
import { describe, expect, test } from 'vitest';
import type { MachineView } from '../../src/cluster/snapshot.ts';
import { resources } from '../../src/talos/cosi.ts';
import { machinesAt, running } from './machine.ts';
import { Published } from './published.ts';

const node = '10.0.0.3';
const BOOT = '11111111-2222-3333-4444-555555555555';

function aSettledMachine(): Published {
  return new Published()
    .with(resources.bootId, 'boot-id', { bootId: BOOT })
    .with(resources.machineStatus, 'machine', { stage: 4, status: { ready: true } })
    .with(resources.securityState, 'securitystate', { secureBoot: true })
    .with(resources.extension, '0', { metadata: { name: 'tailscale', version: '1.0' } })
    .with(resources.extension, '1', {
      metadata: {
        name: 'schematic',
        version: 'abc123',
        author: 'Image Factory (https://factory.example.com)',
      },
    })
    .with(resources.extension, '2', { metadata: { name: 'modules.dep', version: '6.12' } })
    .with(resources.extension, '3', { metadata: { name: 'gvisor', version: '2.0' } })
    .knowing(resources.metaKey);
}

describe('looking at a machine', () => {
  test('gives its version, boot, stage, image and fallback', async () => {
    const machine = await running({ state: aSettledMachine().state });
    const view: MachineView = await machinesAt([machine.port]).look(node);
    expect(view).toEqual({
      version: 'v1.13.4',
      platform: 'metal',
      bootId: BOOT,
      stage: 'running',
      ready: true,
      unmet: [],
      schematic: 'abc123',
      factoryUrl: 'https://factory.example.com',
      extensions: ['gvisor', 'tailscale'],
      secureBoot: true,
      fallback: null,
    });
  });

  test('of an older version reads the boot id from its file and does without what it does not know', async () => {
    const published = new Published().with(resources.machineStatus, 'machine', {
      stage: 1,
      status: { unmetConditions: [{ name: 'network', reason: 'no address' }] },
    });
    const paths: string[] = [];
    const machine = await running({
      state: published.state,
      machine: {
        read: (call) => {
          paths.push(call.request.path);
          call.write({ bytes: Buffer.from(BOOT.slice(0, 10)) });
          call.write({ bytes: Buffer.from(`${BOOT.slice(10)}\n`) });
          call.end();
        },
      },
    });
    expect(await machinesAt([machine.port]).look(node)).toMatchObject({
      bootId: BOOT,
      stage: 'booting',
      ready: false,
      unmet: [{ name: 'network', reason: 'no address' }],
      schematic: null,
      factoryUrl: null,
      extensions: [],
      secureBoot: false,
      fallback: null,
    });
    expect(new Set(paths)).toEqual(new Set(['/proc/sys/kernel/random/boot_id']));
  });

  test('shows the entry it would fall back to', async () => {
    const published = aSettledMachine().with(resources.metaKey, '0x06', { value: 'Talos-v1.12.4.efi' });
    const machine = await running({ state: published.state });
    expect((await machinesAt([machine.port]).look(node)).fallback).toBe('Talos-v1.12.4.efi');
  });

  test('refuses a boot id that is cut off', async () => {
    const machine = await running({
      state: new Published().state,
      machine: {
        read: (call) => {
          call.write({ bytes: Buffer.from(BOOT.slice(0, 10)) });
          call.end();
        },
      },
    });
    await expect(machinesAt([machine.port]).look(node)).rejects.toMatchObject({ kind: 'broken' });
  });

  test('never mixes two boots: a restart in between is looked at again, and two are no answer', async () => {
    let reads = 0;
    let bootIdOf = (_read: number): string => BOOT;
    const published = aSettledMachine();
    const { get } = published.state;
    const machine = await running({
      state: {
        ...published.state,
        get: (call, callback) => {
          if (call.request.id === 'boot-id') {
            reads += 1;
            published.with(resources.bootId, 'boot-id', { bootId: bootIdOf(reads) });
          }
          get?.(call, callback);
        },
      },
    });
    const second = BOOT.replace('1', '2');
    bootIdOf = (read) => (read === 1 ? BOOT : second);
    expect((await machinesAt([machine.port]).look(node)).bootId).toBe(second);
    bootIdOf = (read) => BOOT.replace('1111', String(1000 + read));
    await expect(machinesAt([machine.port]).look(node)).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'RESTARTED',
    });
  });
});

test('members are named, placed and sorted', async () => {
  const published = new Published()
    .with(resources.member, 'w-1', { machineType: 3, addresses: [{ ip: Uint8Array.of(10, 0, 0, 4) }] })
    .with(resources.member, 'cp-1', { machineType: 2, addresses: [{ ip: Uint8Array.of(10, 0, 0, 1) }] });
  const machine = await running({ state: published.state });
  expect(await machinesAt([machine.port]).members()).toEqual([
    { name: 'cp-1', addresses: ['10.0.0.1'], role: 'control-plane' },
    { name: 'w-1', addresses: ['10.0.0.4'], role: 'worker' },
  ]);
});
