// How long a survey waits for one answer before it writes a silence down.
import type { Answer } from '../cluster/answer.ts';
import type { Clock } from './ports/clock.ts';
import { type Fault, faultOf } from './ports/fault.ts';

/**
 * Milliseconds one machine may take for all of one answer: a question's own limit, which a machine that is gone runs into
 * first and says so better, and a second more for one that stops in the middle of its answer.
 */
export const SILENT_AFTER_MS = 6_000;

/** Turns a rejection into a recorded silence, with the fault's own sentence unless `whyOf` says it otherwise. */
export async function answer<T>(
  asked: Promise<T>,
  whyOf: (fault: Fault) => string = ({ message }) => message,
): Promise<Answer<T>> {
  try {
    return { kind: 'said', value: await asked };
  } catch (error) {
    const fault = faultOf(error);
    const refused = fault.kind === 'refused' ? ({ refused: true } as const) : {};
    return { kind: 'silent', why: whyOf(fault), ...refused };
  }
}

/** The answer, or a silence after `SILENT_AFTER_MS`; the signal tells the asker when nobody waits any more. Never rejects. */
export async function patiently<T>(
  clock: Clock,
  ask: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<Answer<T>> {
  const over = new AbortController();
  const signal = outer === undefined ? over.signal : AbortSignal.any([over.signal, outer]);
  const silence = clock
    .sleep(SILENT_AFTER_MS, over.signal)
    .then(() => ({ kind: 'silent', why: `it gave no answer within ${SILENT_AFTER_MS / 1_000} s.` }) as const);
  try {
    return await Promise.race([answer(ask(signal)), silence]);
  } finally {
    over.abort();
  }
}
