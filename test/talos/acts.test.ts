// Acts over real connections with mutual TLS: sent once, on a proven connection, and never delivered late.
import { type Metadata, status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Acts } from '../../src/talos/acts.ts';
import { clientOf } from '../../src/talos/channel.ts';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { callUnary } from '../../src/talos/grpc.ts';
import { aConnection, aDeadPort, authority, type Behaviour, machinesAt, running } from './machine.ts';
import { aTalosAuthority } from './pki.ts';
import { aRelayTo, type Relay } from './relay.ts';

const node = '10.0.0.3';
const soonMs = 5_000;
/** How long a test waits for something that has no reason to take time. */
const patience = { timeout: 5_000, interval: 10 };

describe('an act', () => {
  test('goes to the machine it names, once, after a read of that machine on the same connection', async () => {
    const seen: string[] = [];
    const note = (what: string, call: { metadata: Metadata; getPeer(): string }): void => {
      seen.push(`${what} ${call.metadata.get('node').join()} ${call.getPeer()}`);
    };
    const machine = await running({
      machine: {
        version: (call, callback) => {
          note('version', call);
          callback(null, {});
        },
        reboot: (call, callback) => {
          note('reboot', call);
          callback(null, { messages: [{ actorId: 'a-1' }] });
        },
      },
    });
    const reply = await new Acts(aConnection([machine.port])).unary(
      node,
      MachineService.method.reboot,
      {},
      soonMs,
    );
    expect(reply).toMatchObject({ kind: 'done', value: { messages: [{ actorId: 'a-1' }] } });
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatch(`version ${node}`);
    expect(seen[1]).toBe(seen[0]?.replace('version', 'reboot'));
  });

  test('goes through the next endpoint when the first does not answer', async () => {
    const machine = await running({ machine: { reboot: (_call, callback) => callback(null, {}) } });
    const acts = new Acts(aConnection([await aDeadPort(), machine.port]));
    expect((await acts.unary(node, MachineService.method.reboot, {}, soonMs)).kind).toBe('done');
  });

  test('that hands etcd leadership over is one too: a lost reply is no reason to send it again', async () => {
    let sent = 0;
    const forfeiting = async () =>
      await running({
        machine: {
          etcdForfeitLeadership: (_call, callback) => {
            sent += 1;
            callback({ code: status.UNAVAILABLE, details: 'transport is closing' });
          },
        },
      });
    const machines = machinesAt([(await forfeiting()).port, (await forfeiting()).port]);
    await expect(machines.forfeitLeadership(node)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(sent).toBe(1);
  });

  test('is withdrawn when no endpoint answers', async () => {
    const reply = await new Acts(aConnection([await aDeadPort()])).unary(
      node,
      MachineService.method.reboot,
      {},
      soonMs,
    );
    expect(reply).toMatchObject({ kind: 'withdrawn', fault: { kind: 'unreachable' } });
  });

  test('says that an endpoint is a worker, even when another one fails for a passing reason', async () => {
    const worker = await running({
      machine: {
        version: (_call, callback) =>
          callback({ code: status.PERMISSION_DENIED, details: 'no request forwarding' }),
      },
    });
    const dead = await aDeadPort();
    const reply = await new Acts(aConnection([worker.port, dead])).unary(
      node,
      MachineService.method.reboot,
      {},
      soonMs,
    );
    const fault = reply.kind === 'withdrawn' ? reply.fault : null;
    expect(fault?.kind).toBe('unreachable');
    expect(fault?.message).toBe(
      `Version of ${node} (through 127.0.0.1:${worker.port}) failed: this endpoint is a worker and forwards nothing: list ` +
        `control-plane machines as endpoints. And Version of ${node} (through 127.0.0.1:${dead}) failed: nothing listens there: ` +
        'the connection was refused.',
    );
  });

  test('is withdrawn when the machine answers with a foreign certificate', async () => {
    const machine = await running({ certificate: await (await aTalosAuthority()).server() });
    const reply = await new Acts(aConnection([machine.port])).unary(
      node,
      MachineService.method.reboot,
      {},
      soonMs,
    );
    expect(reply).toMatchObject({ kind: 'withdrawn', fault: { kind: 'broken', code: 'FOREIGN_SERVER' } });
  });

  test('is lost as soon as somebody knows that no reply will come, long before its limit', async () => {
    let arrived: () => void = () => undefined;
    const call = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const machine = await running({ machine: { upgrade: () => arrived() } });
    const over = new AbortController();
    const limit = { limitMs: 3_600_000, over: over.signal };
    const reply = new Acts(aConnection([machine.port])).unary(
      node,
      MachineService.method.upgrade,
      { image: 'x' },
      limit,
    );
    await call;
    over.abort();
    expect((await reply).kind).toBe('lost');
  });

  test('is withdrawn when it may not be sent any more once its connection is proven', async () => {
    let may = true;
    let sent = 0;
    const machine = await running({
      machine: {
        // The lease is given away while the proof is on its way.
        version: (_call, callback) => {
          may = false;
          callback(null, {});
        },
        reboot: (_call, callback) => {
          sent += 1;
          callback(null, {});
        },
        rollback: (_call, callback) => {
          sent += 1;
          callback(null, {});
        },
        upgrade: (_call, callback) => {
          sent += 1;
          callback(null, {});
        },
        etcdForfeitLeadership: (_call, callback) => {
          sent += 1;
          callback(null, {});
        },
      },
    });
    const machines = machinesAt([machine.port]);
    const asked = (): boolean => may;
    const acts = [
      () => machines.reboot(node, 'default', asked),
      () => machines.rollback(node, asked),
      () => machines.upgradeLegacy(node, { image: 'installer:v1', preserve: false, may: asked }),
      () => machines.install(node, 'installer:v1', () => undefined, asked),
    ];
    for (const act of acts) {
      may = true;
      expect(await act()).toMatchObject({
        kind: 'withdrawn',
        fault: { message: expect.stringContaining('what allowed it does not hold any more') },
      });
    }
    may = true;
    await expect(machines.forfeitLeadership(node, asked)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(sent).toBe(0);
  });

  test('is withdrawn with a clear reason when our own certificate has expired', async () => {
    const machine = await running();
    const old = await authority.client({ lifetimeMs: -60_000 });
    const acts = new Acts(
      aConnection([machine.port], { identity: { ca: authority.ca, crt: old.crt, key: old.nodeKey } }),
    );
    const reply = await acts.unary(node, MachineService.method.reboot, {}, soonMs);
    expect(reply).toMatchObject({ kind: 'withdrawn', fault: { kind: 'refused' } });
  });

  test.each([
    [status.PERMISSION_DENIED, 'not authorized', 'refused'],
    [status.UNKNOWN, 'previous UKI not found', 'refused'],
    [status.UNKNOWN, 'nobody knows', 'lost'],
    [status.UNAVAILABLE, 'connection error: desc = "transport: Error while dialing"', 'lost'],
  ])('answered %i "%s" is %s, and is not sent again', async (code, details, kind) => {
    let calls = 0;
    const refuse: Behaviour = {
      machine: {
        rollback: (_call, callback) => {
          calls += 1;
          callback({ code, details });
        },
      },
    };
    const first = await running(refuse);
    const second = await running(refuse);
    const acts = new Acts(aConnection([first.port, second.port]));
    expect((await acts.unary(node, MachineService.method.rollback, {}, soonMs)).kind).toBe(kind);
    expect(calls).toBe(1);
  });

  test('whose connection breaks before the answer is lost, and is not sent again', async () => {
    let calls = 0;
    const machine = await running({
      machine: {
        reboot: () => {
          calls += 1;
          machine.stop();
        },
      },
    });
    const spare = await running({
      machine: {
        reboot: () => {
          calls += 1;
        },
      },
    });
    const reply = await new Acts(aConnection([machine.port, spare.port])).unary(
      node,
      MachineService.method.reboot,
      {},
      soonMs,
    );
    expect(reply).toMatchObject({ kind: 'lost', fault: { kind: 'unreachable' } });
    expect(calls).toBe(1);
  });
});

describe('into a black hole', () => {
  async function throughRelay(): Promise<{ relay: Relay; reboots: () => number }> {
    let reboots = 0;
    const machine = await running({
      machine: {
        version: (_call, callback) => {
          relay.blackHole(); // the answer to the proof still comes back, the act behind it does not get through
          callback(null, {});
        },
        reboot: (_call, callback) => {
          reboots += 1;
          callback(null, {});
        },
      },
    });
    const relay = await aRelayTo(machine.port);
    onTestFinished(() => relay.close());
    return { relay, reboots: () => reboots };
  }

  /** A call on another connection, answered: whatever the healed network still carried has arrived by then. */
  async function settled(relay: Relay): Promise<void> {
    const client = clientOf({ host: '127.0.0.1', port: relay.port }, aConnection([]).credentials());
    await callUnary(client, MachineService.method.version, {}, { deadlineMs: soonMs });
    client.close();
  }

  test('an act that was given up never arrives, even when the network heals', async () => {
    const { relay, reboots } = await throughRelay();
    const reply = await new Acts(aConnection([relay.port])).unary(
      node,
      MachineService.method.reboot,
      {},
      200,
    );
    expect(reply).toMatchObject({ kind: 'lost', fault: { kind: 'unreachable', code: 'DEADLINE_EXCEEDED' } });
    await vi.waitFor(() => expect(relay.resets()).toBe(1), patience);
    relay.heal();
    await settled(relay);
    expect(reboots()).toBe(0);
    expect(relay.connections()).toBe(2);
  });

  test('while an ordinary call does arrive: this is what the reset is for', async () => {
    const { relay, reboots } = await throughRelay();
    const client = clientOf({ host: '127.0.0.1', port: relay.port }, aConnection([]).credentials());
    await callUnary(client, MachineService.method.version, {}, { deadlineMs: soonMs });
    await expect(
      // Long enough for it to leave on a busy machine: what never left could not arrive either.
      callUnary(client, MachineService.method.reboot, {}, { deadlineMs: 1_000 }),
    ).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    client.close();
    relay.heal();
    await vi.waitFor(() => expect(reboots()).toBe(1), patience);
  });
});
