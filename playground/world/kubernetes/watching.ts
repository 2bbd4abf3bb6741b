// Watches: the log of changes as ADDED, MODIFIED and DELETED events for one selection.

import type { Change, ObjectStore } from './object-store.ts';
import type { KubeObject, Resource } from './objects.ts';
import { type Matcher, type Query, selectionOf } from './selectors.ts';
import { expired, type StatusBody } from './statuses.ts';

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: StatusBody };

export interface WatchQuery extends Query {
  /** The version after which changes are wanted; null starts with everything that exists, as ADDED. */
  readonly since: number | null;
}

/** Says what a change means to somebody who only sees objects that match. */
function eventOf(change: Change, matches: Matcher): WatchEvent | null {
  const before = change.before !== null && matches(change.before) ? change.before : null;
  const after = change.after !== null && matches(change.after) ? change.after : null;
  if (after !== null) return { type: before === null ? 'ADDED' : 'MODIFIED', object: after };
  if (before === null) return null;
  // An object that stopped matching is gone for this watcher; the event shows it at the version of that change.
  const metadata = { ...before.metadata, resourceVersion: String(change.version) };
  return { type: 'DELETED', object: { ...before, metadata } };
}

/**
 * Sends past and future events until the returned function is called. A version older than the log, or a bad selector,
 * is one ERROR event; the caller ends the stream after it.
 */
export function watch(
  store: ObjectStore,
  resource: Resource,
  query: WatchQuery,
  onEvent: (event: WatchEvent) => void,
): () => void {
  const selection = selectionOf(resource, query);
  if (selection.kind === 'refused') {
    onEvent({ type: 'ERROR', object: selection.status });
    return () => undefined;
  }
  const send = (change: Change): void => {
    const event = change.resource === resource ? eventOf(change, selection.matches) : null;
    if (event !== null) onEvent(event);
  };
  if (query.since === null) {
    for (const object of store.all(resource)) {
      if (selection.matches(object)) onEvent({ type: 'ADDED', object });
    }
  } else {
    const past = store.since(query.since);
    if (past === 'gone') {
      onEvent({
        type: 'ERROR',
        object: expired(`too old resource version: ${query.since} (${store.version})`),
      });
      return () => undefined;
    }
    past.forEach(send);
  }
  return store.subscribe(send);
}
