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
/** Characters of one line: a stack trace in one line would push everything else out. */
const MAX_LINE = 400;

/** Never rejects: silence is part of the answer. */
export async function logTail(
  reads: Reads,
  address: string,
  { lines, ...options }: TailOptions,
): Promise<LogTail> {
  const question = { node: address, limitMs: TAIL_LIMIT_MS, ...options };
  const [machined, kernel] = await Promise.all([
    tailOf(
      reads.collect(MachineService.method.logs, { ...MACHINED, tailLines: lines + LINES_BEFORE }, question),
      lines,
    ),
    // Without `follow` it ends with what is there; `tail` would leave exactly that out (talos-api.md 2.1).
    tailOf(reads.collect(MachineService.method.dmesg, { follow: false, tail: false }, question), lines),
  ]);
  return { machined, kernel };
}

async function tailOf(
  asked: Promise<readonly { readonly bytes: Uint8Array }[]>,
  most: number,
): Promise<Answer<readonly string[]>> {
  try {
    const text = stripVTControlCharacters(joined(await asked).toString('utf8'));
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    // Over all of it first: the beginning of a key must not be cut off from its end.
    const shown = withoutSecrets(lines).slice(-most);
    return { kind: 'said', value: shown.map((line) => line.slice(0, MAX_LINE)) };
  } catch (error) {
    return { kind: 'silent', why: faultOf(error).message };
  }
}
