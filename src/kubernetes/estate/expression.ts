// A CEL expression about one object: compiled when the configuration is read, bounded in size and in time when it is asked.
import { createContext, Script } from 'node:vm';
import { Environment, type ParseResult } from '@marcbachmann/cel-js';

export type Verdict =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  /** A field it needs is not there, or it takes too long: nobody can say. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface Expression {
  readonly text: string;
  /**
   * The verdicts about the first of these objects, in their order: about as many as fit into `sliceMs` milliseconds, and about one
   * at least, unless the machine left the process standing still. Nothing else happens in the process meanwhile, which takes `sliceMs`
   * and one evaluation (`EVALUATION_MS`) at most.
   */
  readonly asks: (objects: readonly object[], sliceMs: number) => readonly Verdict[];
}

export type Compiled =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'mistake'; readonly sentence: string };

/** A health check that needs more is a program. */
const MAX_LENGTH = 2_000;
const MAX_NODES = 500;
const MAX_DEPTH = 50;
/** Milliseconds of a processor for one object: real ones take microseconds, a pattern that backtracks would take for ever. */
export const EVALUATION_MS = 200;

/** `object` is the whole object, `status` its status or an empty map, as tuppr has it (kubernetes.md 3.7). */
const environment = new Environment({ limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH } })
  .registerVariable('object', 'dyn')
  .registerVariable('status', 'dyn');

export function compile(text: string): Compiled {
  if (text.length > MAX_LENGTH)
    return { kind: 'mistake', sentence: `is longer than ${MAX_LENGTH} characters` };
  let parsed: ParseResult;
  try {
    parsed = environment.parse(text);
  } catch (error) {
    return { kind: 'mistake', sentence: `is no CEL expression: ${firstLine(error)}` };
  }
  const checked = parsed.check();
  if (!checked.valid) return { kind: 'mistake', sentence: `cannot be true: ${firstLine(checked.error)}` };
  if (checked.type !== 'bool' && checked.type !== 'dyn')
    return { kind: 'mistake', sentence: `gives a value of type ${checked.type}, not true or false` };
  const asks: Expression['asks'] = (objects, sliceMs) => askedInTurn(parsed, objects, sliceMs);
  return { kind: 'expression', expression: { text, asks } };
}

/**
 * Code that runs for too long can only be stopped from outside; this is Node's way to do so without another thread. A context takes
 * half a millisecond and hundreds of KB to make, so there is one, and it sees nothing but what is run at the moment.
 */
const stage = { run: (): void => undefined };
const context = createContext(stage);
const script = new Script('run()');

function askedInTurn(parsed: ParseResult, objects: readonly object[], sliceMs: number): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const overMs = performance.now() + sliceMs;
  const begun = process.cpuUsage();
  stage.run = () => {
    for (const object of objects) {
      verdicts.push(asked(parsed, object));
      if (performance.now() >= overMs) return;
    }
  };
  try {
    // Whatever is begun within the slice has the whole of its own time left.
    script.runInContext(context, { timeout: sliceMs + EVALUATION_MS });
  } catch (error) {
    // Made in the other context, this is no Error of ours.
    if (Reflect.get(Object(error), 'code') !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    // A process that was left standing still, as a throttled container is, did not have that time: nothing is said of this object yet.
    if (usedMs(begun) >= EVALUATION_MS)
      verdicts.push({ kind: 'unknown', why: `it took longer than ${EVALUATION_MS} ms` });
  } finally {
    stage.run = () => undefined;
  }
  return verdicts;
}

/** Of a processor, by this process since then. */
function usedMs(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

function asked(parsed: ParseResult, object: object): Verdict {
  try {
    const counted = withIntegers(object);
    const status = isMap(counted) && isMap(counted['status']) ? counted['status'] : {};
    const value: unknown = parsed({ object: counted, status });
    if (value === true) return { kind: 'true' };
    if (value === false) return { kind: 'false' };
    return { kind: 'unknown', why: 'it gave neither true nor false' };
  } catch (error) {
    return { kind: 'unknown', why: firstLine(error) };
  }
}

/** CEL tells 3 from 3.0, JSON does not: whole numbers become integers, so that `status.readyReplicas == 3` can hold. */
function withIntegers(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(withIntegers);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withIntegers(inner)]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').replace(/[.\s]+$/, '');
}
