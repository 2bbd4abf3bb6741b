// Modals with the real Bolt: open, suggest, errors, update, push, clear, close; the Home tab.
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningSlack } from '../../../playground/slack/slack.ts';
import { LIMIT_MS, plain } from './cards.ts';
import { aManifest, type BoltApp, boltFor, slackWith, tidy } from './rig.ts';

afterEach(tidy);

const modal = (title: string, more: object = {}) => ({
  type: 'modal' as const,
  title: plain(title),
  callback_id: title.toLowerCase(),
  blocks: [{ type: 'section' as const, text: plain(title) }],
  ...more,
});
const reason = {
  type: 'input' as const,
  block_id: 'why',
  label: plain('Why'),
  element: { type: 'plain_text_input' as const, action_id: 'reason', max_length: 20 },
};
const node = {
  type: 'input' as const,
  block_id: 'node',
  label: plain('Node'),
  optional: true,
  element: { type: 'external_select' as const, action_id: 'pick', min_query_length: 2 },
};
const ask = modal('Ask', { submit: plain('Go'), blocks: [reason, node], notify_on_close: true });

/** A Slack whose app opens `view` on /talos, and does what `more` says. */
const opened = async (view: object, more: (app: BoltApp) => void = () => undefined) => {
  const slack = await slackWith();
  await boltFor(slack, (app) => {
    app.command('/talos', async ({ ack, client, command }) => {
      await client.views.open({ trigger_id: command.trigger_id, view: view as ReturnType<typeof modal> });
      await ack();
    });
    more(app);
  });
  expect(await slack.command(slack.users.requester, slack.channels.platform, '/talos go')).toEqual({
    ok: true,
  });
  return slack;
};

const stack = (slack: RunningSlack) => slack.state(slack.users.requester).views;
const top = (slack: RunningSlack): string => stack(slack).at(-1)?.id ?? '';

