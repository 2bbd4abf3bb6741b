// views.*: modals in a stack of three, and the Home tab; every change bound to a hash.
import { withIds } from '../blocks.ts';
import { isRecord, type Json, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { wireView } from '../payloads.ts';
import { initialValues } from '../state-values.ts';
import { findView, type StoredView, stackOf } from '../store.ts';
import { validateView } from '../validate.ts';
import { type Answer, type Family, refuse, refuseProblems } from './method.ts';

const STACK_LIMIT = 3;

type Payload = StoredView['payload'];
type Refusal = { readonly refusal: Answer };
/** A view as it is shown now, or why it is not. */
export type Shown = { readonly view: StoredView } | Refusal;

const no = (error: string, detail = ''): Refusal => ({ refusal: refuse(error, detail) });

/** The view as stored, or what Slack would refuse in it. */
const payloadOf = (
  given: unknown,
  type: 'modal' | 'home',
  local: LocalSlack,
): { readonly payload: Payload } | Refusal => {
  const problems = validateView(given);
  if (problems.length > 0) return { refusal: refuseProblems(problems, 'invalid_arguments') };
  if (!isRecord(given) || given['type'] !== type)
    return no('invalid_arguments', `the view must be of type ${type} here`);
  return { payload: { ...given, blocks: withIds(given['blocks'], () => local.store.nextId('b')) } };
};

const hashOf = (local: LocalSlack): string => local.store.nextTs();

const newView = (local: LocalSlack, user: string, payload: Payload, below?: StoredView): StoredView => {
  const id = local.store.nextId('V');
  return {
    id,
    user,
    type: payload['type'] === 'home' ? 'home' : 'modal',
    payload,
    hash: hashOf(local),
    values: initialValues(payload.blocks),
    errors: {},
    rootId: below?.rootId ?? id,
    previousId: below?.id ?? null,
  };
};

const takenExternalId = (local: LocalSlack, payload: Payload, except?: StoredView): boolean => {
  const external = textOf(payload, 'external_id');
  const open = [...local.store.stacks.values()].flat();
  return (
    external !== '' &&
    open.some((view) => view !== except && textOf(view.payload, 'external_id') === external)
  );
};

/** Puts a view on top of the person's stack; used by views.push and by `response_action: push`. */
export const pushView = (local: LocalSlack, user: string, given: unknown): Shown => {
  const stack = stackOf(local.store, user);
  if (stack.length >= STACK_LIMIT) return no('push_limit_reached', 'a stack holds three views');
  const checked = payloadOf(given, 'modal', local);
  if ('refusal' in checked) return checked;
  if (takenExternalId(local, checked.payload)) return no('duplicate_external_id');
  const view = newView(local, user, checked.payload, stack.at(-1));
  local.store.stacks.set(user, [...stack, view]);
  local.store.changed();
  return { view };
};

/** What was typed into inputs that are still there stays. */
const keptValues = (blocks: Payload['blocks'], before: StoredView['values']): StoredView['values'] => {
  const values = initialValues(blocks);
  for (const [block, actions] of Object.entries(values)) {
    for (const action of Object.keys(actions)) {
      const typed = before[block]?.[action];
      if (typed !== undefined && actions[action]?.['type'] === typed['type']) actions[action] = typed;
    }
  }
  return values;
};

/** Replaces the content of a view; used by views.update and by `response_action: update`. */
export const replaceView = (local: LocalSlack, view: StoredView, given: unknown): Shown => {
  const checked = payloadOf(given, view.type, local);
  if ('refusal' in checked) return checked;
  if (takenExternalId(local, checked.payload, view)) return no('duplicate_external_id');
  view.payload = checked.payload;
  view.values = keptValues(checked.payload.blocks, view.values);
  view.errors = {};
  view.hash = hashOf(local);
  local.store.changed();
  return { view };
};

const answered = (shown: Shown): Answer =>
  'refusal' in shown ? shown.refusal : { ok: true, view: wireView(shown.view) };

const open = (args: Json, local: LocalSlack): Answer => {
  // Slack looks at the view first: a view it refuses does not cost the trigger.
  const checked = payloadOf(args['view'], 'modal', local);
  if ('refusal' in checked) return checked.refusal;
  const trigger = local.triggers.spend(textOf(args, 'trigger_id'));
  if (typeof trigger === 'string') return refuse(trigger);
  local.store.stacks.set(trigger.user, []);
  return answered(pushView(local, trigger.user, args['view']));
};

const push = (args: Json, local: LocalSlack): Answer => {
  const checked = payloadOf(args['view'], 'modal', local);
  if ('refusal' in checked) return checked.refusal;
  const trigger = local.triggers.spend(textOf(args, 'trigger_id'));
  if (typeof trigger === 'string') return refuse(trigger);
  if (trigger.view === undefined || stackOf(local.store, trigger.user).length === 0)
    return refuse('invalid_trigger_id', 'views.push needs a trigger from inside an open modal');
  return answered(pushView(local, trigger.user, args['view']));
};

const byExternalId = (local: LocalSlack, external: string): StoredView | undefined =>
  [...local.store.stacks.values()].flat().find((view) => textOf(view.payload, 'external_id') === external);

const update = (args: Json, local: LocalSlack): Answer => {
  const id = textOf(args, 'view_id');
  const external = textOf(args, 'external_id');
  if ((id === '') === (external === ''))
    return refuse('invalid_arguments', 'needs exactly one of view_id and external_id');
  const view = id === '' ? byExternalId(local, external) : findView(local.store, id);
  if (view === undefined) return refuse('not_found', 'the view is closed or never was');
  const hash = textOf(args, 'hash');
  if (hash !== '' && hash !== view.hash) return refuse('hash_conflict');
  return answered(replaceView(local, view, args['view']));
};

const publish = (args: Json, local: LocalSlack): Answer => {
  const user = textOf(args, 'user_id');
  if (!local.manifest.homeTab) return refuse('not_enabled', 'the manifest does not enable the Home tab');
  if (!local.store.people.has(user)) return refuse('user_not_found');
  const before = local.store.homes.get(user);
  const hash = textOf(args, 'hash');
  if (hash !== '' && hash !== before?.hash) return refuse('hash_conflict');
  if (before !== undefined) return answered(replaceView(local, before, args['view']));
  const checked = payloadOf(args['view'], 'home', local);
  if ('refusal' in checked) return checked.refusal;
  const view = newView(local, user, checked.payload);
  local.store.homes.set(user, view);
  local.store.changed();
  return answered({ view });
};

export const views: Family = {
  'views.open': { token: 'bot', scopes: [], required: ['trigger_id', 'view'], optional: [], run: open },
  'views.push': { token: 'bot', scopes: [], required: ['trigger_id', 'view'], optional: [], run: push },
  'views.update': {
    token: 'bot',
    scopes: [],
    required: ['view'],
    optional: ['view_id', 'external_id', 'hash'],
    run: update,
  },
  'views.publish': {
    token: 'bot',
    scopes: [],
    required: ['user_id', 'view'],
    optional: ['hash'],
    run: publish,
  },
};
