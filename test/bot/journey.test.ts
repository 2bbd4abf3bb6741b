// "Begin" and "Continue" against a local Slack: one rollout however often it is pressed, and a sentence when it is too early.
import { describe, expect, test, vi } from 'vitest';
import { decodeOnward, encodeOnward } from '../../src/bot/button-value.ts';
import type { Path, PathHop } from '../../src/cluster/path.ts';
import type { ErrandReport } from '../../src/engine/ports/errands.ts';
import type { Journey } from '../../src/rollout/journey.ts';
import { aFinding } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const TO = { talos: 'v1.14.1', kubernetes: null } as const;
const FIRST: Journey = {
  ...{ v: 1, to: TO, hop: 2, of: 4 },
  ahead: [
    { kind: 'kubernetes', to: 'v1.32.13' },
    { kind: 'talos', to: 'v1.14.1' },
  ],
};

function pathOf(...hops: readonly (readonly [kind: PathHop['kind'], to: string])[]): Path {
  return {
    v: 1,
    hops: hops.map(([kind, to]) => ({
      kind,
      from: 'v1.0.0',
      to,
      notesUrl: 'https://git.example',
      why: 'Because.',
    })),
  };
}

function answered(path: Path): ErrandReport {
  const runs = {
    talos: { oldest: 'v1.13.9', newest: 'v1.13.9' },
    kubernetes: { oldest: 'v1.31.14', newest: 'v1.31.14' },
  };
  return {
    kind: 'path',
    found: { kind: 'found', path, notes: [] },
    runs,
    target: TO,
    sources: [],
    troubles: [],
  };
}

const TOO_EARLY = answered(pathOf(['kubernetes', 'v1.32.13'], ['talos', 'v1.14.1']));
const READY = answered(pathOf(['talos', 'v1.14.1']));

/** A hop of the way that ended well, and a worker that answers so. */
async function afterFirst(report: () => ErrandReport | Promise<ErrandReport>): Promise<Rig> {
  const rig = await withBot({ report });
  const { platform: channel } = rig.slack.channels;
  const story = aRollout({ workers: [], controlPlane: ['cp-1'], journey: FIRST, channel }).upgraded();
  // Its end gives the claim back, as a worker's does.
  story.entries.pop();
  await rig.tell(story);
  await rig.append(story.id, { kind: 'finished', outcome: 'upgraded' });
  return rig;
}

async function pressed(it: Rig, user: string): Promise<void> {
  const summary = await it.until('the button', () =>
    it.replies().find(({ buttons }) => buttons.some(({ action_id }) => action_id === 'journey:continue')),
  );
  await it.slack.action({
    user,
    channel: it.slack.channels.platform,
    message: summary.ts,
    action_id: 'journey:continue',
  });
}

const rolloutsOf = (it: Rig) => it.journal.recent('prod', 10);

describe('Continue', () => {
  test('says what comes next, and refuses with the command while Kubernetes is not there', async () => {
    const it = await afterFirst(() => TOO_EARLY);
    const { requester } = it.slack.users;
    await pressed(it, requester);
    const told = await it.until('the refusal', () =>
      it.private(requester).find(({ text }) => text.includes('press Continue again')),
    );
    expect(told.text).toContain('Kubernetes v1.31.14 runs');
    expect(told.text).toContain('talosctl upgrade-k8s --to 1.32.13');
    expect(JSON.stringify(it.replies().map(({ blocks }) => blocks))).toContain(
      'Next on the way to Talos v1.14.1: *Kubernetes v1.32.13* (3 of about 4)',
    );
    expect(await rolloutsOf(it)).toHaveLength(1);
  });

  test('asks for the next hop like anybody, and the journal says what it is a part of', async () => {
    const it = await afterFirst(() => READY);
    await pressed(it, it.slack.users.requester);
    await vi.waitFor(async () => expect(await rolloutsOf(it)).toHaveLength(2), 10_000);
    const asked = await it.newest();
    expect(asked).toMatchObject({
      goal: { kind: 'upgrade-talos', version: 'v1.14.1' },
      user: it.slack.users.requester,
      phase: { phase: 'asked' },
      journey: { v: 1, to: TO, hop: 4, of: 4, ahead: [] },
    });
  });

  test('pressed by two people at once, and again later, is one rollout', async () => {
    let let_go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      let_go = resolve;
    });
    const it = await afterFirst(async () => {
      await gate;
      return READY;
    });
    const { requester, approver } = it.slack.users;
    await Promise.all([pressed(it, requester), pressed(it, approver), pressed(it, requester)]);
    let_go();
    const both = () => [...it.private(requester), ...it.private(approver)];
    await it.until(
      'the others to be told',
      () => both().filter(({ text }) => text.includes('was asked for already')).length === 2,
    );
    await pressed(it, approver);
    await it.until(
      'one more to be told',
      () => both().filter(({ text }) => text.includes('was asked for already')).length === 3,
    );
    expect(await rolloutsOf(it)).toHaveLength(2);
  });

  test('says that the journal of the hop before cannot be read', async () => {
    const it = await afterFirst(() => READY);
    const [before = ''] = await rolloutsOf(it);
    const { length } = await it.journal.read('prod', before);
    it.journal.plant('prod', before, JSON.stringify({ n: length + 1, v: 99, kind: 'cloned', data: {} }));
    const { requester } = it.slack.users;
    await pressed(it, requester);
    const told = await it.until('the refusal', () =>
      it.private(requester).find(({ text }) => text.includes('schema version 99')),
    );
    expect(told.text).toContain('Start the version of the bot that wrote it');
    expect(await rolloutsOf(it)).toHaveLength(1);
  });

  test('asks again after a hop that changed nothing', async () => {
    const it = await afterFirst(() => READY);
    const { requester } = it.slack.users;
    await pressed(it, requester);
    await vi.waitFor(async () => expect(await rolloutsOf(it)).toHaveLength(2), 10_000);
    const first = await it.newest();
    await it.append(first?.id ?? '', { kind: 'declined', outcome: 'blocked', sentence: 'No.', findings: [] });
    await pressed(it, requester);
    await vi.waitFor(async () => expect(await rolloutsOf(it)).toHaveLength(3), 10_000);
  });

  test('is refused to whoever may not ask, before anybody looks', async () => {
    let looks = 0;
    const it = await afterFirst(() => {
      looks += 1;
      return READY;
    });
    const { bystander } = it.slack.users;
    await pressed(it, bystander);
    await it.until('the refusal', () =>
      it.private(bystander).find(({ text }) => text.includes('not an operator')),
    );
    expect([looks, (await rolloutsOf(it)).length]).toEqual([0, 1]);
  });

  test('says so when the way is at its end', async () => {
    const it = await afterFirst(() => answered(pathOf()));
    const { requester } = it.slack.users;
    await pressed(it, requester);
    await it.until('the answer', () =>
      it.private(requester).find(({ text }) => text.includes('there is nothing to do')),
    );
    expect(await rolloutsOf(it)).toHaveLength(1);
  });
});

