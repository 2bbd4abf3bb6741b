// The last lines of machined's log and of the kernel's ring buffer, asked side by side; each may fail without the other.
import { stripVTControlCharacters } from 'node:util';
import type { Answer } from '../cluster/answer.ts';
import { type LogTail, withoutSecrets } from '../cluster/log-tail.ts';
import { faultOf } from '../engine/ports/fault.ts';
import type { TailOptions } from '../engine/ports/machines.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import { MACHINED } from './machined-log.ts';
import type { Reads } from './reads.ts';
import { joined } from './reply.ts';

/** Milliseconds for a ring buffer of some 100 kB in chunks of a line each. */
const TAIL_LIMIT_MS = 10_000;
/** Lines asked for before those that are shown: where a key begins must be seen for all of it to be hidden. The longest has a hundred. */
const LINES_BEFORE = 200;
/** And those, where the lines of calls are left out: every question that is asked writes two or three of them. */
const LINES_WITH_CALLS = 1_000;
/**
 * A line of Talos's access log, written by machined and apid for every call (pkg/grpc/middleware/log, the same from 0.9 on): time, maybe
 * the service, code, method, duration, kind.
 */
const CALL = /^(?:\d{4}\/\d\d\/\d\d [\d:.]+ )?(?:\w+ )?[\w()]+ \[\/[\w.]+\/\w+\] \S+ (?:unary|stream) /;
/** Characters of one line: a stack trace in one line would push everything else out. */
const MAX_LINE = 400;

/** Never rejects: silence is part of the answer. */
export async function logTail(
  reads: Reads,
  address: string,
  { lines, withoutCalls = false, ...options }: TailOptions,
): Promise<LogTail> {
  const before = withoutCalls ? LINES_WITH_CALLS : LINES_BEFORE;
  const most = { lines, withoutCalls };
  const question = { node: address, limitMs: TAIL_LIMIT_MS, ...options };
  const [machined, kernel] = await Promise.all([
    tailOf(
      reads.collect(MachineService.method.logs, { ...MACHINED, tailLines: lines + before }, question),
      most,
    ),
    // Without `follow` it ends with what is there; `tail` would leave exactly that out (talos-api.md 2.1).
    tailOf(reads.collect(MachineService.method.dmesg, { follow: false, tail: false }, question), most),
  ]);
  return { machined, kernel };
}

async function tailOf(
  asked: Promise<readonly { readonly bytes: Uint8Array }[]>,
  { lines: most, withoutCalls }: Required<Pick<TailOptions, 'lines' | 'withoutCalls'>>,
): Promise<Answer<readonly string[]>> {
  try {
    const text = stripVTControlCharacters(joined(await asked).toString('utf8'));
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    // Over all of it first: the beginning of a key must not be cut off from its end.
    const shown = withoutSecrets(lines)
      .filter((line) => !withoutCalls || !CALL.test(line))
      .slice(-most);
    return { kind: 'said', value: shown.map((line) => line.slice(0, MAX_LINE)) };
  } catch (error) {
    return { kind: 'silent', why: faultOf(error).message };
  }
}
