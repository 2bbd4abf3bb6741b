// How a test plays a scenario: quietly, always with the same seed.
import { runScenario } from '../../../playground/scenarios/run.ts';
import type { Result, Scenario } from '../../../playground/scenarios/scenario.ts';
import type { StageSettings } from '../../../playground/stage.ts';

const OPTIONS = { seed: 7, size: null, rebootMs: null };
/** A whole scenario with all its processes; a test that needs longer hangs. */
export const LIMIT_MS = 90_000;
/** People of a negative control give up sooner: what they wait for is not coming. */
const SHORT_PATIENCE_MS = 8_000;

/** With `launch`, people give up sooner: what a negative control waits for is not coming. */
export function play(scenario: Scenario, launch?: NonNullable<StageSettings['launch']>): Promise<Result> {
  const patience = launch === undefined ? {} : { launch, patienceMs: SHORT_PATIENCE_MS };
  return runScenario(scenario, {
    options: OPTIONS,
    say: () => undefined,
    onLog: () => undefined,
    ...patience,
  });
}
