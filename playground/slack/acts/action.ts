// A person presses a button, chooses from a menu, or types into an external select.
import type {
  ActionDone,
  ActionRequest,
  Refused,
  Suggested,
  SuggestedOption,
  SuggestRequest,
} from '../contract.ts';
import { type Json, recordsOf, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { blockActions, blockSuggestion, type Place } from '../payloads.ts';
import { elementState, initialValues, mergeInputs, type Values } from '../state-values.ts';
import { problemsOf } from '../validate/problem.ts';
import { option } from '../validate/text.ts';
import { findTarget, type Target } from './find.ts';
import { no, unanswered } from './refusal.ts';

/** Slack's default for external selects. */
const MIN_QUERY_LENGTH = 3;
const OPTIONS_LIMIT = 100;

const OFF = no(
  'interactivity_disabled',
  'The manifest does not enable interactivity, so Slack sends no clicks.',
);

const offeredTo =
  (local: LocalSlack, user: string) =>
  (actionId: string): readonly SuggestedOption[] =>
    local.store.offered.get(`${user}:${actionId}`) ?? [];

const valuesOf = (place: Place): Values =>
  place.kind === 'view' ? place.view.values : initialValues(place.message.blocks);

const blocksOf = (place: Place) => (place.kind === 'view' ? place.view.payload.blocks : place.message.blocks);

type Acted = { readonly action: Json; readonly values: Values };

/** The action as the app hears it, and all values with it. */
const acted = (request: ActionRequest, target: Target, local: LocalSlack): Acted | Refused => {
  const { place, found } = target;
  const { element, block } = found;
  const actionId = textOf(element, 'action_id');
  const type = textOf(element, 'type');
  const offered = offeredTo(local, request.user);
  const merged = mergeInputs(blocksOf(place), valuesOf(place), request.values ?? {}, offered);
  if (merged.mistakes.length > 0) return no('invalid_input', `${merged.mistakes.join('; ')}.`);
  const base = { type, action_id: actionId, block_id: block };
  if (type.endsWith('button') || type === 'feedback_buttons') {
    const extra = Object.fromEntries(
      ['text', 'value', 'style', 'url'].filter((key) => key in element).map((key) => [key, element[key]]),
    );
    return { action: { ...base, ...extra }, values: merged.values };
  }
  const state = elementState(element, request.value ?? null, offered(actionId));
  if (typeof state === 'string') return no('invalid_input', `${state}.`);
  if (type !== 'overflow') merged.values[block] = { ...merged.values[block], [actionId]: state };
  return { action: { ...base, ...state }, values: merged.values };
};

/** Presses or chooses; resolves when the app acknowledged. */
export const act = async (request: ActionRequest, local: LocalSlack): Promise<ActionDone | Refused> => {
  const target = findTarget(request, local);
  if ('ok' in target) return target;
  if (!local.manifest.interactivity) return OFF;
  const { place } = target;
  const happened = acted(request, target, local);
  if ('ok' in happened) return happened;
  local.journal.note('person', 'action', { user: request.user, action: happened.action });
  if (place.kind === 'view') place.view.values = happened.values;
  const { user } = request;
  const delivery = await local.hub.deliver(
    'interactive',
    blockActions(local.store, {
      user,
      place,
      ...happened,
      triggerId: local.triggers.issue(place.kind === 'view' ? { user, view: place.view.id } : { user }),
      responseUrl:
        place.kind === 'view'
          ? undefined
          : local.origin() +
            local.responseUrls.issue({ user, channel: place.message.channel, message: place.message }),
    }),
  );
  if (delivery.kind !== 'acknowledged') return unanswered(delivery);
  return {
    ok: true,
    action_id: textOf(target.found.element, 'action_id'),
    ...(place.kind === 'view' ? { view: place.view.id } : { message: place.message.ts }),
  };
};

const suggested = (payload: Json, key: string, local: LocalSlack): Suggested | Refused => {
  const groups = recordsOf(payload['option_groups']);
  const options = [
    ...recordsOf(payload['options']),
    ...groups.flatMap((group) => recordsOf(group['options'])),
  ];
  const problems = options.flatMap((one, at) => problemsOf(option, one, `/options/${at}`));
  if (options.length > OPTIONS_LIMIT || problems.length > 0) {
    const detail = problems[0]?.message ?? `${options.length} options, ${OPTIONS_LIMIT} at most`;
    local.journal.rejected({ method: 'block_suggestion', error: 'invalid_options', detail });
    return no('invalid_response', `The app suggested something Slack does not take: ${detail}.`);
  }
  const plain = options.map((one) => ({
    text: one['text'],
    value: textOf(one, 'value'),
    ...(one['description'] === undefined ? {} : { description: one['description'] }),
  }));
  local.store.offered.set(key, plain);
  if (groups.length === 0) return { ok: true, options: plain };
  return {
    ok: true,
    options: plain,
    option_groups: groups.map((group) => ({
      label: group['label'],
      options: plain.filter((one) =>
        recordsOf(group['options']).some((other) => other['value'] === one.value),
      ),
    })),
  };
};

/** What the app suggests for the text typed so far. */
export const suggest = async (request: SuggestRequest, local: LocalSlack): Promise<Suggested | Refused> => {
  const { value, ...where } = request;
  const target = findTarget(where, local);
  if ('ok' in target) return target;
  const { element, block } = target.found;
  if (!textOf(element, 'type').endsWith('external_select'))
    return no('not_external', 'Only external selects ask the app.');
  if (value.length < Number(element['min_query_length'] ?? MIN_QUERY_LENGTH))
    return { ok: true, options: [] };
  const asked = { action_id: request.action_id, block_id: block, value };
  const delivery = await local.hub.deliver(
    'interactive',
    blockSuggestion(local.store, request.user, target.place, asked),
  );
  if (delivery.kind !== 'acknowledged') return unanswered(delivery);
  return suggested(delivery.payload, `${request.user}:${request.action_id}`, local);
};
