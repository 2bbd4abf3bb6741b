// Every scenario holds with the real bot as a process of its own.
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../../playground/scenarios/registry.ts';
import { LIMIT_MS, play } from './playing.ts';

describe('a scenario played with the real bot', () => {
  it.each(SCENARIOS)('$name holds', { timeout: LIMIT_MS }, async (scenario) => {
    const result = await play(scenario);
    expect(result.missed).toEqual([]);
    expect(result.ok).toBe(true);
  });
});
