// Copies of etcd over real connections with mutual TLS: through which endpoint, how they end, and that nothing is read ahead.
import { status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { verified } from '../../src/archive/verify.ts';
import type { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import type { Handlers } from '../../src/talos/grpc.ts';
import { etcdSnapshot } from '../../src/talos/snapshot.ts';
import { allOf, aSnapshot } from '../archive/snapshots.ts';
import { aConnection, aDeadPort, type RunningMachine, running } from './machine.ts';
import { aTalosAuthority } from './pki.ts';

const NODE = '10.0.0.3';
const never = new AbortController().signal;

type Snapshot = Handlers<typeof MachineService>['etcdSnapshot'];

function copying(etcdSnapshot: Snapshot): Promise<RunningMachine> {
  return running({ machine: { etcdSnapshot } });
}

/** Sends so many bytes of a whole snapshot in Talos's chunks; without `end` it leaves the stream open. */
const sends =
  (bytes: Uint8Array, end = true): Snapshot =>
  (call) => {
    for (let at = 0; at < bytes.length; at += 1024) call.write({ bytes: bytes.subarray(at, at + 1024) });
    if (end) call.end();
  };

async function collected(ports: readonly number[], signal = never): Promise<Buffer> {
  return Buffer.concat(await allOf(etcdSnapshot(aConnection(ports), NODE, signal)));
}

describe('a copy of etcd', () => {
  test('comes as the named machine sent it', async () => {
    const seen: string[] = [];
    const machine = await copying((call) => {
      seen.push(call.metadata.get('node').join());
      sends(aSnapshot())(call);
    });
    expect((await collected([machine.port])).equals(aSnapshot())).toBe(true);
    expect(seen).toEqual([NODE]);
  });

  test('is not asked for before somebody takes it', async () => {
    let calls = 0;
    const machine = await copying((call) => {
      calls += 1;
      call.end();
    });
    const copy = etcdSnapshot(aConnection([machine.port]), NODE, never);
    expect((await copy.next()).done).toBe(true);
    expect(calls).toBe(1);
    etcdSnapshot(aConnection([machine.port]), NODE, never);
    expect(calls).toBe(1);
  });

  test('comes through the next endpoint while none has sent a byte', async () => {
    const foreign = await running({ certificate: await (await aTalosAuthority()).server() });
    const machine = await copying(sends(aSnapshot()));
    const ports = [await aDeadPort(), foreign.port, machine.port];
    expect((await collected(ports)).equals(aSnapshot())).toBe(true);
  });

  test('that breaks after its first byte is not begun anew behind the back of whoever takes it', async () => {
    let asked = 0;
    const first = await copying((call) => {
      call.write({ bytes: aSnapshot().subarray(0, 1024) }, () => {
        call.emit('error', Object.assign(new Error('gone'), { code: status.UNAVAILABLE, details: 'gone' }));
      });
    });
    const second = await copying((call) => {
      asked += 1;
      sends(aSnapshot())(call);
    });
    await expect(collected([first.port, second.port])).rejects.toMatchObject({ kind: 'unreachable' });
    expect(asked).toBe(0);
  });

  test('that just ends early looks well, and is found out by who verifies it', async () => {
    const machine = await copying(sends(aSnapshot().subarray(0, 9_999)));
    expect(await collected([machine.port])).toHaveLength(9_999);
    const copy = verified(etcdSnapshot(aConnection([machine.port]), NODE, never));
    await expect(allOf(copy)).rejects.toThrow(/cut off after 9999 bytes/);
  });

  test.each([
    [status.UNIMPLEMENTED, 'etcd snapshot is only available on control plane nodes', 'missing'],
    [status.PERMISSION_DENIED, 'not authorized', 'refused'],
    [status.UNKNOWN, 'etcdserver: no leader', 'busy'],
  ])('answered with code %d (%s) is a Fault %s, and nobody else is asked', async (code, details, kind) => {
    let calls = 0;
    const refuse: Snapshot = (call) => {
      calls += 1;
      call.emit('error', Object.assign(new Error(details), { code, details }));
    };
    const ports = [(await copying(refuse)).port, (await copying(refuse)).port];
    await expect(collected(ports)).rejects.toMatchObject({ name: 'Fault', kind });
    expect(calls).toBe(1);
  });

  test('ends when nobody wants it any more, on both sides', async () => {
    let cancelled = 0;
    const machine = await copying((call) => {
      call.on('cancelled', () => {
        cancelled += 1;
      });
      sends(aSnapshot(), false)(call);
    });
    const stop = new AbortController();
    const copy = etcdSnapshot(aConnection([machine.port]), NODE, stop.signal);
    await copy.next();
    stop.abort();
    await expect(allOf(copy)).rejects.toMatchObject({ name: 'Fault', kind: 'unreachable' });
    for await (const _piece of etcdSnapshot(aConnection([machine.port]), NODE, never)) break;
    await vi.waitFor(() => expect(cancelled).toBe(2), { timeout: 10_000 });
  });

  test('waits for whoever takes it: a machine is not read ahead of a slow store', async () => {
    let written = 0;
    const machine = await copying((call) => {
      const more = (): void => {
        for (let free = true; free && written < 64 * 1024; written += 1)
          free = call.write({ bytes: new Uint8Array(1024) });
        if (written < 64 * 1024) call.once('drain', more);
        else call.end();
      };
      more();
    });
    const copy = etcdSnapshot(aConnection([machine.port]), NODE, never);
    onTestFinished(async () => void (await copy.return()));
    await copy.next();
    // Until the machine has found no room three times in a row: then whatever lies between is full.
    let before = -1;
    await vi.waitFor(
      () => {
        const still = written === before;
        before = written;
        expect(still).toBe(true);
      },
      { interval: 300, timeout: 15_000 },
    );
    expect(written).toBeLessThan(16 * 1024);
  });
});
