// A Slack that wants fewer calls: what is asked to wait waits and is not lost, and keeps nobody else waiting.
import { WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import { describe, expect, test, vi } from 'vitest';
import { SimulatedTime } from '../../playground/doubles/clock.ts';
import { type Ear, teller } from '../../src/bot/private.ts';
import { privateMessage } from '../../src/bot/views/refusal.ts';
import { mrkdwn } from '../../src/bot/views/text.ts';
import { whenAllowed } from '../../src/bot/when-allowed.ts';
import { aFinding } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const HOUR_MS = 3_600_000;
/** Longer than a trigger lives. */
const LONG_SECONDS = 4;
/** Longer than a test is patient. */
const FAR_SECONDS = 60;

const atGate = (channel: string): RolloutStory => {
  const options = { channel, workers: [], controlPlane: ['cp-1'] };
  const opened = aRollout(options).underWay().gate('cp-1').entries.at(-1)?.event;
  if (opened?.kind !== 'gate-opened') return expect.unreachable();
  return aRollout(options)
    .underWay()
    .append({ ...opened, expiresAt: Date.now() + HOUR_MS });
};

const stopped = (channel: string): RolloutStory => {
  const told = aRollout({ channel });
  const flux = { check: 'flux', subject: 'apps', sentence: 'Kustomization apps is suspended.' };
  return told.append({
    ...{ kind: 'planned', plan: told.plan, expiresAt: Date.now() + HOUR_MS },
    findings: [aFinding('blocker', flux)],
  });
};

/** The next call of this method is refused, and has been made. */
async function refuses(it: Rig, method: string, seconds: number, call: () => Promise<unknown>) {
  const fault = { name: 'slack-rate-limit', method, count: 1, retryAfterSeconds: seconds };
  await it.slack.fault(fault);
  await call();
  await vi.waitFor(() => expect(it.slack.counters().rateLimited).toBe(1), { timeout: 10_000 });
}

describe('a dialog', () => {
  test.each([
    ['Deny…', atGate, 'gate:deny'],
    ['Override…', stopped, 'rollout:override:flux'],
    ['Hand over…', atGate, 'rollout:handover'],
  ])('%s opens while the App Home has to wait', async (_name, told, action_id) => {
    const it = await withBot();
    const { users, channels } = it.slack;
    await it.tell(told(channels.platform));
    const buttons = () => [...it.cards(), ...it.replies()].flatMap((shown) => shown.buttons);
    await it.until('the button', () => buttons().some((button) => button.action_id === action_id));
    await refuses(it, 'views.publish', LONG_SECONDS, () => it.slack.home(users.requester));
    await it.slack.action({ user: users.approver, channel: channels.platform, action_id });
    const { views } = await it.until('an answer', () => {
      const state = it.slack.state(users.approver);
      return state.views.length + it.private(users.approver).length > 0 ? state : undefined;
    });
    expect(views).toHaveLength(1);
  });

  test('that Slack does not want to open is told of in time, with what to do', async () => {
    const it = await withBot();
    const { users, channels } = it.slack;
    await it.tell(atGate(channels.platform));
    await it.until('the gate', () => it.replies().some(({ buttons }) => buttons.length > 0));
    const press = { user: users.approver, channel: channels.platform, action_id: 'gate:deny' };
    await refuses(it, 'views.open', LONG_SECONDS, () => it.slack.action(press));
    const said = await it.until('the word', () => it.private(users.approver)[0]);
    expect(said.text).toContain('Nothing was decided by that press: press the button again');
    await it.slack.action(press);
    await it.until('the dialog', () => it.slack.state(users.approver).views[0]);
  });
});

test('an App Home that has to wait is published when Slack wants it', async () => {
  const it = await withBot();
  const { requester } = it.slack.users;
  await refuses(it, 'views.publish', 1, () => it.slack.home(requester));
  expect(it.slack.state(requester).home).toBeNull();
  await it.until('the home', () => it.slack.state(requester).home ?? undefined);
});

test('a status is answered without the link that Slack does not want to give now', async () => {
  const it = await withBot();
  const { users, channels } = it.slack;
  await it.tell(atGate(channels.platform));
  await it.until('the card', () => it.cards()[0]);
  const asks = () => it.slack.command(users.requester, channels.platform, '/talos status');
  await refuses(it, 'chat.getPermalink', FAR_SECONDS, asks);
  const { text } = await it.until('the answer', () => it.private(users.requester)[0]);
  expect(text).toContain('prod');
});

/** A client whose ways to a person answer, call by call, with a wait in seconds or, with 0, that it was told. */
function askedToWait(here: readonly number[], direct: readonly number[]) {
  const time = new SimulatedTime();
  const told: string[] = [];
  const way = (name: string, answers: readonly number[]) => {
    const left = [...answers];
    return async () => {
      const seconds = left.shift() ?? 0;
      if (seconds > 0) throw new WebAPIRateLimitedError(seconds);
      told.push(`${name} after ${time.now() - from} ms`);
    };
  };
  const from = time.now();
  const chat = { postEphemeral: way('here', here), postMessage: way('directly', direct) };
  const line = (): void => undefined;
  const tell = teller({
    // Everything of the client that telling calls.
    client: { chat } as unknown as WebClient,
    clock: time.engineClock(),
    log: { info: line, warn: line, error: line },
  });
  return { time, told, tell };
}

const EAR: Ear = { user: 'U1', channel: 'C1', respond: null };

describe('a private word', () => {
  test.each([
    ['takes the other way', [5], [], ['directly after 0 ms'], true],
    ['waits when no way is left, as long as the shorter asks for', [9], [4], ['here after 4000 ms'], true],
    ['waits twice', [4, 4], [9, 9], ['here after 8000 ms'], true],
    ['is not told for ever', [4, 4, 4, 4], [4, 4, 4, 4], [], false],
    ['is not waited with for longer than a minute', [61], [61], [], false],
  ])('%s', async (_name, here, direct, told, result) => {
    const asked = askedToWait(here, direct);
    const telling = asked.tell(EAR, privateMessage(mrkdwn`Hello`));
    await asked.time.advance(120_000);
    expect(await telling).toBe(result);
    expect(asked.told).toEqual(told);
  });
});

test('what fails for another reason is not tried again', async () => {
  let tried = 0;
  const work = async () => {
    tried += 1;
    throw new Error('no');
  };
  await expect(whenAllowed(new SimulatedTime().engineClock(), work)).rejects.toThrow('no');
  expect(tried).toBe(1);
});
