// Server-sent events: the small word "changed", gathered so that a burst of changes is one look.
import type { ServerResponse } from 'node:http';
import type { ClusterProvider, SseEvent } from './contract.ts';
import type { Store } from './store.ts';

const CHANGED_EVERY_MS = 30;
const CLUSTER_EVERY_MS = 100;
/** Keeps idle connections from being taken for dead. */
const COMMENT_EVERY_MS = 15_000;

/** Calls `send` soon after the first of several calls, never more often than every `intervalMs`. */
const gathered = (send: () => void, intervalMs: number) => {
  let timer: NodeJS.Timeout | undefined;
  return {
    call: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        send();
      }, intervalMs);
    },
    stop: () => clearTimeout(timer),
  };
};

/** Keeps a response open and tells it of changes until it is closed. */
export const streamChanges = (
  response: ServerResponse,
  store: Store,
  cluster: ClusterProvider | undefined,
): void => {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'keep-alive',
  });
  const send = (event: SseEvent, data: unknown): void => {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const sayChanged = (): void => send('changed', { revision: store.revision() });
  const changed = gathered(sayChanged, CHANGED_EVERY_MS);
  const moved = gathered(() => send('cluster', {}), CLUSTER_EVERY_MS);
  const stops = [
    store.onChange(changed.call),
    cluster?.onChange(moved.call) ?? (() => undefined),
    changed.stop,
    moved.stop,
  ];
  const comments = setInterval(() => response.write(': still here\n\n'), COMMENT_EVERY_MS);
  response.on('close', () => {
    clearInterval(comments);
    for (const stop of stops) stop();
  });
  sayChanged();
};
