// The App Home as a place to decide: what the thread offers somebody, they can press there as well.
import { describe, expect, test, vi } from 'vitest';
import { validateView } from '../../playground/slack/validate.ts';
import { homeView } from '../../src/bot/views/home.ts';
import type { Journey } from '../../src/rollout/journey.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { APPROVER, aPolicy, aProof, BYSTANDER, REQUESTER, SECOND_APPROVER } from '../builders/plan.ts';
import { aRollout, CHANNEL } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';
import { STORIES } from './views/stories.ts';

vi.setConfig({ testTimeout: 30_000 });

/** Nothing here waits for a time to be over. */
const NOW = Date.UTC(2026, 10, 20, 15);

const JOURNEY: Journey = {
  ...{ v: 1, to: { talos: 'v1.14.1', kubernetes: null }, hop: 2, of: 3 },
  ahead: [{ kind: 'talos', to: 'v1.14.1' }],
};
const TOO_FAR = aRollout({ channel: CHANNEL, goal: { kind: 'upgrade-talos', version: 'v1.14.1' } }).append({
  ...{ kind: 'declined', outcome: 'blocked', sentence: 'Too far.', findings: [] },
  way: {
    v: 1,
    hops: [
      { kind: 'talos', from: 'v1.12.9', to: 'v1.13.9', notesUrl: 'https://git.example', why: 'Because.' },
    ],
  },
});

function shown(user: string, at: { readonly running?: Rollout; readonly last?: Rollout }): string {
  const seen = (rollout: Rollout | undefined) => (rollout === undefined ? null : { rollout, url: null });
  const cluster = { cluster: 'prod', channel: CHANNEL, policy: aPolicy() };
  const status = { ...cluster, running: seen(at.running), last: seen(at.last) };
  return JSON.stringify(homeView({ user, clusters: [status], now: NOW }).blocks);
}

describe('the App Home after a hop', () => {
  const { rollout: hop } = aRollout({ journey: JOURNEY }).upgraded();

  test('offers the next one to operators, as its summary does', () => {
    expect(shown(REQUESTER, { last: hop })).toContain('"action_id":"journey:continue:prod"');
    expect(shown(REQUESTER, { last: hop })).toContain('Next on the way to Talos v1.14.1');
    expect(shown(BYSTANDER, { last: hop })).not.toContain('journey:continue');
  });

  test('begins a way from a wish that was too far', () => {
    expect(shown(REQUESTER, { last: TOO_FAR.rollout })).toContain('Begin: Talos v1.13.9');
  });

  test('says what people do by hand first, to those who may press', () => {
    const ahead = [{ kind: 'kubernetes', to: 'v1.31.14' } as const];
    const { rollout } = aRollout({ journey: { ...JOURNEY, ahead } }).upgraded();
    expect(shown(REQUESTER, { last: rollout })).toContain('talosctl upgrade-k8s --to 1.31.14');
    expect(shown(BYSTANDER, { last: rollout })).not.toContain('upgrade-k8s');
  });

  test.each([
    ['something else has the cluster', { last: hop, running: aRollout({ id: 'r2' }).planned().rollout }],
    ['the way is at its end', { last: aRollout({ journey: { ...JOURNEY, ahead: [] } }).upgraded().rollout }],
    [
      'the hop was given up',
      { last: aRollout({ journey: JOURNEY }).underWay().aborted().finished('aborted').rollout },
    ],
    ['it was a wish of its own', { last: aRollout().upgraded().rollout }],
  ])('offers nothing when %s', (_, at) => {
    expect(shown(REQUESTER, at)).not.toContain('journey:continue');
  });
});

describe('the App Home at a gate', () => {
  const open = (kind: 'healthy' | 'outage') =>
    aRollout({ workers: [], controlPlane: ['cp-1'] })
      .planned()
      .started()
      .pulled()
      .gate('cp-1', { proof: { ...aProof(), kind } }).rollout;

  test('has both answers, for those who may give them', () => {
    const home = shown(APPROVER, { running: open('healthy') });
    expect(home).toContain('Approve cp-1');
    expect(home).toContain('Deny cp-1…');
    expect(home).toContain('"action_id":"gate:deny:prod"');
    for (const user of [REQUESTER, BYSTANDER])
      expect(shown(user, { running: open('healthy') })).not.toContain('gate:');
  });

  test('asks about an outage what its card asks', () => {
    expect(shown(APPROVER, { running: open('outage') })).toContain(
      'The Kubernetes API is away until it is back',
    );
    expect(shown(APPROVER, { running: open('healthy') })).not.toContain('The Kubernetes API is away');
  });
});

