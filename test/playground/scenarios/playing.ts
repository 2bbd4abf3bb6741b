// How a test plays a scenario: quietly, always with the same seed.
import { runScenario } from '../../../playground/scenarios/run.ts';
import type { Result, Scenario, Series } from '../../../playground/scenarios/scenario.ts';
import type { StageSettings } from '../../../playground/stage.ts';

const OPTIONS = { seed: 7, size: null, rebootMs: null };
/** One cluster with all its processes; a test that needs longer hangs. */
export const LIMIT_MS = 90_000;
/** People of a negative control give up sooner: what they wait for is not coming. */
const SHORT_PATIENCE_MS = 8_000;

/** A test's time in milliseconds: each leg of a series may take as long as a scenario. */
export function limitOf(scenario: Scenario | Series): number {
  return LIMIT_MS * ('legs' in scenario ? scenario.legs.length : 1);
}

/** How many of a thread's last lines tell why a play did not go on. */
const LAST_LINES = 60;

/** Plays it with the real bot. Throws with what was missed and the end of the thread, unless everything held. */
export async function playWell(scenario: Scenario | Series): Promise<void> {
  const from = Date.now();
  const lines: string[] = [];
  const result = await runScenario(scenario, {
    options: OPTIONS,
    say: (line) => lines.push(`${((Date.now() - from) / 1000).toFixed(2)} s  ${line}`),
    onLog: () => undefined,
  });
  if (result.ok) return;
  const thread = lines.slice(-LAST_LINES);
  throw new Error([`${scenario.name} missed:`, ...result.missed, '', 'Its thread:', ...thread].join('\n'));
}

/** With `launch`, people give up sooner, in milliseconds: what a negative control waits for is not coming. */
export function play(
  scenario: Scenario | Series,
  launch?: NonNullable<StageSettings['launch']>,
  patienceMs = SHORT_PATIENCE_MS,
): Promise<Result> {
  const patience = launch === undefined ? {} : { launch, patienceMs };
  return runScenario(scenario, {
    options: OPTIONS,
    say: () => undefined,
    onLog: () => undefined,
    ...patience,
  });
}
