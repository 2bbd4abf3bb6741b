// Every scenario holds with the real bot as a process of its own.
import { describe, it } from 'vitest';
import { SCENARIOS } from '../../../playground/scenarios/registry.ts';
import { limitOf, playWell } from './playing.ts';

describe.concurrent('a scenario played with the real bot', () => {
  for (const scenario of SCENARIOS) {
    it(`${scenario.name} holds`, { timeout: limitOf(scenario) }, async () => {
      await playWell(scenario);
    });
  }
});