describe('a wish that is too far for one hop', () => {
  test('is answered with the way and a button, and how it was asked holds for the whole way', async () => {
    const it = await withBot({ report: READY });
    const goal = { kind: 'upgrade-talos', version: 'v1.14.1', staged: true } as const;
    const story = aRollout({ goal, channel: it.slack.channels.platform });
    await it.tell(story);
    const way = pathOf(['talos', 'v1.13.9'], ['talos', 'v1.14.1']);
    await it.append(story.id, {
      ...{ kind: 'declined', outcome: 'blocked', sentence: 'Too far.', findings: [aFinding('blocker')] },
      way,
    });
    const card = await it.until('the card', () =>
      it.cards().find(({ buttons }) => buttons.some(({ action_id }) => action_id === 'journey:continue')),
    );
    const text = JSON.stringify(card.blocks);
    expect(text).toContain('in *2 hops*: Talos v1.13.9 → Talos v1.14.1');
    expect(text).toContain('Begin: Talos v1.13.9');
    const press = { user: it.slack.users.requester, channel: it.slack.channels.platform, message: card.ts };
    await it.slack.action({ ...press, action_id: 'journey:continue' });
    await vi.waitFor(async () => expect(await rolloutsOf(it)).toHaveLength(2), 10_000);
    // Somebody made the first hop meanwhile: the last one is asked, in the manner of the first wish.
    expect(await it.newest()).toMatchObject({
      goal: { ...goal, version: 'v1.14.1' },
      journey: { hop: 2, of: 2 },
    });
  });
});

describe('a path', () => {
  test('begins from a private answer, for those who may ask', async () => {
    const it = await withBot({ report: READY });
    const { requester, bystander } = it.slack.users;
    const { platform } = it.slack.channels;
    await it.slack.command(bystander, platform, '/talos path v1.14.1');
    await it.slack.command(requester, platform, '/talos path v1.14.1');
    const answer = (user: string) => () => it.private(user).find(({ text }) => text.includes('in 1 hop'));
    const others = await it.until('the answer to the bystander', answer(bystander));
    expect(others.buttons).toEqual([]);
    const mine = await it.until('the answer', answer(requester));
    const press = { user: requester, channel: platform, message: mine.ts, action_id: 'journey:continue' };
    await it.slack.action(press);
    await it.slack.action(press);
    await it.until('to be told once', () =>
      it.private(requester).find(({ text }) => text.includes('was asked for already')),
    );
    expect(await rolloutsOf(it)).toHaveLength(1);
    expect(await it.newest()).toMatchObject({
      goal: { kind: 'upgrade-talos', version: 'v1.14.1' },
      journey: null,
    });
  });
});

describe('the value of the button', () => {
  test('comes back as it was', () => {
    const value = { cluster: 'prod', from: 'r1', to: TO };
    expect(decodeOnward(encodeOnward(value))).toEqual(value);
  });

  test.each([
    undefined,
    '',
    '{}',
    '[]',
    '{"c":"prod","r":"r1"}',
    '{"c":"prod","r":"r1","t":null,"k":null}',
    '{"c":"prod","r":1,"t":"v1","k":null}',
  ])('that is not ours is nothing: %s', (text) => {
    expect(decodeOnward(text)).toBeNull();
  });
});