async function homeOf(it: Rig, user: string, says: string) {
  await it.slack.home(user);
  return it.until(`a home that says ${says}`, () => {
    const { home } = it.slack.state(user);
    return home !== null && JSON.stringify(home.blocks).includes(says) ? home : undefined;
  });
}

test('a denial from the App Home asks for a reason, ends the rollout and renews the home', async () => {
  const it = await withBot({});
  const { users, channels } = it.slack;
  const story = aRollout({ workers: [], controlPlane: ['cp-1'], channel: channels.platform });
  await it.tell(story.planned().started().pulled());
  const gate = story.gate('cp-1').entries.at(-1)?.event;
  if (gate?.kind !== 'gate-opened') throw new Error('the story has no gate');
  // A story is told of a time long ago; whoever denies does so now.
  await it.append(story.id, { ...gate, expiresAt: Date.now() + 3_600_000 });
  const home = await homeOf(it, users.approver, 'Deny cp-1');
  await it.slack.action({ user: users.approver, view: home.id, action_id: 'gate:deny:prod' });
  const modal = await it.until('the modal', () => it.slack.state(users.approver).views[0]);
  await it.slack.submit({ user: users.approver, view: modal.id, values: { reason: { text: 'not today' } } });
  await it.until('the denial in the thread', () =>
    it.replies().find(({ text }) => text.includes('not today')),
  );
  await it.until('a home with nothing to do', () =>
    JSON.stringify(it.slack.state(users.approver).home?.blocks).includes('Nothing waits for you'),
  );
});

test('the next hop is asked for from the App Home, and its answer comes directly', async () => {
  const it = await withBot({ report: { kind: 'failed', sentence: 'No worker answered.' } });
  const { users, channels } = it.slack;
  const story = aRollout({ journey: JOURNEY, channel: channels.platform }).upgraded();
  story.entries.pop();
  await it.tell(story);
  await it.append(story.id, { kind: 'finished', outcome: 'upgraded' });
  const home = await homeOf(it, users.requester, 'journey:continue:prod');
  await it.slack.action({ user: users.requester, view: home.id, action_id: 'journey:continue:prod' });
  const direct = it.slack.state(users.requester).channels.find(({ kind }) => kind === 'im');
  await it.until('the answer', () =>
    it.slack.messages(direct?.id ?? '').some(({ text }) => text.includes('No worker answered.')),
  );
  expect(it.slack.counters().rejections).toEqual([]);
});

