// The ways a question takes: failover, direct, avoiding a machine, back after an outage, and never off loopback.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { talosMachines } from '../../src/talos/machines.ts';
import { Reads } from '../../src/talos/reads.ts';
import { aConnection, aDeadPort, type Behaviour, machinesAt, running, settingsFor } from './machine.ts';
import { aTalosAuthority } from './pki.ts';

const node = '10.0.0.3';
const patience = { timeout: 10_000, interval: 50 };

function readsAt(ports: readonly number[]): Reads {
  const reads = new Reads(aConnection(ports));
  onTestFinished(() => reads.close());
  return reads;
}

/** A short question to the node, by which the machines of these tests tell who answers. */
async function askedOf(reads: Reads): Promise<string | undefined> {
  const { messages } = await reads.unary(MachineService.method.version, {}, { node });
  return messages[0]?.version?.tag;
}

describe('the way to a machine', () => {
  const named = (name: string): Behaviour => ({
    machine: { version: (_call, callback) => callback(null, { messages: [{ version: { tag: name } }] }) },
  });

  test('leads through another endpoint when one is down, untrusted or a worker', async () => {
    const foreign = await running({ certificate: await (await aTalosAuthority()).server() });
    const worker = await running({
      machine: {
        version: (_call, callback) =>
          callback({ code: status.PERMISSION_DENIED, details: 'no request forwarding' }),
      },
    });
    const good = await running(named('cp-2'));
    const reads = readsAt([await aDeadPort(), foreign.port, worker.port, good.port]);
    expect(await askedOf(reads)).toBe('cp-2');
  });

  test.each([
    ['alone', () => [], 'refused'],
    ['beside one that is down, whose reason passes', async () => [await aDeadPort()], 'unreachable'],
  ])('is said to be a worker when it is one, %s', async (_what, others, kind) => {
    const worker = await running({
      machine: {
        version: (_call, callback) =>
          callback({ code: status.PERMISSION_DENIED, details: 'no request forwarding' }),
      },
    });
    const asked = askedOf(readsAt([...(await others()), worker.port]));
    await expect(asked).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(
        /^Version .* is a worker and forwards nothing: list control-plane machines/,
      ),
    });
  });

  test('leads through another endpoint when one takes the connection and then stays silent', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void mute.close());
    await once(mute, 'listening');
    const good = await running(named('cp-2'));
    const reads = readsAt([(mute.address() as AddressInfo).port, good.port]);
    expect(await askedOf(reads)).toBe('cp-2');
  });

  test('is said to be silent for the longest that anybody was, and is no new one when hardly any time is left', async () => {
    let asked = 0;
    const mute: Behaviour = {
      machine: {
        version: () => {
          asked += 1;
        },
      },
    };
    const ports = [(await running(mute)).port, (await running(mute)).port, (await running(mute)).port];
    // The second way is asked after 1.5 s; when the time is over the third would be next.
    const short = { node, withinMs: 2_900 };
    const silence = readsAt(ports).unary(MachineService.method.version, {}, short);
    await expect(silence).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: `Version of ${node} (through 127.0.0.1:${ports[0]}) failed: no answer within 3 s.`,
    });
    expect(asked).toBeLessThanOrEqual(2);
  });

  test('is not changed when the machine itself says no', async () => {
    const first = await running({
      machine: {
        version: (_call, callback) =>
          callback({ code: status.UNKNOWN, details: 'cannot forfeit leadership, only one member' }),
      },
    });
    const second = await running(named('cp-2'));
    await expect(askedOf(readsAt([first.port, second.port]))).rejects.toMatchObject({
      kind: 'refused',
    });
  });

  test('can be direct, and names the machine even then', async () => {
    const nodes: string[] = [];
    const endpoint = await running();
    const itself = await running({
      machine: {
        etcdStatus: (call, callback) => {
          nodes.push(call.metadata.get('node').join());
          callback({
            code: status.UNIMPLEMENTED,
            details: 'etcd status is only available on control plane nodes',
          });
        },
      },
    });
    const direct = (): { host: string; port: number } => ({ host: '127.0.0.1', port: itself.port });
    const machines = machinesAt([endpoint.port], { direct });
    await expect(machines.etcd(node, { route: 'direct' })).rejects.toMatchObject({ kind: 'missing' });
    expect(nodes).toEqual([node]);
  });

  test('avoids the machine that is being taken down', async () => {
    let asked = 0;
    const goingDown = await running({
      machine: {
        etcdStatus: () => {
          asked += 1;
        },
      },
    });
    const itself = await running({
      machine: { etcdStatus: (_call, callback) => callback({ code: status.UNIMPLEMENTED, details: 'x' }) },
    });
    const direct = (): { host: string; port: number } => ({ host: '127.0.0.1', port: itself.port });
    const machines = machinesAt([goingDown.port], { direct });
    await expect(machines.etcd(node, { avoid: '127.0.0.1' })).rejects.toMatchObject({ kind: 'missing' });
    expect(asked).toBe(0);
  });

  test('is found again after the machine was gone', async () => {
    // A port that nobody else gets while the machine is gone.
    const first = await running(named('before'), await aDeadPort());
    const reads = readsAt([first.port]);
    expect(await askedOf(reads)).toBe('before');
    first.stop();
    await expect(askedOf(reads)).rejects.toMatchObject({ kind: 'unreachable' });
    await running(named('after'), first.port);
    await vi.waitFor(async () => expect(await askedOf(reads)).toBe('after'), patience);
  });

  test('is given up when the caller stops waiting', async () => {
    const machine = await running({ machine: { etcdStatus: () => stop.abort() } });
    const stop = new AbortController();
    await expect(machinesAt([machine.port]).etcd(node, { signal: stop.signal })).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });

  test('never leaves loopback when it may not', async () => {
    const settings = settingsFor([1]);
    expect(() => talosMachines({ ...settings, endpoints: [{ host: '10.0.0.1', port: 50_000 }] })).toThrow(
      /loopback/,
    );
    await expect(machinesAt([1]).look(node, { route: 'direct' })).rejects.toThrow(/loopback/);
  });
});
