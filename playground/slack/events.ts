// The Events API over the socket: only what the manifest subscribes to, retried when nobody acknowledges (facts/slack.md 3.3).
import { grantedScopes } from './api/method.ts';
import type { Json } from './json.ts';
import type { LocalSlack } from './local.ts';
import { eventCallback } from './payloads.ts';
import { EVENT_SCOPES } from './scopes.ts';
import type { Delivery } from './socket.ts';

const wanted = (name: string, local: LocalSlack): boolean => {
  const scope = EVENT_SCOPES[name] ?? '';
  return local.manifest.events.has(name) && (scope === '' || grantedScopes(local).has(scope));
};

const attempt = async (payload: Json, retry: number, local: LocalSlack): Promise<Delivery> => {
  const delivery = await local.hub.deliver('events_api', payload, {
    retry_attempt: retry,
    retry_reason: retry === 0 ? '' : 'timeout',
  });
  const waitMs = local.settings.eventRetryMs[retry];
  if (delivery.kind === 'acknowledged' || waitMs === undefined) return delivery;
  // Nobody waits for the retries, and they must not keep the process alive.
  setTimeout(() => void attempt(payload, retry + 1, local), waitMs).unref();
  return delivery;
};

/** Sends an event if the app asked for it; resolves after the first attempt. `name` is that of the subscription. */
export const sendEvent = async (name: string, event: Json, local: LocalSlack): Promise<void> => {
  if (wanted(name, local)) await attempt(eventCallback(local.store, event), 0, local);
};
