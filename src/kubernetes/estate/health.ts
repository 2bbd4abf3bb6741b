// The policy's own health checks, in tuppr's format: an expression that every object it names must fulfil.
import type { HealthView } from '../../cluster/estate/neighbours.ts';
import { Fault, faultOf } from '../../engine/ports/fault.ts';
import { Slots } from '../../engine/slots.ts';
import type { Expression } from './expression.ts';
import { type Purse, purseOf, READING_MS, verdictsOn } from './health-turns.ts';
import { fullNameOf, type Plain } from './plain.ts';

export interface HealthCheck {
  readonly name: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Both empty = every object of the kind. Name and selector exclude each other. */
  readonly object: { readonly namespace: string | null; readonly name: string | null };
  readonly selector: string | null;
  readonly expression: Expression;
  /** How long it may stay unfulfilled between two nodes before a person is asked. */
  readonly timeoutMs: number;
}

/**
 * Finds the objects a check is about, page by page; throws Fault, `missing` for a kind that is not served or an object that is not
 * there.
 */
export type FindObjects = (check: HealthCheck) => AsyncIterable<readonly Plain[]>;

/** Objects named when a check fails for many. */
const MOST_NAMED = 3;
/** Each holds a page of objects in memory. */
const CHECKS_AT_A_TIME = 2;
/** Objects of one check: five times the pods of the largest cluster that is promised anything. */
const MOST_OBJECTS = 50_000;
/** A list whose continue token expires twice will do so again. */
const MAX_STARTS = 2;

type Verdict = Omit<HealthView, 'timeoutMs'>;

interface Reading {
  readonly find: FindObjects;
  readonly signal: AbortSignal;
  readonly purse: Purse['all'];
}

/** Never rejects: what cannot be read is unknown. Once `signal` is aborted nothing more is read or evaluated. */
export async function healthOf(
  checks: readonly HealthCheck[],
  find: FindObjects,
  signal: AbortSignal,
): Promise<readonly HealthView[]> {
  const slots = new Slots(CHECKS_AT_A_TIME);
  const reading: Reading = { find, signal, purse: { leftMs: READING_MS } };
  return Promise.all(checks.map((check) => slots.run(() => viewOf(check, reading))));
}

async function viewOf(check: HealthCheck, reading: Reading): Promise<HealthView> {
  const { name, kind, object, timeoutMs } = check;
  try {
    return { ...(await judged(check, reading)), timeoutMs };
  } catch (error) {
    const fault = faultOf(error);
    const gone = fault.kind === 'missing' && object.name !== null;
    return {
      name,
      verdict: gone ? 'unhealthy' : 'unknown',
      detail: gone ? `${kind} ${object.name} does not exist` : withoutStop(fault.message),
      timeoutMs,
    };
  }
}

/** Throws what `find` throws. */
async function judged(check: HealthCheck, reading: Reading): Promise<Verdict> {
  const purse = purseOf(reading.purse);
  for (let start = 1; ; start += 1) {
    try {
      return await judgedOnce(check, reading, purse);
    } catch (error) {
      const expired = error instanceof Fault && error.code === '410';
      if (!expired || start >= MAX_STARTS) throw error;
    }
  }
}

/** Of a page nothing is kept but how many objects there were, and the names of some. */
async function judgedOnce(check: HealthCheck, { find, signal }: Reading, purse: Purse): Promise<Verdict> {
  const { name, kind, expression } = check;
  const unknown = (detail: string): Verdict => ({ name, verdict: 'unknown', detail });
  const failing: string[] = [];
  let failed = 0;
  let seen = 0;
  for await (const page of find(check)) {
    if (signal.aborted) return unknown('it took too long');
    seen += page.length;
    if (seen > MOST_OBJECTS)
      return unknown(
        `there are more than ${MOST_OBJECTS} ${kind}: choose fewer by namespace or labelSelector`,
      );
    const said = await verdictsOn(page, expression, purse);
    if (said.kind === 'over') return unknown(said.why);
    for (const [at, verdict] of said.verdicts.entries()) {
      const object = page[at] ?? {};
      if (verdict.kind === 'unknown') return unknown(`${kind} ${fullNameOf(object)}: ${verdict.why}`);
      if (verdict.kind === 'true') continue;
      failed += 1;
      if (failed <= MOST_NAMED) failing.push(fullNameOf(object));
    }
  }
  return seen === 0 ? ofNothing(check) : ofAll(check, { seen, failed, failing });
}

/** As tuppr has it: a selector that matches nothing is a mistake, a kind without objects is not. */
function ofNothing({ name, kind, selector }: HealthCheck): Verdict {
  return selector === null
    ? { name, verdict: 'healthy', detail: `there is no ${kind}` }
    : { name, verdict: 'unhealthy', detail: `no ${kind} matches ${selector}` };
}

function ofAll(
  { name, kind, expression }: HealthCheck,
  {
    seen,
    failed,
    failing,
  }: { readonly seen: number; readonly failed: number; readonly failing: readonly string[] },
): Verdict {
  if (failed === 0) return { name, verdict: 'healthy', detail: `${seen} ${kind} fulfil it` };
  const hidden = failed - failing.length;
  const more = hidden > 0 ? ` and ${hidden} more` : '';
  const detail = `${kind} ${failing.join(', ')}${more} does not fulfil ${expression.text}`;
  return { name, verdict: 'unhealthy', detail };
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
