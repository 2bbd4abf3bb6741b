// That the list of crash points cannot be short, or empty, without anybody noticing.
import { describe, expect, it } from 'vitest';
import { crashing } from './crash.ts';
import { everyPoint, Tally } from './enumeration.ts';
import { actsIn, uncounted } from './heard.ts';
import { aLoneScene } from './lone.ts';
import type { Story } from './story.ts';

const ALONE: Story = {
  name: 'alone',
  open: async () => aLoneScene({ world: { workers: 0 } }),
  outcome: 'upgraded',
  expected: {},
};

describe('an enumeration', () => {
  it('has two points for each write and each act, all reached', async () => {
    const scene = await (await ALONE.open()).plays();
    const { points, failed } = await everyPoint(ALONE);
    expect(points).toBe(2 * scene.audit.effects.length);
    expect(points).toBeGreaterThan(scene.audit.entries.length);
    expect(failed).toEqual([]);
  });

  it('has failed where the story goes wrong when nobody dies', async () => {
    const { points, failed } = await everyPoint({ ...ALONE, outcome: 'denied' });
    expect(points).toBe(0);
    expect(failed).toEqual([expect.stringContaining('it ended upgraded')]);
  });

  it('of all stories names those in which nobody was killed', async () => {
    const tally = new Tally([ALONE, { ...ALONE, name: 'left out' }]);
    await tally.every(ALONE);
    expect(tally.untried).toEqual(['left out']);
    expect(tally.sentence).toMatch(/^(\d+) of \1 crash points in 2 stories$/);
  });
});

describe('what was heard of a story', () => {
  it.each(['append step-ended 02-cp-1-reboot', 'install cp-1', 'reboot cp-1', 'put a copy of etcd'])(
    'is not all without "%s"',
    async (missing) => {
      const scene = await ALONE.open();
      const found = actsIn(scene);
      await scene.plays();
      const { effects } = scene.audit;
      expect(uncounted(scene, found)).toEqual([]);
      const at = effects.findIndex(({ name }) => name === missing);
      expect(at).toBeGreaterThan(-1);
      effects.splice(at, 1);
      expect(uncounted(scene, found)).toHaveLength(1);
    },
  );
});

describe('a crash behind a call', () => {
  it('comes although other calls come and go before it is over', async () => {
    const calm = await (await ALONE.open()).plays();
    const pull = calm.audit.effects.find(({ name }) => name === 'pull cp-1');
    const scene = await ALONE.open();
    const first = scene.start();
    scene.tap(crashing(scene, { at: pull?.n ?? 0, when: 'after' }));
    await scene.plays();
    expect(first.life.alive).toBe(false);
  });
});
