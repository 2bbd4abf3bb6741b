// Outages by name, as the app meets them; none of them counts as a mistake of the app.
import { WebClient } from '@slack/web-api';
import { afterEach, expect, test } from 'vitest';
import type { RunningSlack } from '../../../playground/slack/slack.ts';
import { call, LOGGING, posted, slackWith, tidy } from './rig.ts';

afterEach(tidy);

const clientOf = (slack: RunningSlack): WebClient =>
  new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, ...LOGGING });

const post = (slack: RunningSlack) =>
  clientOf(slack).chat.postMessage({ channel: slack.channels.platform, text: 'x' });

test('a rate limit says how long to wait, for so many calls of that method', async () => {
  const slack = await slackWith();
  await slack.fault({ name: 'slack-rate-limit', method: 'chat.postMessage', count: 2, retryAfterSeconds: 7 });
  const strict = new WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    rejectRateLimitedCalls: true,
    ...LOGGING,
  });
  const attempt = () => strict.chat.postMessage({ channel: slack.channels.platform, text: 'x' });
  await expect(attempt()).rejects.toMatchObject({ retryAfter: 7 });
  expect(await call(slack, 'auth.test')).toMatchObject({ ok: true });
  await expect(attempt()).rejects.toMatchObject({ retryAfter: 7 });
  expect(await attempt()).toMatchObject({ ok: true });
  expect(slack.counters()).toMatchObject({ calls: 4, rejected: 0, rateLimited: 2 });
});

test('an answer of ok:false, an HTTP status, a lost reply', async () => {
  const slack = await slackWith();
  await slack.fault({ name: 'slack-error', method: 'chat.postMessage', error: 'fatal_error' });
  await expect(post(slack)).rejects.toMatchObject({ data: { error: 'fatal_error' } });
  await slack.fault({ name: 'slack-http-error', method: '*', status: 503 });
  await expect(post(slack)).rejects.toMatchObject({ statusCode: 503 });
  expect(slack.messages(slack.channels.platform)).toEqual([]);
  await slack.fault({ name: 'slack-lost-reply' });
  await expect(post(slack)).rejects.toThrow();
  expect(slack.messages(slack.channels.platform)).toHaveLength(1);
  expect(slack.counters().rejected).toBe(0);
});

test('a slow call is overtaken by the next', async () => {
  const slack = await slackWith();
  await slack.fault({ name: 'slack-slow', method: 'chat.postMessage', count: 1, ms: 2_000 });
  const order: string[] = [];
  await Promise.all([
    post(slack).then(() => order.push('slow')),
    call(slack, 'auth.test').then(() => order.push('quick')),
  ]);
  expect(order).toEqual(['quick', 'slow']);
});

test('a message deleted by a person is not found, and that is no mistake', async () => {
  const slack = await slackWith();
  const { platform } = slack.channels;
  const ts = await posted(slack, platform);
  expect(await slack.fault({ name: 'slack-message-deleted' })).toEqual({ ok: true });
  expect(slack.messages(platform)).toEqual([]);
  expect(await call(slack, 'chat.update', { channel: platform, ts, text: 'x' })).toMatchObject({
    error: 'message_not_found',
  });
  expect(slack.counters().rejected).toBe(0);
  expect(await slack.fault({ name: 'slack-message-deleted' })).toMatchObject({ error: 'message_not_found' });
});

test('a deleted message that has replies leaves its place to them', async () => {
  const slack = await slackWith();
  const { platform } = slack.channels;
  const ts = await posted(slack, platform);
  await posted(slack, platform, { thread_ts: ts, text: 'reply' });
  await slack.fault({ name: 'slack-message-deleted', message: ts, channel: platform });
  expect(slack.messages(platform, { thread: ts })).toMatchObject([
    { text: 'This message was deleted.', fromBot: false },
    { text: 'reply' },
  ]);
  expect(await call(slack, 'chat.update', { channel: platform, ts, text: 'x' })).toMatchObject({
    error: 'message_not_found',
  });
  await posted(slack, platform, { thread_ts: ts, text: 'still here' });
  expect(slack.messages(platform, { thread: ts })).toHaveLength(3);
});

test('a scope can be lost, a channel left, a group emptied, and all be well again', async () => {
  const slack = await slackWith();
  const { approver } = slack.users;
  await slack.fault({ name: 'slack-missing-scope' });
  await expect(post(slack)).rejects.toMatchObject({ data: { error: 'missing_scope', needed: 'chat:write' } });
  await slack.fault({ name: 'slack-clear' });
  await post(slack);
  expect(slack.counters().rejected).toBe(0);
  await slack.fault({ name: 'slack-leave-group', user: approver });
  expect(await call(slack, 'usergroups.users.list', { usergroup: 'S0APPR0V3R' })).toMatchObject({
    users: [slack.users.secondApprover],
  });
  await slack.fault({ name: 'slack-remove-bot', channel: slack.channels.platform });
  await expect(post(slack)).rejects.toMatchObject({ data: { error: 'not_in_channel' } });
});