describe('the App Home while somebody has to decide', () => {
  const held = aRollout().underWay().node('worker-1', 'install').failed('worker-1', 'install', 'exit code 9');

  test('tells operators what it is held by, and has the buttons with its cluster', () => {
    const text = shown(REQUESTER, { running: held.rollout });
    expect(text).toContain('is held at `worker-1`');
    expect(text).toContain('exit code 9');
    expect(text).toContain('rollout:retry:prod');
    expect(shown(BYSTANDER, { running: held.rollout })).not.toContain('exit code 9');
  });

  test.each([
    ['a plan to be started', aRollout().planned(), 'waits for an operator to press Start', 'rollout:start'],
    ['a pause', aRollout().underWay().paused(), `resume it: <@${APPROVER}> paused it`, 'rollout:resume'],
  ])('names %s to operators, and nobody else', (_what, { rollout: running }, says, button) => {
    const text = shown(REQUESTER, { running });
    expect(text).not.toContain('Nothing waits for you');
    expect(text).toContain(says);
    expect(text).toContain(`${button}:prod`);
    expect(shown(BYSTANDER, { running })).toContain('Nothing waits for you');
  });

  test('says that nothing waits for operators where an approver has to override first', () => {
    const { rollout: running } = STORIES['stopped']?.() ?? aRollout();
    expect(shown(REQUESTER, { running })).toContain('Nothing waits for you');
  });

  test('asks operators and approvers about a drain that is blocked, as its card does', () => {
    const { rollout: blocked } = STORIES['drain blocked']?.() ?? aRollout();
    for (const user of [REQUESTER, SECOND_APPROVER]) {
      const text = shown(user, { running: blocked });
      expect(text).toContain('pods that stay: `shop/web-1`');
      for (const choice of ['wait', 'leave', 'force']) expect(text).toContain(`drain:${choice}:prod`);
    }
    expect(shown(BYSTANDER, { running: blocked })).not.toContain('drain:');
    const { rollout: given } = STORIES['drain blocked and aborted']?.() ?? aRollout();
    expect(shown(REQUESTER, { running: given })).not.toContain('drain:');
  });

  test('names every node that was left armed, also where they are too many for buttons', () => {
    const workers = Array.from({ length: 40 }, (_, at) => `worker-${at + 1}`);
    const story = aRollout({ staged: true, workers }).underWay().installed().gate('worker-1');
    const text = shown(REQUESTER, { last: story.aborted().finished('aborted').rollout });
    expect(text).toContain('`worker-40`');
    expect(text).toContain('/talos finish prod node');
  });

  test('fits into one view when every cluster was left with armed nodes', () => {
    const story = aRollout({ staged: true, workers: ['worker-1', 'worker-2'] })
      .underWay()
      .installed();
    const { rollout } = story.gate('worker-1').aborted().finished('aborted');
    const clusters = Array.from({ length: 30 }, (_, at) => ({
      ...{ cluster: `prod-${at}`, channel: CHANNEL, policy: aPolicy() },
      ...{ running: null, last: { rollout, url: null } },
    }));
    expect(validateView(homeView({ user: REQUESTER, clusters, now: NOW }))).toEqual([]);
  });

  test('offers both ways out of what a rollout left armed, until something else came after it', () => {
    const story = aRollout({ staged: true, workers: ['worker-1'] })
      .underWay()
      .installed()
      .gate('worker-1');
    const { rollout } = story.aborted().finished('aborted');
    expect(shown(REQUESTER, { last: rollout })).toContain('armed:disarm:prod:cp-1');
    expect(shown(BYSTANDER, { last: rollout })).not.toContain('armed:disarm');
    const running = aRollout({ id: 'r2' }).planned().rollout;
    expect(shown(REQUESTER, { last: rollout, running })).not.toContain('armed:disarm');
  });
});

describe('the App Home of a fleet', () => {
  const quiet = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ cluster: `quiet-${at + 1}`, channel: CHANNEL, policy: aPolicy() },
      ...{ running: null, last: null },
    }));
  const asking = (count: number) =>
    Array.from({ length: count }, (_, at) => {
      const name = `asking-${at + 1}`;
      const { rollout } = aRollout({ cluster: name }).underWay().gate('cp-1');
      return {
        ...{ cluster: name, channel: CHANNEL, policy: aPolicy() },
        ...{ running: { rollout, url: null }, last: null },
      };
    });

  test.each([20, 300])('shows what waits for somebody, also on a cluster behind %i others', (others) => {
    const text = JSON.stringify(
      homeView({ user: APPROVER, clusters: [...quiet(others), ...asking(1)], now: NOW }),
    );
    expect(text).toContain('gate:approve:asking-1');
    expect(text).not.toContain('Nothing waits for you');
    expect(text).toContain(`… and ${others - 19} more cluster`);
    expect(text.indexOf('*asking-1* ·')).toBeLessThan(text.indexOf('*quiet-1* ·'));
  });

  test('lists a cluster at work before those where nothing runs', () => {
    const { rollout } = aRollout({ cluster: 'busy' }).underWay();
    const busy = { cluster: 'busy', channel: CHANNEL, policy: aPolicy() };
    const clusters = [...quiet(20), { ...busy, running: { rollout, url: null }, last: null }];
    const text = JSON.stringify(homeView({ user: BYSTANDER, clusters, now: NOW }));
    expect(text.indexOf('*busy* ·')).toBeLessThan(text.indexOf('*quiet-1* ·'));
  });

  test('fits into one view when every cluster waits, and counts those it has no room for', () => {
    const view = homeView({ user: APPROVER, clusters: asking(60), now: NOW });
    expect(validateView(view)).toEqual([]);
    const text = JSON.stringify(view);
    const shown = [...text.matchAll(/gate:approve:asking-/g)].length;
    expect(shown).toBeGreaterThan(20);
    expect(text).toContain(`and ${60 - shown} of them wait for you as well`);
  });
});
