// Every scenario holds with the real bot as a process of its own.
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../../playground/scenarios/registry.ts';
import { limitOf, play } from './playing.ts';

describe.concurrent('a scenario played with the real bot', () => {
  for (const scenario of SCENARIOS) {
    it(`${scenario.name} holds`, { timeout: limitOf(scenario) }, async () => {
      const result = await play(scenario);
      expect(result.missed).toEqual([]);
      expect(result.ok).toBe(true);
    });
  }
});
