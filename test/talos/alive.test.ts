// A stream that something waits for and that falls silent: rightly, while its machine still answers beside it, or for good.
import { status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import type { Handlers } from '../../src/talos/grpc.ts';
import { Reads } from '../../src/talos/reads.ts';
import { aConnection, machinesAt, type RunningMachine, running } from './machine.ts';

const NODE = '10.0.0.3';
/** Instead of the quarter of a minute that a pull is given. */
const SILENCE = { askAfterMs: 200, answerWithinMs: 500 };
/** Where the machine does answer: however busy this computer is, its answer is not too late. */
const PATIENT = { ...SILENCE, answerWithinMs: 10_000 };
/** How long a test waits for something that has no reason to take time. */
const patience = { timeout: 10_000, interval: 20 };

type Dmesg = Handlers<typeof MachineService>['dmesg'];
type Stream = Parameters<Dmesg>[0];
type Version = Handlers<typeof MachineService>['version'];
type Answer = Parameters<Version>[1];

const yes = (callback: Answer): void => callback(null, { messages: [{ version: { tag: 'v1.13.4' } }] });

/** Says one word on each stream, and answers for its version as `beside` says once a stream is open. */
async function speaking(
  beside: (stream: Stream, callback: Answer, peer: string) => void,
): Promise<RunningMachine & { streams(): number }> {
  let streams = 0;
  let open: Stream | null = null;
  const machine = await running({
    machine: {
      dmesg: (call) => {
        streams += 1;
        open = call;
        call.write({ bytes: Buffer.from('word') });
      },
      version: (call, callback) => {
        if (open === null) yes(callback);
        else beside(open, callback, call.getPeer());
      },
    },
  });
  return { ...machine, streams: () => streams };
}

function readsAt(...machines: readonly RunningMachine[]): Reads {
  const reads = new Reads(aConnection(machines.map(({ port }) => port)));
  onTestFinished(() => reads.close());
  return reads;
}

interface Following {
  readonly silence?: typeof SILENCE;
  readonly onWord?: () => void;
  readonly signal?: AbortSignal;
}

function followed(
  reads: Reads,
  { silence = SILENCE, onWord = () => undefined, signal }: Following = {},
): Promise<void> {
  const question = { node: NODE, limitMs: 60_000, silence, ...(signal ? { signal } : {}) };
  return reads.follow(MachineService.method.dmesg, {}, question, onWord);
}

const expectSilence = (asked: Promise<unknown>): Promise<void> =>
  expect(asked).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });

describe('a stream that falls silent', () => {
  test('is left alone for as long as its machine answers', async () => {
    let asked = 0;
    const machine = await speaking((stream, callback) => {
      asked += 1;
      yes(callback);
      if (asked === 3) stream.end();
    });
    let words = 0;
    const onWord = (): void => {
      words += 1;
    };
    await followed(readsAt(machine), { silence: PATIENT, onWord });
    expect({ asked, words, streams: machine.streams() }).toEqual({ asked: 3, words: 1, streams: 1 });
  });

  test('is left alone when its machine answers with a no', async () => {
    let asked = 0;
    const machine = await speaking((stream, callback) => {
      asked += 1;
      callback({ code: status.PERMISSION_DENIED, details: 'not authorized' });
      if (asked === 2) stream.end();
    });
    await followed(readsAt(machine), { silence: PATIENT });
    expect(asked).toBe(2);
  });

  test('is left alone when its next word comes before an answer that is too late', async () => {
    let asked = 0;
    const machine = await speaking((stream) => {
      asked += 1;
      stream.write({ bytes: Buffer.from('word') });
      if (asked === 2) stream.end();
    });
    // The answer never comes: its time has to pass, and the word has as long to arrive.
    await followed(readsAt(machine), { silence: { ...SILENCE, answerWithinMs: 2_000 } });
    expect(asked).toBe(2);
  });

  test.each<readonly [string, (callback: Answer) => void]>([
    ['nobody answers on its connection', () => undefined],
    [
      'its endpoint does not reach the machine',
      (callback) => callback({ code: status.UNAVAILABLE, details: 'error while dialing' }),
    ],
  ])('ends when %s any more', async (_what, answer) => {
    const machine = await speaking((_stream, callback) => answer(callback));
    await expect(followed(readsAt(machine))).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'SILENCE',
      message: expect.stringMatching(/^Dmesg of 10\.0\.0\.3 \(through 127\.0\.0\.1:\d+\) fell silent/),
    });
  });

  test('ends though its machine answers on a newer connection', async () => {
    let dead = '';
    const machine = await speaking((stream, callback, peer) => {
      dead ||= stream.getPeer();
      if (peer !== dead) yes(callback);
    });
    const reads = readsAt(machine);
    const ask = (limitMs: number) => reads.unary(MachineService.method.version, {}, { node: NODE, limitMs });
    // Asked as soon as the word is there: later the stream's own look may already have found the connection dead.
    const spoken = Promise.withResolvers<{ readonly unanswered: Promise<unknown> }>();
    const following = followed(reads, {
      onWord: () => spoken.resolve({ unanswered: expectSilence(ask(100)) }),
    });
    void following.catch(() => undefined);
    await (await spoken.promise).unanswered;
    // A new connection takes as long as it takes on a busy machine; on the dead one nothing is ever answered.
    await vi.waitFor(() => ask(2_000), patience);
    await expect(following).rejects.toMatchObject({ code: 'SILENCE' });
  });

  test('is begun anew through an endpoint that reaches the machine', async () => {
    const silent = await speaking(() => undefined);
    const good = await speaking((stream, callback) => {
      yes(callback);
      stream.end();
    });
    const reads = readsAt(silent, good);
    await expect(followed(reads)).rejects.toMatchObject({ code: 'SILENCE' });
    await followed(reads, { silence: PATIENT });
    expect([silent.streams(), good.streams()]).toEqual([1, 1]);
  });

  test('is not said to be dead when nobody wants it any more', async () => {
    const machine = await speaking(() => undefined);
    const stop = new AbortController();
    const following = followed(readsAt(machine), { onWord: () => stop.abort(), signal: stop.signal });
    await expect(following).rejects.toMatchObject({ kind: 'unreachable', code: 'CANCELLED' });
  });
});

test('a pull is such a stream', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  let pulls = 0;
  const machine = await running({
    machine: {
      version: (_call, callback) => {
        if (pulls === 0) yes(callback);
        else callback({ code: status.UNAVAILABLE, details: 'error while dialing' });
      },
    },
    image: {
      pull: () => {
        pulls += 1;
      },
    },
  });
  const pulling = machinesAt([machine.port]).pull(NODE, 'installer:v1', {
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  void pulling.catch(() => undefined);
  await vi.waitFor(() => expect(pulls).toBe(1), patience);
  vi.advanceTimersByTime(16_000);
  await expect(pulling).rejects.toMatchObject({ kind: 'unreachable', code: 'SILENCE' });
});
