// A worker is killed with kill -9 at its worst moments: how long nobody drives, by the journal's own clock.
import { killWorker } from '../playground/scenarios/killed.ts';
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
    return resumeParts(
      await runScenario(killWorker, { options: OPTIONS, say: () => undefined, onLog: () => undefined }),
    );
  },
};

/** Throws where nobody was killed with a step in hand, or the upgrade did not get to its end. */
export function resumeParts({ legs = [] }: Result): readonly Part[] {
  return legs.map(({ leg, outcome, doubts, drivingAgainMs }) => {
    if (drivingAgainMs === null || outcome !== 'upgraded')
      throw new Error(`nobody drove again (killed in: ${leg}; outcome: ${outcome})`);
    return {
      title: `killed in: ${leg}`,
      figures: [
        judged(figure('driving again after', drivingAgainMs / 1_000, 's'), MOST_S),
        ratio('driving again ÷ a lease', drivingAgainMs, LEASE_MS),
        judged(figure('steps held in doubt', doubts), 0),
      ],
    };
  });
}
