// A worker is killed with kill -9 at its worst moments: how long nobody drives, by the journal's own clock.
import { killings } from '../playground/scenarios/killed.ts';
import { runScenario } from '../playground/scenarios/run.ts';
import type { Result } from '../playground/scenarios/scenario.ts';
import { LEASE_MS } from '../src/engine/ports/journal.ts';
import { figure, judged, type Measurement, type Part, ratio } from './measurement.ts';

/** Issue 5: driving again after kill -9 takes at most 5 s. */
const MOST_S = 5;
const OPTIONS = { seed: 1, size: null, rebootMs: null } as const;

export const resume: Measurement = {
  name: 'resume',
  sentence: 'A worker is killed with kill -9: how long nobody drives until another one does.',
  run: async (_sizes, say) => {
    say('killing workers');
    const results: Result[] = [];
    for (const killing of killings)
      results.push(
        await runScenario(killing, { options: OPTIONS, say: () => undefined, onLog: () => undefined }),
      );
    return resumeParts(results);
  },
};

/** Throws where nobody was killed with a step in hand, or the upgrade did not get to its end. */
export function resumeParts(results: readonly Result[]): readonly Part[] {
  return results.map(({ scenario, outcome, doubts, drivingAgainMs }) => {
    if (drivingAgainMs === null || outcome !== 'upgraded')
      throw new Error(`nobody drove again (${scenario}; outcome: ${outcome})`);
    return {
      title: scenario,
      figures: [
        judged(figure('driving again after', drivingAgainMs / 1_000, 's'), MOST_S),
        ratio('driving again ÷ a lease', drivingAgainMs, LEASE_MS),
        judged(figure('steps held in doubt', doubts), 0),
      ],
    };
  });
}
