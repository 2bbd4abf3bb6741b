// What people read after the machines said too little: an installation or a restart in doubt, and a call that is not sent again yet.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { threadOf } from '../../src/bot/thread.ts';
import { card } from '../../src/bot/views/card.ts';
import { homeView } from '../../src/bot/views/home.ts';
import { statusMessage } from '../../src/bot/views/status.ts';
import { summaryMessage } from '../../src/bot/views/summary.ts';
import { idleMessage, whyMessage } from '../../src/bot/views/why.ts';
import { aPolicy } from '../builders/plan.ts';
import { aborted, givenUpUnseen, later, restartLost } from '../engine/left-armed.ts';
import { APPROVER, aSmallScene, REQUESTER, type Scene } from '../engine/scene.ts';

const AT = { cluster: CLUSTER, channel: 'C' };

function told(scene: Scene): Readonly<Record<string, string>> {
  const { rollout } = scene;
  const seen = { rollout, url: null };
  const home = { ...AT, running: null, last: seen, policy: aPolicy() };
  const now = scene.house.time.now();
  return {
    summary: JSON.stringify(summaryMessage(rollout)),
    home: JSON.stringify(homeView({ user: REQUESTER, clusters: [home], now })),
    why: JSON.stringify(idleMessage(CLUSTER, rollout, true)),
    card: JSON.stringify(card({ rollout, policy: aPolicy(), notes: {}, now })),
  };
}

describe('an installation in doubt that was given up', () => {
  it.each(['summary', 'home', 'why'])('is named in the %s, with a way out of it', async (where) => {
    const text = told(await givenUpUnseen('still-running'))[where];
    expect(text).toContain('`w-1` has an installation in doubt: it may be armed');
    expect(text).toContain('Finish w-1');
    expect(text).not.toContain('Disarm w-1');
  });

  it('is not called left as it was', async () => {
    const text = told(await givenUpUnseen('still-running'));
    expect(text['summary']).not.toContain('`w-1` left at');
    expect(text['card']).toContain('`w-1` *in doubt*');
  });

  it.each([
    { how: 'still-running', runs: 'v1.13.5', ends: ':white_check_mark: *Upgraded*' },
    {
      how: 'never-arrived',
      runs: 'v1.13.4',
      ends: '*Finished*: `w-1` runs v1.13.4; what was installed did not boot',
    },
  ] as const)('that was $how is settled by Finish, which says what it boots', async ({ how, runs, ends }) => {
    const before = await givenUpUnseen(how);
    await before.until(() => !before.house.world.machine('w-1').parts.state.installing);
    const scene = await later(before, { kind: 'finish-node', node: 'w-1' }).plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.versions()['w-1']).toBe(runs);
    const { summary, card: shown, home } = told(scene);
    for (const text of [summary, shown, home]) {
      expect(text).toContain(ends);
      expect(text?.includes('Upgraded')).toBe(ends.includes('Upgraded'));
    }
    expect(summary).toContain(
      how === 'still-running' ? '✓ `w-1` v1.13.4 → v1.13.5' : '· `w-1` v1.13.4 stays',
    );
  });

  it('is not taken back, and people are told why', async () => {
    const before = await givenUpUnseen('never-arrived');
    const scene = await later(before, { kind: 'disarm-node', node: 'w-1' }).plays();
    expect(scene.phase).toMatchObject({
      outcome: 'refused',
      sentence: expect.stringContaining('Nobody saw how'),
    });
  });
});

describe('a finish that was given up before its restart', () => {
  it('leaves its node named, with the same ways out', async () => {
    const before = await givenUpUnseen('never-arrived');
    const scene = later(before, { kind: 'finish-node', node: 'w-1' });
    await scene.untilStep('w-1', 'drain', 'step-begun');
    const { summary, home } = told(await aborted(scene));
    for (const text of [summary, home]) {
      expect(text).toContain('`w-1` has an installation in doubt');
      expect(text).toContain('Finish w-1');
    }
  });
});

