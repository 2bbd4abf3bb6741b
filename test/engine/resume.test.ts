// The product's promise, enumerated: killed before and after every single write and act, it goes on and breaks no rule.
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../playground/world/random.ts';
import type { CrashPoint } from './crash.ts';
import { describeKills } from './killed-everywhere.ts';
import { STORIES } from './stories.ts';
import { killedAt, played } from './story.ts';

describeKills(STORIES);

describe('a process killed again and again', { timeout: 60_000 }, () => {
  const seeds = Array.from({ length: 25 }, (_, index) => index + 1);

  it.each(STORIES)('goes on where it was: $name', async (story) => {
    const { length } = (await played(story)).scene.audit.effects;
    const failed: string[] = [];
    for (const seed of seeds) {
      const random = createRandom(seed);
      const crashes = Array.from(
        { length: 4 },
        (): CrashPoint => ({
          at: 1 + random.int(length),
          when: random.int(2) === 0 ? 'before' : 'after',
        }),
      );
      const { wrong } = await played(story, killedAt(crashes));
      if (wrong.length > 0) failed.push(`seed ${seed} ${JSON.stringify(crashes)}: ${wrong.join('; ')}`);
    }
    expect(failed).toEqual([]);
  });
});
