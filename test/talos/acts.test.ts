// Acts over real connections with mutual TLS: sent once, on a proven connection, and never delivered late.
import { type Metadata, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Acts } from '../../src/talos/acts.ts';
import { clientOf } from '../../src/talos/channel.ts';
import { LifecycleService } from '../../src/talos/gen/machine/lifecycle_pb.ts';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { callUnary } from '../../src/talos/grpc.ts';
import { installImage } from '../../src/talos/lifecycle.ts';
import { aConnection, aMachine, authority, type Behaviour, type RunningMachine } from './machine.ts';
import { aTalosAuthority } from './pki.ts';
import { aRelayTo, type Relay } from './relay.ts';

const cleanUps: Array<() => unknown> = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
async function running(behaviour: Behaviour = {}): Promise<RunningMachine> {
  const machine = await aMachine(behaviour);
  cleanUps.push(() => machine.stop());
  return machine;
}

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
    const gone = await aMachine();
    gone.stop();
    const machine = await running({ machine: { reboot: (_call, callback) => callback(null, {}) } });
    const acts = new Acts(aConnection([gone.port, machine.port]));
    expect((await acts.unary(node, MachineService.method.reboot, {}, soonMs)).kind).toBe('done');
  });

  test('is withdrawn when no endpoint answers', async () => {
    const gone = await aMachine();
    gone.stop();
    const reply = await new Acts(aConnection([gone.port])).unary(
      node,
      MachineService.method.reboot,
      {},
      soonMs,
    );
    expect(reply).toMatchObject({ kind: 'withdrawn', fault: { kind: 'unreachable' } });
  });

  test('is withdrawn when the machine answers with a foreign certificate', async () => {
    const machine = await running({ certificate: await (await aTalosAuthority()).server() });
    const reply = await new Acts(aConnection([machine.port])).unary(
      node,
      MachineService.method.reboot,
      {},
      soonMs,
    );
    expect(reply).toMatchObject({ kind: 'withdrawn', fault: { kind: 'broken', code: 'UNTRUSTED_SERVER' } });
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
    const spare = await running({ machine: { reboot: () => void (calls += 1) } });
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
    cleanUps.push(() => relay.close());
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
      callUnary(client, MachineService.method.reboot, {}, { deadlineMs: 200 }),
    ).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    client.close();
    relay.heal();
    await vi.waitFor(() => expect(reboots()).toBe(1), patience);
  });
});

describe('an installation', () => {
  type Send = Parameters<NonNullable<NonNullable<Behaviour['lifecycle']>['upgrade']>>[0];
  const say = (call: Send, message: string): void =>
    void call.write({ progress: { response: { case: 'message', value: message } } });
  const exit = (call: Send, code: number): void =>
    void call.write({ progress: { response: { case: 'exitCode', value: code } } });

  async function install(upgrade: (call: Send) => void) {
    const machine = await running({ lifecycle: { upgrade } });
    const lines: string[] = [];
    const acts = new Acts(aConnection([machine.port]));
    const reply = await installImage(acts, node, 'factory/installer:v1.13.5', (line) => lines.push(line));
    return { reply, lines };
  }

  test('ends with the installer’s own exit code and its last lines, put together from pieces', async () => {
    const { reply, lines } = await install((call) => {
      say(call, 'running Talos inst');
      say(call, 'aller\npre-flight checks ');
      say(call, 'failed');
      exit(call, 4);
      call.end();
    });
    expect(lines).toEqual(['running Talos installer', 'pre-flight checks failed']);
    expect(reply).toEqual({ kind: 'done', value: { exitCode: 4, lastLines: lines } });
  });

  test('keeps the last 20 lines', async () => {
    const { reply } = await install((call) => {
      for (let line = 1; line <= 50; line += 1) say(call, `line ${line}\n`);
      exit(call, 0);
      call.end();
    });
    expect(reply.kind === 'done' ? reply.value.lastLines : []).toHaveLength(20);
    expect(reply).toMatchObject({ value: { exitCode: 0, lastLines: { 0: 'line 31', 19: 'line 50' } } });
  });

  test('of exit code 0 is done although the stream breaks behind it', async () => {
    const { reply } = await install((call) => {
      exit(call, 0);
      call.emit('error', { code: status.INTERNAL, details: 'upgrade failed: failed to send exit code' });
    });
    expect(reply).toMatchObject({ kind: 'done', value: { exitCode: 0 } });
  });

  test('whose stream ends without an exit code is lost', async () => {
    const { reply } = await install((call) => {
      say(call, 'running Talos installer\n');
      call.end();
    });
    expect(reply).toMatchObject({ kind: 'lost', fault: { kind: 'broken' } });
  });

  test('refused before it begins is refused', async () => {
    const { reply } = await install((call) => {
      call.emit('error', {
        code: status.FAILED_PRECONDITION,
        details: 'another installation/upgrade is already in progress',
      });
    });
    expect(reply).toMatchObject({ kind: 'refused', fault: { kind: 'busy' } });
  });

  test('that fails after it began is lost, whatever the code', async () => {
    const { reply } = await install((call) => {
      say(call, 'running Talos installer\n');
      call.emit('error', { code: status.FAILED_PRECONDITION, details: 'late' });
    });
    expect(reply.kind).toBe('lost');
  });

  test('on a version without the service is refused as missing', async () => {
    const machine = await running();
    const reply = await installImage(new Acts(aConnection([machine.port])), node, 'x', () => undefined);
    expect(reply).toMatchObject({ kind: 'refused', fault: { kind: 'missing' } });
    expect(LifecycleService.method.upgrade.name).toBe('Upgrade');
  });
});
