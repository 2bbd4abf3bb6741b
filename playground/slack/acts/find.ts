// Finding the button or menu a person means: by place, text, action, value, or the node it is about.
import { buttonOf, elementsIn, type FoundElement } from '../blocks.ts';
import type { ActionRequest, Refused } from '../contract.ts';
import { plainOf, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import type { Place } from '../payloads.ts';
import { findMessage, findView, messagesIn, type StoredMessage } from '../store.ts';
import { no, roomOf } from './refusal.ts';

export type Target = { readonly place: Place; readonly found: FoundElement };

/** May this person see it? */
export const visibleTo = (message: StoredMessage, user: string): boolean =>
  message.ephemeralFor === undefined || message.ephemeralFor === user;

const word = (node: string): RegExp =>
  new RegExp(`(?<![\\w-])${node.replaceAll(/[^\w-]/g, '\\$&')}(?![\\w-])`);

const names = (value: unknown, node: string): boolean => word(node).test(JSON.stringify(value));

const fits = (found: FoundElement, request: ActionRequest): boolean => {
  const { element, block } = found;
  const button = buttonOf(found);
  const texted =
    request.button === undefined || plainOf(element['text']).toLowerCase() === request.button.toLowerCase();
  const valued = button === undefined || typeof request.value !== 'string' || button.value === request.value;
  return (
    texted &&
    valued &&
    (request.action_id === undefined || textOf(element, 'action_id') === request.action_id) &&
    (request.block_id === undefined || block === request.block_id)
  );
};

const blocksOf = (place: Place) => (place.kind === 'view' ? place.view.payload.blocks : place.message.blocks);

const within = (place: Place, request: ActionRequest): FoundElement[] => {
  const found = elementsIn(blocksOf(place)).filter((one) => fits(one, request));
  const { node } = request;
  if (node === undefined) return found;
  const own = found.filter(({ element }) => names([element['text'], element['value']], node));
  if (own.length > 0) return own;
  const about = place.kind === 'message' ? [place.message.text, place.message.blocks] : place.view.payload;
  return names(about, node) ? found : [];
};

/** The places to look at, the most likely first. */
const placesOf = (request: ActionRequest, local: LocalSlack): readonly Place[] | Refused => {
  if (request.view !== undefined) {
    const view = findView(local.store, request.view);
    return view?.user === request.user
      ? [{ kind: 'view', view }]
      : no('view_not_found', 'This person has no such view open.');
  }
  const room = roomOf(local, request.user, request.channel ?? '');
  if ('ok' in room) return room;
  if (request.message !== undefined) {
    const message = findMessage(local.store, room.id, request.message);
    return message !== undefined && visibleTo(message, request.user)
      ? [{ kind: 'message', message }]
      : no('message_not_found', 'There is no such message for this person.');
  }
  return messagesIn(local.store, room.id)
    .filter((message) => visibleTo(message, request.user))
    .filter(
      ({ ts, threadTs }) =>
        request.thread === undefined || threadTs === request.thread || ts === request.thread,
    )
    .map((message) => ({ kind: 'message' as const, message }))
    .reverse();
};

const wantedText = (request: ActionRequest): string =>
  [request.button ?? request.action_id ?? 'any', request.node].filter(Boolean).join(' of ');

/** What the request means, or why that can not be said. */
export const findTarget = (request: ActionRequest, local: LocalSlack): Target | Refused => {
  const places = placesOf(request, local);
  if ('ok' in places) return places;
  for (const place of places) {
    const found = within(place, request);
    if (found.length > 1)
      return no(
        'ambiguous_button',
        `${found.length} elements fit "${wantedText(request)}": ${found.map(({ element }) => `${textOf(element, 'action_id')} (${textOf(element, 'value')})`).join(', ')}.`,
      );
    if (found[0] !== undefined) return { place, found: found[0] };
  }
  return no('no_such_button', `Nobody can press "${wantedText(request)}" here now.`);
};
