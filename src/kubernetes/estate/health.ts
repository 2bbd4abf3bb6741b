// The policy's own health checks, in tuppr's format: an expression that every object it names must fulfil.
import type { HealthView } from '../../cluster/estate/neighbours.ts';
import { faultOf } from '../../engine/ports/fault.ts';
import type { Expression } from './expression.ts';
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

/** Finds the objects a check is about; throws Fault, `missing` for a kind that is not served or an object that is not there. */
export type FindObjects = (check: HealthCheck) => Promise<readonly Plain[]>;

/** Objects named when a check fails for many. */
const MOST_NAMED = 3;

type Verdict = Omit<HealthView, 'timeoutMs'>;

/** Never rejects: what cannot be read is unknown. */
export async function healthOf(
  checks: readonly HealthCheck[],
  find: FindObjects,
): Promise<readonly HealthView[]> {
  return Promise.all(
    checks.map(async (check): Promise<HealthView> => {
      const { timeoutMs } = check;
      try {
        return { ...judge(check, await find(check)), timeoutMs };
      } catch (error) {
        const fault = faultOf(error);
        const gone = fault.kind === 'missing' && check.object.name !== null;
        return {
          name: check.name,
          verdict: gone ? 'unhealthy' : 'unknown',
          detail: gone ? `${check.kind} ${check.object.name} does not exist` : withoutStop(fault.message),
          timeoutMs,
        };
      }
    }),
  );
}

function judge({ name, kind, selector, expression }: HealthCheck, objects: readonly Plain[]): Verdict {
  if (objects.length === 0) {
    // As tuppr has it: a selector that matches nothing is a mistake, a kind without objects is not.
    return selector === null
      ? { name, verdict: 'healthy', detail: `there is no ${kind}` }
      : { name, verdict: 'unhealthy', detail: `no ${kind} matches ${selector}` };
  }
  const asked = objects.map((object) => ({ object, verdict: expression.asks(object) }));
  const unknown = asked.find(({ verdict }) => verdict.kind === 'unknown');
  if (unknown?.verdict.kind === 'unknown') {
    const detail = `${kind} ${fullNameOf(unknown.object)}: ${unknown.verdict.why}`;
    return { name, verdict: 'unknown', detail };
  }
  const failing = asked
    .filter(({ verdict }) => verdict.kind === 'false')
    .map(({ object }) => fullNameOf(object));
  if (failing.length === 0)
    return { name, verdict: 'healthy', detail: `${objects.length} ${kind} fulfil it` };
  const named = failing.slice(0, MOST_NAMED).join(', ');
  const hidden = failing.length - MOST_NAMED;
  const detail = `${kind} ${named}${hidden > 0 ? ` and ${hidden} more` : ''} does not fulfil ${expression.text}`;
  return { name, verdict: 'unhealthy', detail };
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