describe('a restart in doubt of an armed node', () => {
  it.each(['summary', 'home'])('has both ways out of it in the %s', async (where) => {
    const text = told(await restartLost())[where];
    expect(text).toContain('a restart of `w-1` was sent and not seen to end');
    expect(text).toContain('Finish w-1');
    expect(text).toContain('Disarm w-1');
  });

  it.each(['finish-node', 'disarm-node'] as const)(
    'asks for patience while it may still arrive (%s)',
    async (kind) => {
      const scene = await later(await restartLost(), { kind, node: 'w-1' }).plays();
      expect(scene.phase).toMatchObject({
        outcome: 'refused',
        sentence: expect.stringMatching(/may still arrive\. Wait \d+ s and ask again/),
      });
    },
  );
});

describe('a hand-over while an installation is in doubt', () => {
  it('says so, and how it is settled', async () => {
    const scene = aSmallScene({ policy: { limits: { installMs: 2_000 } } });
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    scene.house.world.inject('lost-call', { node: 'w-1', method: 'Upgrade' });
    await scene.until(({ phase }) => phase.phase === 'held');
    const now = scene.house.time.now();
    const why = JSON.stringify(
      whyMessage({ rollout: scene.rollout, policy: aPolicy(), notes: {}, now, report: null, trouble: null }),
    );
    await scene.says({ kind: 'hand-over', to: null }, APPROVER);
    const entries = await scene.house.journal.read(CLUSTER, scene.id);
    const thread = threadOf({ entries, policy: aPolicy(), notes: {}, now: scene.house.time.now() });
    const handed = JSON.stringify(thread?.slots.find(({ name }) => name.startsWith('hand-over:')));
    for (const text of [why, handed]) {
      expect(text).toContain('`w-1` has an installation in doubt');
      expect(text).toContain(`/talos finish ${CLUSTER} node w-1`);
    }
  });
});

describe('a call in doubt that is to be sent again', () => {
  const waiting = async (): Promise<Scene> => {
    const scene = aSmallScene();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    scene.house.world.inject('lost-call', { node: 'w-1', method: 'Reboot' });
    await scene.until(({ phase }) => phase.phase === 'held');
    await scene.says({ kind: 'retry' });
    await scene.house.time.advance(30_000);
    return scene;
  };

  it('says until when it waits, and why', async () => {
    const scene = await waiting();
    const { rollout } = scene;
    const notes = await scene.house.journal.notes(CLUSTER, scene.id);
    const now = scene.house.time.now();
    const why = JSON.stringify(
      whyMessage({ rollout, policy: aPolicy(), notes, now, report: null, trouble: null }).blocks,
    );
    expect(why).not.toContain('waits for nobody');
    expect(why).toMatch(/It waits until <!date[^>]*> for `w-1`: the call before \(reboot\) may still/);
    const shown = JSON.stringify(card({ rollout, policy: aPolicy(), notes, now }).blocks);
    expect(shown).toMatch(/`w-1` \*in doubt\* [^\\]*not sent again before <!date/);
    expect(shown).toContain('*Waiting* until');
    expect(shown).not.toContain('installing');
    const status = statusMessage([{ ...AT, running: { rollout, url: null }, last: null }], now);
    expect(JSON.stringify(status)).toContain('*Waiting* until');
  });

  it('says nothing of it once it was sent', async () => {
    const scene = await waiting();
    await scene.untilStep('w-1', 'return', 'step-begun');
    const { card: shown } = told(scene);
    expect(shown).not.toContain('in doubt');
    expect(shown).not.toContain('*Waiting*');
  });
});

describe('an abort behind a drain', () => {
  it('leaves the node as it was, and says so', async () => {
    const scene = aSmallScene();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    const { card: shown, summary } = told(await aborted(scene));
    expect(shown).toContain('· `w-1` left as it was');
    expect(summary).toContain('`w-1` left at v1.13.4');
    for (const text of [shown, summary]) expect(text).not.toContain('draining');
  });
});
