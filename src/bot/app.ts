// Bolt's listeners: acknowledge in time, do the work, and see to it that a person always reads a sentence.
import { App, type BlockAction, type ButtonAction, type RespondArguments } from '@slack/bolt';
import type { WebClient, WebClientOptions } from '@slack/web-api';
import type { Clock } from '../engine/ports/clock.ts';
import type { Log } from '../engine/ports/log.ts';
import { mistakeOfReason } from '../rollout/override.ts';
import { settleArmed } from './armed.ts';
import type { BoltLogger } from './bolt-logger.ts';
import { type ButtonParts, deny, override, type Press, type Pressed, press } from './buttons.ts';
import type { CommandParts } from './command-parts.ts';
import { SLASH } from './command-table.ts';
import { carryOut, firstWord, handOverTo } from './commands.ts';
import { goOn, type Onward } from './journey.ts';
import { showLog } from './log.ts';
import { parse } from './parse.ts';
import type { Ear, Tell } from './private.ts';
import type { Sockets } from './sockets.ts';
import type { Message } from './views/blocks.ts';
import { DENY, type DenyContext, MAX_REASON } from './views/deny.ts';
import { HAND_OVER, type HandOverContext } from './views/hand-over.ts';
import { OVERRIDE, type OverrideContext } from './views/override.ts';
import { notOpenedMessage, refusalMessage, troubleMessage } from './views/refusal.ts';
import { plainWords } from './views/text.ts';

export interface AppParts {
  readonly sockets: Sockets;
  readonly clientOptions: WebClientOptions;
  readonly botToken: string;
  readonly botUser: string;
  readonly botId: string;
  readonly logger: BoltLogger;
  readonly log: Log;
  readonly clock: Clock;
  /** Opens dialogs while their triggers live: nothing else may keep it waiting. */
  readonly dialogs: WebClient;
  readonly commands: CommandParts;
  readonly buttons: ButtonParts;
  readonly tell: Tell;
  readonly publishHome: (user: string) => Promise<void>;
  /** Keeps what is in hand from being cut off by a stop. */
  readonly track: (work: Promise<void>) => Promise<void>;
}

/** Slack takes no more in one field. */
const MAX_TYPED = 3_000;

export function buildApp(parts: AppParts): App {
  const { botToken, botId, botUser } = parts;
  const app = new App({
    receiver: parts.sockets,
    // Who we are was asked once at the start; Bolt need not ask again before it listens.
    authorize: () => Promise.resolve({ botToken, botId, botUserId: botUser }),
    clientOptions: { ...parts.clientOptions },
    logger: parts.logger,
    convoStore: false,
  });
  listenToCommands(app, parts);
  listenToButtons(app, parts);
  listenToDenials(app, parts);
  listenToOverrides(app, parts);
  listenToHandOvers(app, parts);
  app.event('app_home_opened', ({ event }) =>
    parts.track(event.tab === 'home' ? parts.publishHome(event.user) : Promise.resolve()),
  );
  app.error(async (error) => {
    parts.log.error('a Slack event could not be handled', { code: error.code, message: error.message });
  });
  return app;
}

function privately(message: Message): RespondArguments {
  return { response_type: 'ephemeral', text: message.text, blocks: message.blocks };
}

/** The first word goes into the acknowledgement, before anything is asked of anybody: no command waits for a slow store. */
function listenToCommands(app: App, parts: AppParts): void {
  app.command(SLASH, ({ command, ack, respond }) => {
    const ear: Ear = { user: command.user_id, channel: command.channel_id, respond };
    const around = { clusters: parts.commands.clusters, channel: command.channel_id };
    const read = parse(command.text, around);
    const caller = { ear, around, delivery: command.trigger_id };
    const first = firstWord(parts.commands, read, caller);
    const answer = async (): Promise<void> => {
      await ack(first.message === null ? undefined : privately(first.message));
      if (first.whole) return;
      const last = await carryOut(parts.commands, read, caller).catch((error: unknown) => {
        parts.log.error('a command could not be carried out', { kind: read.kind, message: String(error) });
        return troubleMessage();
      });
      if (last !== null) await parts.tell(ear, last);
    };
    return parts.track(answer());
  });
}

function listenToButtons(app: App, parts: AppParts): void {
  app.action<BlockAction<ButtonAction>>(
    { action_id: /^(rollout|gate|drain|journey|armed|log):/, type: 'block_actions' },
    ({ ack, action, body, respond }) => {
      const thread = body.message?.['thread_ts'];
      const pressed: Press = {
        user: body.user.id,
        delivery: body.trigger_id,
        action: action.action_id,
        value: action.value,
        channel: body.channel?.id ?? null,
        thread: typeof thread === 'string' ? thread : null,
      };
      const ear: Ear = {
        user: pressed.user,
        channel: pressed.channel,
        thread: pressed.thread,
        respond: body.response_url === undefined ? null : respond,
      };
      const answer = async (): Promise<void> => {
        await ack();
        // The App Home puts the cluster behind the action.
        if (pressed.action.startsWith('journey:')) {
          await later(parts, ear, goOn(parts.commands, pressed, ear));
          if (body.view?.type === 'home') await parts.publishHome(pressed.user);
          return;
        }
        if (pressed.action.startsWith('log:')) return shown(parts, pressed, ear);
        if (pressed.action.startsWith('armed:'))
          return later(parts, ear, settleArmed(parts.commands, pressed, ear));
        const result = await safely(parts, press(parts.buttons, pressed));
        if (result.kind === 'modal') await openModal(parts, { ear, trigger: pressed.delivery, result });
        else await explain(parts, ear, result);
        if (body.view?.type === 'home') await parts.publishHome(pressed.user);
      };
      return parts.track(answer());
    },
  );
}

