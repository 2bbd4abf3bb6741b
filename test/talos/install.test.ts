// What belongs to an installation: pulling the image, and settling an end that nobody saw.
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { type Behaviour, machinesAt, running } from './machine.ts';

const node = '10.0.0.3';

describe('pulling an image', () => {
  test('sums its layers, asks for the store that installing reads, and gives the pinned reference', async () => {
    const machine = await running({
      image: {
        pull: (call) => {
          expect(call.request).toMatchObject({
            containerd: { driver: 1, namespace: 1 },
            imageRef: 'installer:v1',
          });
          const step = (layerId: string, layerStatus: number, offset: bigint, total: bigint): void => {
            const progress = { status: layerStatus as 0, offset, total };
            call.write({ response: { case: 'pullProgress', value: { layerId, progress } } });
          };
          step('a', 0, 50n, 100n);
          step('b', 0, 10n, 200n);
          step('a', 2, 0n, 100n);
          step('c', 4, 0n, 0n);
          call.write({ response: { case: 'name', value: 'installer@sha256:abc' } });
          call.end();
        },
      },
    });
    const seen: Array<[number, number]> = [];
    const pulled = await machinesAt([machine.port]).pull(node, 'installer:v1', {
      onProgress: ({ doneBytes, totalBytes }) => seen.push([doneBytes, totalBytes]),
      signal: new AbortController().signal,
    });
    expect(pulled).toEqual({ reference: 'installer@sha256:abc' });
    expect(seen).toEqual([
      [50, 100],
      [60, 300],
      [110, 300],
      [110, 300],
    ]);
  });

  test('is missing on a version without the service, and broken when no name comes', async () => {
    const options = { onProgress: () => undefined, signal: new AbortController().signal };
    const older = await running();
    await expect(machinesAt([older.port]).pull(node, 'x', options)).rejects.toMatchObject({
      kind: 'missing',
    });
    const mute = await running({ image: { pull: (call) => call.end() } });
    await expect(machinesAt([mute.port]).pull(node, 'x', options)).rejects.toMatchObject({ kind: 'broken' });
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
    const machines = machinesAt([machine.port]);
    const reply = await machines.install(node, 'factory/installer:v1.13.5', (line) => lines.push(line));
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
    const reply = await machinesAt([machine.port]).install(node, 'x', () => undefined);
    expect(reply).toMatchObject({ kind: 'refused', fault: { kind: 'missing' } });
  });
});

describe('the outcome of a lost installation', () => {
  const sinceMs = Date.UTC(2026, 7, 21, 20, 42, 30);
  async function outcome(probe: { code: number; details: string }, log = '') {
    const names: string[] = [];
    const machine = await running({
      lifecycle: {
        upgrade: (call) => {
          names.push(call.request.source?.imageName ?? 'none');
          call.emit('error', probe);
        },
      },
      machine: {
        logs: (call) => {
          expect(call.request).toMatchObject({
            namespace: 'system',
            id: 'machined',
            follow: false,
            tailLines: -1,
          });
          for (let at = 0; at < log.length; at += 40)
            call.write({ bytes: Buffer.from(log.slice(at, at + 40)) });
          call.end();
        },
      },
    });
    const found = await machinesAt([machine.port]).installOutcome(node, sinceMs);
    expect(new Set(names)).toEqual(new Set(['']));
    return found;
  }
  const idle = { code: status.INVALID_ARGUMENT, details: 'installer image name is required' };
  const log = [
    '2026/08/21 20:42:31.000001 [talos] starting upgrade: installer_image=x, disk=/dev/sda',
    '2026/08/21 20:44:31.000001 [talos] upgrade completed successfully: exit_code=0',
    '',
  ].join('\n');

  test('is "running" while the installer has the lock', async () => {
    const probe = {
      code: status.FAILED_PRECONDITION,
      details: 'another installation/upgrade is already in progress',
    };
    expect(await outcome(probe, log)).toEqual({ kind: 'running' });
  });

  test('is read from the log once the lock is free', async () => {
    expect(await outcome(idle, log)).toEqual({ kind: 'succeeded' });
    expect(await outcome(idle)).toEqual({ kind: 'unknown' });
  });

  test('is unknown on any other answer, such as that of an older version after a rollback', async () => {
    expect(await outcome({ code: status.UNIMPLEMENTED, details: 'unknown service' }, log)).toEqual({
      kind: 'unknown',
    });
    expect(
      await outcome({ code: status.FAILED_PRECONDITION, details: 'machine is not installed' }, log),
    ).toEqual({
      kind: 'unknown',
    });
  });
});
