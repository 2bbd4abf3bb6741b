// Looking at machines over real connections: what they are, and one boot at a time.
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import type { MachineView } from '../../src/cluster/snapshot.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { resources } from '../../src/talos/kinds.ts';
import { type Behaviour, machinesAt, running } from './machine.ts';
import { Published } from './published.ts';

const node = '10.0.0.3';
const BOOT = '11111111-2222-3333-4444-555555555555';

function aSettledMachine(): Published {
  return new Published()
    .with(resources.bootId, 'boot-id', { bootId: BOOT })
    .with(resources.machineStatus, 'machine', { stage: 4, status: { ready: true } })
    .with(resources.extension, '0', { metadata: { name: 'tailscale', version: '1.0' } })
    .with(resources.extension, '1', {
      metadata: {
        name: 'schematic',
        version: 'abc123',
        author: 'Image Factory (https://factory.example.com)',
      },
    })
    .with(resources.extension, '2', { metadata: { name: 'modules.dep', version: '6.12' } })
    .with(resources.extension, '3', { metadata: { name: 'gvisor', version: '2.0' } });
}

const NEW = {
  version: (_call, callback) =>
    callback(null, { messages: [{ version: { tag: 'v1.14.0' }, platform: { name: 'metal' } }] }),
} satisfies Behaviour['machine'];

describe('looking at a machine', () => {
  test('gives its version, boot, stage and image', async () => {
    const machine = await running({ state: aSettledMachine().state, machine: NEW });
    const view: MachineView = await machinesAt([machine.port]).look(node);
    expect(view).toEqual({
      version: 'v1.14.0',
      platform: 'metal',
      bootId: BOOT,
      stage: 'running',
      ready: true,
      unmet: [],
      schematic: 'abc123',
      factoryUrl: 'https://factory.example.com',
      extensions: ['gvisor', 'tailscale'],
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
    });
    expect(new Set(paths)).toEqual(new Set(['/proc/sys/kernel/random/boot_id']));
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

  test('for a role that may not read files tells boots apart by their time, and knows no boot id', async () => {
    let bootTime = 1_763_650_000n;
    let files = 0;
    const machine = await running({
      state: new Published().with(resources.machineStatus, 'machine', { stage: 4, status: { ready: true } })
        .state,
      machine: {
        read: (call) => {
          files += 1;
          call.emit('error', { code: status.PERMISSION_DENIED, details: 'not authorized' });
        },
        systemStat: (_call, callback) => callback(null, { messages: [{ bootTime }] }),
      },
    });
    const machines = machinesAt([machine.port]);
    expect(await machines.look(node)).toMatchObject({ bootId: '', version: 'v1.13.4', stage: 'running' });
    bootTime += 1n; // the clock was set
    expect((await machines.look(node)).bootId).toBe('');
    bootTime += 600n; // it restarted
    expect((await machines.look(node)).bootId).toBe('');
    expect(files).toBe(1);
  });

  test('asks a boot it knows only for what may have changed', async () => {
    const published = aSettledMachine();
    let versions = 0;
    const machine = await running({
      state: published.state,
      machine: {
        version: (call, callback) => {
          versions += 1;
          NEW.version(call, callback);
        },
      },
    });
    const machines = machinesAt([machine.port]);
    const first = await machines.look(node);
    published.with(resources.machineStatus, 'machine', { stage: 5 });
    expect(await machines.look(node)).toEqual({ ...first, stage: 'rebooting', ready: false });
    expect(versions).toBe(1);
  });

  test('remembers nothing of a boot that has not come up: its extensions may not be listed yet', async () => {
    const published = new Published()
      .with(resources.bootId, 'boot-id', { bootId: BOOT })
      .with(resources.machineStatus, 'machine', { stage: 1 })
      .knowing(resources.extension);
    const machine = await running({ state: published.state, machine: NEW });
    const machines = machinesAt([machine.port]);
    expect((await machines.look(node)).extensions).toEqual([]);
    published
      .with(resources.machineStatus, 'machine', { stage: 4, status: { ready: true } })
      .with(resources.extension, '0', { metadata: { name: 'gvisor' } });
    expect((await machines.look(node)).extensions).toEqual(['gvisor']);
  });
});

describe('two boots are never mixed', () => {
  /** A machine whose boot is the one `bootIdOf` gives for the nth time it is asked. */
  async function restless(bootIdOf: (read: number) => string): Promise<Machines> {
    let reads = 0;
    const published = aSettledMachine();
    const { get } = published.state;
    const machine = await running({
      machine: NEW,
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
    return machinesAt([machine.port]);
  }
  const other = BOOT.replace('1', '2');

  test('a restart in between is looked at again', async () => {
    const machines = await restless((read) => (read === 1 ? BOOT : other));
    expect((await machines.look(node)).bootId).toBe(other);
  });

  test('a machine that restarts again and again gives no answer', async () => {
    const machines = await restless((read) => BOOT.replace('1111', String(1000 + read)));
    await expect(machines.look(node)).rejects.toMatchObject({ kind: 'unreachable', code: 'RESTARTED' });
  });

  test('what Kubernetes saw before counts as a sight, in whatever spelling', async () => {
    const machines = await restless(() => BOOT);
    expect((await machines.look(node, { seenBoot: `${BOOT.toUpperCase()}\n` })).bootId).toBe(BOOT);
  });

  test.each([
    ['a boot that is over', other],
    ['nothing that is a boot id', 'machine-1'],
  ])('where Kubernetes has %s, the machine is believed', async (_what, seenBoot) => {
    const machines = await restless(() => BOOT);
    expect((await machines.look(node, { seenBoot })).bootId).toBe(BOOT);
    expect((await machines.look(node, { seenBoot })).bootId).toBe(BOOT);
  });

  test('what was remembered of a boot is not told of the next one', async () => {
    const published = aSettledMachine();
    const machine = await running({ state: published.state, machine: NEW });
    const machines = machinesAt([machine.port]);
    await machines.look(node);
    published
      .with(resources.bootId, 'boot-id', { bootId: other })
      .with(resources.extension, '3', { metadata: { name: 'zfs' } });
    for (const seenBoot of ['', other, BOOT])
      expect(await machines.look(node, { seenBoot })).toMatchObject({
        bootId: other,
        extensions: ['tailscale', 'zfs'],
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
