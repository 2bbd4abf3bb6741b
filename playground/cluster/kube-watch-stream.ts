// One watch as the HTTP stream that carries it: a JSON object per line, bookmarks, an end.
import type { ServerResponse } from 'node:http';
import type { KubernetesApi } from '../world/kubernetes/kubernetes-api.ts';
import type { Resource } from '../world/kubernetes/objects.ts';
import type { Query } from '../world/kubernetes/selectors.ts';
import { badRequest, type StatusBody } from '../world/kubernetes/statuses.ts';
import { resources } from './kube-route.ts';

/** Below the 30 s after which client-node gives up on a silent watch. */
const bookmarkMs = 10_000;
/** The real server ends watches after 30 to 60 minutes when nobody names a time. */
const usualTimeoutSeconds = 1_800;

function sinceOf(version: string | null): number | null | StatusBody {
  // Unset and 0 both mean: start with what there is.
  if (version === null || version === '' || version === '0') return null;
  return /^\d+$/.test(version)
    ? Number(version)
    : badRequest(`Invalid value: "${version}": strconv.ParseUint: parsing error`);
}

export interface WatchCall {
  readonly api: KubernetesApi;
  readonly resource: Resource;
  readonly selection: Query;
  readonly parameters: URLSearchParams;
}

/** Streams until the client leaves, the time is over or an ERROR was sent. Returns a Status instead when it cannot begin. */
export function streamWatch(
  response: ServerResponse,
  { api, resource, selection, parameters }: WatchCall,
): StatusBody | null {
  const since = sinceOf(parameters.get('resourceVersion'));
  if (since !== null && typeof since !== 'number') return since;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const write = (event: object): void => {
    response.write(`${JSON.stringify(event)}\n`);
  };
  // An ERROR may be sent before `watch` has returned how to stop.
  let failed = false;
  const stop = api.watch(resource, { ...selection, since }, (event) => {
    write(event);
    if (event.type === 'ERROR') failed = true;
  });
  if (failed) {
    response.end();
    return null;
  }
  const { groupVersion, kind } = resources[resource];
  const bookmark = (): void => {
    write({
      type: 'BOOKMARK',
      object: { kind, apiVersion: groupVersion, metadata: { resourceVersion: api.resourceVersion } },
    });
  };
  const wantsBookmarks = parameters.get('allowWatchBookmarks') === 'true';
  const bookmarks = wantsBookmarks ? setInterval(bookmark, bookmarkMs) : undefined;
  const timeoutSeconds =
    Number(parameters.get('timeoutSeconds') ?? usualTimeoutSeconds) || usualTimeoutSeconds;
  const end = setTimeout(() => {
    if (wantsBookmarks) bookmark();
    response.end();
  }, timeoutSeconds * 1_000);
  response.on('close', () => {
    clearInterval(bookmarks);
    clearTimeout(end);
    stop();
  });
  return null;
}
