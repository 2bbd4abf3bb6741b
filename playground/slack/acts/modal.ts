// A person submits or closes a modal.
import { pushView, replaceView, type Shown } from '../api/views.ts';
import type { CloseRequest, Done, Refused, SubmitRequest } from '../contract.ts';
import { isRecord, type Json, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { viewClosed, viewSubmission } from '../payloads.ts';
import { mergeInputs, unfilled } from '../state-values.ts';
import { type StoredView, stackOf } from '../store.ts';
import { no, unanswered } from './refusal.ts';

const wantsToKnow = (view: StoredView): boolean => view.payload['notify_on_close'] === true;

const setStack = (local: LocalSlack, user: string, stack: readonly StoredView[]): void => {
  local.store.stacks.set(user, [...stack]);
  local.store.changed();
};

/** Tells the app of closed views that it wanted to hear of. Nobody waits for the acknowledgement on the screen. */
const tellClosed = async (
  closed: readonly StoredView[],
  isCleared: boolean,
  local: LocalSlack,
): Promise<void> => {
  for (const view of closed.filter(wantsToKnow))
    await local.hub.deliver('interactive', viewClosed(local.store, view, isCleared));
};

const clear = async (user: string, local: LocalSlack): Promise<void> => {
  const closed = stackOf(local.store, user);
  setStack(local, user, []);
  await tellClosed(closed.toReversed(), true, local);
};

const without = (local: LocalSlack, view: StoredView): void =>
  setStack(
    local,
    view.user,
    stackOf(local.store, view.user).filter((other) => other !== view),
  );

const invalid = (detail: string, local: LocalSlack): Refused => {
  local.journal.rejected({ method: 'view_submission', error: 'invalid_response', detail });
  return no('invalid_response', `The app answered something Slack does not take: ${detail}.`);
};

const showErrors = (errors: unknown, view: StoredView, local: LocalSlack): Refused => {
  const entries = isRecord(errors) ? Object.entries(errors) : [];
  const known = view.payload.blocks.filter((block) => block.type === 'input').map((block) => block.block_id);
  const strange = entries.find(([block, text]) => !known.includes(block) || typeof text !== 'string');
  if (entries.length === 0) return invalid('errors without a block', local);
  if (strange !== undefined) return invalid(`errors for "${strange[0]}", which is no input block`, local);
  view.errors = Object.fromEntries(entries.map(([block, text]) => [block, String(text)]));
  local.store.changed();
  return no('view_errors', Object.values(view.errors).join(' '), view.errors);
};

const outcome = (shown: Shown, local: LocalSlack): Done | Refused =>
  'view' in shown ? { ok: true } : invalid(JSON.stringify(shown.refusal), local);

/** Does what the app answered to a submission. */
const follow = async (payload: Json, view: StoredView, local: LocalSlack): Promise<Done | Refused> => {
  const action = payload['response_action'];
  if (Object.keys(payload).length === 0) {
    without(local, view);
    return { ok: true };
  }
  switch (action) {
    case 'errors':
      return showErrors(payload['errors'], view, local);
    case 'update':
      return outcome(replaceView(local, view, payload['view']), local);
    case 'push':
      return outcome(pushView(local, view.user, payload['view']), local);
    case 'clear':
      await clear(view.user, local);
      return { ok: true };
    default:
      return invalid(`response_action "${textOf(payload, 'response_action')}"`, local);
  }
};

const topView = (local: LocalSlack, user: string, id: string): StoredView | Refused => {
  const view = stackOf(local.store, user).at(-1);
  return view?.id === id ? view : no('view_not_found', 'This is not the modal on top for this person.');
};

/** Submits the modal on top; resolves when the app answered. */
export const submit = async (request: SubmitRequest, local: LocalSlack): Promise<Done | Refused> => {
  const view = topView(local, request.user, request.view);
  if ('ok' in view) return view;
  if (view.payload['submit'] === undefined && view.payload.blocks.every((block) => block.type !== 'input'))
    return no('nothing_to_submit', 'This modal has no submit button.');
  const offered = (actionId: string) => local.store.offered.get(`${request.user}:${actionId}`) ?? [];
  const merged = mergeInputs(view.payload.blocks, view.values, request.values ?? {}, offered);
  if (merged.mistakes.length > 0) return no('invalid_input', `${merged.mistakes.join('; ')}.`);
  const errors = unfilled(view.payload.blocks, merged.values);
  view.values = merged.values;
  if (Object.keys(errors).length > 0) return no('invalid_input', 'Something is missing or wrong.', errors);
  view.errors = {};
  local.journal.note('person', 'submit', request);
  const triggerId = local.triggers.issue({ user: request.user, view: view.id });
  const delivery = await local.hub.deliver('interactive', viewSubmission(local.store, view, triggerId));
  if (delivery.kind !== 'acknowledged') return unanswered(delivery);
  return follow(delivery.payload, view, local);
};

/** Closes one modal, or the whole stack. */
export const close = async (request: CloseRequest, local: LocalSlack): Promise<Done | Refused> => {
  const view = topView(local, request.user, request.view);
  if ('ok' in view) return view;
  local.journal.note('person', 'close', request);
  if (request.all === true || view.payload['clear_on_close'] === true) {
    await clear(request.user, local);
    return { ok: true };
  }
  without(local, view);
  await tellClosed([view], false, local);
  return { ok: true };
};