describe('a modal', () => {
  test('asks for what is missing before the app hears of it', async () => {
    const slack = await opened(ask);
    const answer = await slack.submit({ user: slack.users.requester, view: top(slack) });
    expect(answer).toMatchObject({
      error: 'invalid_input',
      errors: { why: 'Please complete this required field' },
    });
    const long = { why: { reason: 'x'.repeat(21) } };
    expect(await slack.submit({ user: slack.users.requester, view: top(slack), values: long })).toMatchObject(
      {
        errors: { why: 'Please enter no more than 20 characters' },
      },
    );
  });

  test('shows the suggestions of the app, and takes only those', async () => {
    const slack = await opened(ask, (app) => {
      app.options('pick', async ({ ack, payload }) => {
        await ack({ options: [{ text: plain(`${payload.value}-2`), value: 'cp-2' }] });
      });
      app.view('ask', async ({ ack }) => ack());
    });
    const { requester } = slack.users;
    const where = { user: requester, view: top(slack), action_id: 'pick' };
    expect(await slack.suggest({ ...where, value: 'c' })).toEqual({ ok: true, options: [] });
    expect(await slack.suggest({ ...where, value: 'cp' })).toMatchObject({
      options: [{ text: { text: 'cp-2' }, value: 'cp-2' }],
    });
    const values = (pick: string) => ({ why: { reason: 'broken' }, node: { pick } });
    expect(await slack.submit({ user: requester, view: top(slack), values: values('cp-9') })).toMatchObject({
      error: 'invalid_input',
    });
    expect(await slack.submit({ user: requester, view: top(slack), values: values('cp-2') })).toEqual({
      ok: true,
    });
  });

  test('shows the errors of the app until they are mended, then closes', async () => {
    let state: unknown;
    const slack = await opened(ask, (app) => {
      app.view('ask', async ({ ack, view }) => {
        state = view.state.values;
        const given = view.state.values['why']?.['reason']?.value;
        if (given === 'because') await ack({ response_action: 'errors', errors: { why: 'Say more.' } });
        else await ack();
      });
    });
    const { requester } = slack.users;
    const submit = (text: string) =>
      slack.submit({ user: requester, view: top(slack), values: { why: { reason: text } } });
    expect(await submit('because')).toMatchObject({ error: 'view_errors', errors: { why: 'Say more.' } });
    expect(stack(slack)[0]?.errors).toEqual({ why: 'Say more.' });
    expect(await submit('disk is full')).toEqual({ ok: true });
    expect(stack(slack)).toEqual([]);
    expect(state).toEqual({
      why: { reason: { type: 'plain_text_input', value: 'disk is full' } },
      node: { pick: { type: 'external_select', selected_option: null } },
    });
  });

  test('is refused errors for a block that is no input', async () => {
    const slack = await opened(ask, (app) => {
      app.view('ask', async ({ ack }) => ack({ response_action: 'errors', errors: { nowhere: 'x' } }));
    });
    const answer = await slack.submit({
      user: slack.users.requester,
      view: top(slack),
      values: { why: { reason: 'x' } },
    });
    expect(answer).toMatchObject({ error: 'invalid_response' });
    expect(slack.counters().rejected).toBe(1);
  });

  test('is updated, pushed upon up to three, and cleared by answers', async () => {
    const simple = (title: string) => modal(title, { submit: plain('Next') });
    const slack = await opened(simple('One'), (app) => {
      app.view('one', async ({ ack }) => ack({ response_action: 'update', view: simple('Two') }));
      app.view('two', async ({ ack }) => ack({ response_action: 'push', view: simple('Three') }));
      app.view('three', async ({ ack }) => ack({ response_action: 'push', view: simple('Four') }));
      app.view('four', async ({ ack, view }) =>
        view.private_metadata === '' ? ack({ response_action: 'push', view: simple('Five') }) : ack(),
      );
    });
    const submit = () => slack.submit({ user: slack.users.requester, view: top(slack) });
    await submit();
    expect(stack(slack).map((view) => view.title)).toEqual(['Two']);
    await submit();
    await submit();
    expect(stack(slack).map((view) => view.title)).toEqual(['Two', 'Three', 'Four']);
    expect(await submit()).toMatchObject({ error: 'invalid_response' });
    expect(stack(slack)).toHaveLength(3);
  });

  test('clears the stack and tells of it', async () => {
    const closed: boolean[] = [];
    const slack = await opened(modal('One', { submit: plain('Go'), notify_on_close: true }), (app) => {
      app.view('one', async ({ ack }) => ack({ response_action: 'clear' }));
      app.view({ callback_id: 'one', type: 'view_closed' }, async ({ ack, body }) => {
        closed.push(body.type === 'view_closed' && body.is_cleared);
        await ack();
      });
    });
    expect(await slack.submit({ user: slack.users.requester, view: top(slack) })).toEqual({ ok: true });
    expect(stack(slack)).toEqual([]);
    expect(closed).toEqual([true]);
  });

  test('tells of its closing when it wants to', async () => {
    const closed: string[] = [];
    const slack = await opened(ask, (app) => {
      app.view({ callback_id: 'ask', type: 'view_closed' }, async ({ ack, body }) => {
        closed.push(body.user.id);
        await ack();
      });
    });
    expect(await slack.close(slack.users.requester, top(slack))).toEqual({ ok: true });
    expect(stack(slack)).toEqual([]);
    expect(closed).toEqual([slack.users.requester]);
  });

  test('is pushed from a button in it, with its values in the payload', async () => {
    let values: unknown;
    const more = { type: 'button' as const, text: plain('More'), action_id: 'more' };
    const view = modal('One', {
      submit: plain('Go'),
      blocks: [reason, { type: 'actions', elements: [more] }],
    });
    const slack = await opened(view, (app) => {
      app.action('more', async ({ ack, body, client }) => {
        await ack();
        if (body.type !== 'block_actions') return;
        values = body.view?.state.values['why']?.['reason']?.value;
        await client.views.push({ trigger_id: body.trigger_id, view: modal('Two') });
      });
    });
    const pressed = await slack.action({
      user: slack.users.requester,
      view: top(slack),
      button: 'More',
      values: { why: { reason: 'half a' } },
    });
    expect(pressed).toMatchObject({ ok: true });
    await slack.until('the second modal', () => (stack(slack).length === 2 ? true : undefined), LIMIT_MS);
    expect(values).toBe('half a');
    expect(
      await slack.submit({ user: slack.users.requester, view: stack(slack)[0]?.id ?? '' }),
    ).toMatchObject({
      error: 'view_not_found',
    });
  });
});