/** Looking takes seconds, so that it is said first; whatever comes of it, the person hears of it. */
async function later(parts: AppParts, ear: Ear, going: Onward | Message): Promise<void> {
  if (!('last' in going)) {
    await parts.tell(ear, going);
    return;
  }
  const last = going.last.catch((error: unknown) => {
    parts.log.error('a press could not be handled', { message: String(error) });
    return troubleMessage();
  });
  await parts.tell(ear, going.first);
  const left = await last;
  if (left !== null) await parts.tell(ear, left);
}

/** A worker asks the machine, so it takes a moment; the file in the thread is the answer. */
async function shown(parts: AppParts, pressed: Press, ear: Ear): Promise<void> {
  const said = await showLog(parts.commands, pressed).catch((error: unknown) => {
    parts.log.error('a press could not be handled', { message: String(error) });
    return troubleMessage();
  });
  if (said !== null) await parts.tell(ear, said);
}

async function openModal(
  parts: AppParts,
  modal: {
    readonly ear: Ear;
    readonly trigger: string;
    readonly result: Extract<Pressed, { kind: 'modal' }>;
  },
): Promise<void> {
  try {
    await parts.dialogs.views.open({ trigger_id: modal.trigger, view: modal.result.view });
  } catch (error) {
    parts.log.warn('a modal could not be opened', { message: String(error) });
    await parts.tell(modal.ear, notOpenedMessage());
  }
}

function listenToDenials(app: App, parts: AppParts): void {
  app.view(DENY.callback, ({ ack, body, view }) => {
    const answer = async (): Promise<void> => {
      await ack();
      // Written by denyModal and kept by Slack, readable by nobody else.
      const context = JSON.parse(view.private_metadata) as DenyContext;
      const reason = plainWords(view.state.values[DENY.block]?.[DENY.action]?.value ?? '', MAX_REASON);
      const who = { user: body.user.id, delivery: deliveryOf(body, view.id) };
      await handled(
        parts,
        { context, user: who.user },
        deny(parts.buttons, who, { value: context.button, reason }),
      );
    };
    return parts.track(answer());
  });
}

function listenToOverrides(app: App, parts: AppParts): void {
  app.view(OVERRIDE.callback, ({ ack, body, view }) => {
    const answer = async (): Promise<void> => {
      const { values } = view.state;
      const reason = plainWords(values[OVERRIDE.reason]?.[OVERRIDE.action]?.value ?? '', MAX_TYPED);
      const mistake = mistakeOfReason(reason);
      if (mistake !== null) {
        await ack({ response_action: 'errors', errors: { [OVERRIDE.reason]: `A reason ${mistake}` } });
        return;
      }
      await ack();
      // Written by overrideModal and kept by Slack, readable by nobody else.
      const context = JSON.parse(view.private_metadata) as OverrideContext;
      const options = values[OVERRIDE.checks]?.[OVERRIDE.action]?.selected_options ?? [];
      const chosen = options.map(({ value }) => value);
      const who = { user: body.user.id, delivery: deliveryOf(body, view.id) };
      await handled(
        parts,
        { context, user: who.user },
        override(parts.buttons, who, { value: context.button, chosen, reason }),
      );
    };
    return parts.track(answer());
  });
}

function listenToHandOvers(app: App, parts: AppParts): void {
  app.view(HAND_OVER.callback, ({ ack, body, view }) => {
    const answer = async (): Promise<void> => {
      const to = view.state.values[HAND_OVER.block]?.[HAND_OVER.action]?.selected_user ?? null;
      if (to === null) {
        await ack({ response_action: 'errors', errors: { [HAND_OVER.block]: 'Choose a person.' } });
        return;
      }
      await ack();
      // Written by handOverModal and kept by Slack, readable by nobody else.
      const { button, channel, thread } = JSON.parse(view.private_metadata) as HandOverContext;
      const { user } = body;
      const wish = { user: user.id, delivery: deliveryOf(body, view.id), to };
      const said = await handOverTo(parts.commands, button, wish).catch((error: unknown) => {
        parts.log.error('a press could not be handled', { message: String(error) });
        return troubleMessage();
      });
      await parts.tell({ user: user.id, channel, thread, respond: null }, said);
      if (channel === null) await parts.publishHome(user.id);
    };
    return parts.track(answer());
  });
}

/** A submission has a trigger in every payload Slack documents; the view's id is as unique. */
function deliveryOf(body: object, viewId: string): string {
  return 'trigger_id' in body && typeof body.trigger_id === 'string' ? body.trigger_id : viewId;
}

/** Tells whoever submitted a modal what became of it, where the modal was opened. */
async function handled(
  parts: AppParts,
  from: { readonly user: string; readonly context: DenyContext | OverrideContext },
  work: Promise<Pressed>,
): Promise<void> {
  const { channel, thread } = from.context;
  await explain(parts, { user: from.user, channel, thread, respond: null }, await safely(parts, work));
  if (channel === null) await parts.publishHome(from.user);
}

/** A failure on our side is told like a refusal: the person pressed something and must not be left waiting. */
async function safely(
  parts: AppParts,
  work: Promise<Pressed>,
): Promise<Pressed | { readonly kind: 'trouble' }> {
  try {
    return await work;
  } catch (error) {
    parts.log.error('a press could not be handled', { message: String(error) });
    return { kind: 'trouble' };
  }
}

async function explain(
  parts: AppParts,
  ear: Ear,
  result: Pressed | { readonly kind: 'trouble' },
): Promise<void> {
  if (result.kind === 'refusal') await parts.tell(ear, refusalMessage(result));
  if (result.kind === 'trouble') await parts.tell(ear, troubleMessage());
}