describe('view methods', () => {
  test('a trigger opens one modal, within three seconds, and views.update minds the hash', async () => {
    let clock = 1_700_000_000_000;
    const slack = await slackWith(aManifest(), { now: () => clock });
    const errors: unknown[] = [];
    const failing = async (call: Promise<unknown>): Promise<void> => {
      await call.catch((error: { data?: { error?: string } }) => errors.push(error.data?.error));
    };
    await boltFor(slack, (app) => {
      app.command('/talos', async ({ ack, client, command }) => {
        const open = () => client.views.open({ trigger_id: command.trigger_id, view: modal('One') });
        await failing(client.views.open({ trigger_id: 'made-up', view: modal('One') }));
        const { view } = await open();
        await failing(open());
        const id = view?.id ?? '';
        await client.views.update({ view_id: id, view: modal('Two'), hash: view?.hash ?? '' });
        await failing(client.views.update({ view_id: id, view: modal('Three'), hash: view?.hash ?? '' }));
        await failing(client.views.push({ trigger_id: command.trigger_id, view: modal('One') }));
        await ack();
      });
      app.command('/plain', async ({ ack, client, command }) => {
        clock += 3001;
        await failing(client.views.open({ trigger_id: command.trigger_id, view: modal('One') }));
        await ack();
      });
    });
    await slack.command(slack.users.requester, slack.channels.platform, '/talos');
    await slack.command(slack.users.requester, slack.channels.platform, '/plain');
    expect(errors).toEqual([
      'invalid_trigger_id',
      'exchanged_trigger_id',
      'hash_conflict',
      'exchanged_trigger_id',
      'expired_trigger_id',
    ]);
    expect(stack(slack).map((view) => view.title)).toEqual(['Two']);
  });

  test('the Home tab is published when somebody opens it, and its buttons work', async () => {
    const slack = await slackWith();
    let pressed = '';
    const press = { type: 'button' as const, text: plain('Status'), action_id: 'status' };
    await boltFor(slack, (app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        const blocks = [{ type: 'actions' as const, elements: [press] }];
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
      });
      app.action('status', async ({ ack, body }) => {
        pressed = body.type === 'block_actions' ? `${body.user.id} ${body.container['type']}` : '';
        await ack();
      });
    });
    const { requester, bystander } = slack.users;
    expect(await slack.home(requester)).toEqual({ ok: true });
    const home = await slack.until('the Home tab', () => slack.state(requester).home ?? undefined, LIMIT_MS);
    expect(slack.state(bystander).home).toBeNull();
    await slack.action({ user: requester, view: home.id, action_id: 'status' });
    expect(pressed).toBe(`${requester} view`);
  });

  test('without the Home tab in the manifest nothing is published', async () => {
    const slack = await slackWith(
      aManifest((manifest) => {
        manifest.features.app_home.home_tab_enabled = false;
      }),
    );
    expect(await slack.home(slack.users.requester)).toMatchObject({ error: 'home_tab_disabled' });
    const app = await boltFor(slack, () => undefined);
    const publish = app.client.views.publish({
      token: slack.botToken,
      user_id: slack.users.requester,
      view: { type: 'home', blocks: [] },
    });
    await expect(publish).rejects.toMatchObject({ data: { error: 'not_enabled' } });
  });
});
