// What the simulated API answers to one authenticated request, apart from watches.
import type { EvictionRequest } from '../world/kubernetes/eviction.ts';
import type { KubernetesApi } from '../world/kubernetes/kubernetes-api.ts';
import type { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import type { Resource } from '../world/kubernetes/objects.ts';
import { isJsonObject } from '../world/kubernetes/patch.ts';
import type { Query } from '../world/kubernetes/selectors.ts';
import {
  type ApiAnswer,
  badRequest,
  failure,
  methodNotAllowed,
  success,
  unknownResource,
} from '../world/kubernetes/statuses.ts';
import { informationOf } from './kube-information.ts';
import { type Route, resources } from './kube-route.ts';

export interface KubeRequest {
  readonly method: string;
  readonly path: string;
  readonly route: Route;
  readonly parameters: URLSearchParams;
  readonly contentType: string;
  readonly body: string;
  readonly userAgent: string;
}

export interface KubeReply {
  readonly code: number;
  readonly body: object | string;
}

const patchKinds = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
} as const;

function reply<T extends object>(answer: ApiAnswer<T>): KubeReply {
  return answer.kind === 'refused'
    ? { code: answer.status.code, body: answer.status }
    : { code: 200, body: answer.object };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What admission webhooks are told: the parameter alone, also of an eviction that says so in its body (seen in 1.34). */
export function isDryRun(parameters: URLSearchParams): boolean {
  return parameters.getAll('dryRun').includes('All');
}

/** The selection of a list or watch call. */
export function selectionOf(namespace: string | null, parameters: URLSearchParams): Query {
  return {
    ...(namespace === null ? {} : { namespace }),
    labelSelector: parameters.get('labelSelector') ?? '',
    fieldSelector: parameters.get('fieldSelector') ?? '',
  };
}

function list(api: KubernetesApi, resource: Resource, query: Query, parameters: URLSearchParams): KubeReply {
  const limit = Number(parameters.get('limit') ?? '0');
  const answer = api.list(resource, { ...query, limit, continueToken: parameters.get('continue') ?? '' });
  if (answer.kind === 'refused') return reply(answer);
  const { resourceVersion, items, continueToken, remainingItemCount } = answer.object;
  const { groupVersion, kind } = resources[resource];
  const metadata = {
    resourceVersion,
    ...(continueToken === '' ? {} : { continue: continueToken }),
    ...(remainingItemCount === null ? {} : { remainingItemCount }),
  };
  // Items of a typed list carry neither kind nor apiVersion.
  const bare = items.map(({ kind: _kind, apiVersion: _version, ...item }) => item);
  return { code: 200, body: { kind: `${kind}List`, apiVersion: groupVersion, metadata, items: bare } };
}

function patch(api: KubernetesApi, name: string, request: KubeRequest): KubeReply {
  const type = request.contentType.split(';')[0]?.trim() ?? '';
  const kind = Object.entries(patchKinds).find(([known]) => known === type)?.[1];
  if (kind === undefined) {
    const status = failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
    return { code: status.code, body: status };
  }
  const body = parsed(request.body);
  if (body === undefined) return refusal('the patch is not JSON');
  // Whoever names no manager is called by the first word of its user agent, as the real server has it.
  const manager = request.parameters.get('fieldManager') ?? request.userAgent.split('/')[0] ?? '';
  return reply(api.patchNode(name, { patch: body, kind, manager, dryRun: isDryRun(request.parameters) }));
}

function refusal(message: string): KubeReply {
  const status = badRequest(message);
  return { code: status.code, body: status };
}

/** Reads DeleteOptions, which a deletion carries as its body and an eviction inside of it. */
function removalOf(options: unknown, dryRun: boolean): EvictionRequest {
  const given = isJsonObject(options) ? options : {};
  const preconditions = isJsonObject(given['preconditions']) ? given['preconditions'] : {};
  const { uid, resourceVersion } = preconditions;
  const grace = given['gracePeriodSeconds'];
  const dry = given['dryRun'];
  return {
    dryRun: dryRun || (Array.isArray(dry) && dry.includes('All')),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    ...(typeof grace === 'number' && grace >= 0 ? { graceSeconds: grace } : {}),
  };
}

function evict(
  api: KubernetesApi,
  pod: { readonly namespace: string; readonly name: string },
  request: KubeRequest,
): KubeReply {
  const body = parsed(request.body);
  if (!isJsonObject(body) || body['kind'] !== 'Eviction' || body['apiVersion'] !== 'policy/v1') {
    return refusal('the body is no Eviction of policy/v1');
  }
  const metadata = isJsonObject(body['metadata']) ? body['metadata'] : {};
  if (metadata['name'] !== pod.name) return refusal('name in URL does not match name in Eviction object');
  const removal = removalOf(body['deleteOptions'], isDryRun(request.parameters));
  const answer = api.evict(pod.namespace, pod.name, removal);
  return answer.kind === 'refused'
    ? { code: answer.status.code, body: answer.status }
    : { code: 201, body: success(201) };
}

function objectAnswer(
  api: KubernetesApi,
  route: Extract<Route, { kind: 'object' }>,
  request: KubeRequest,
): KubeReply {
  const { resource, namespace, name } = route;
  if (request.method === 'GET') return reply(api.get(resource, namespace ?? undefined, name));
  if (request.method === 'PATCH' && resource === 'nodes') return patch(api, name, request);
  if (request.method === 'DELETE' && resource === 'pods') {
    const grace = request.parameters.get('gracePeriodSeconds');
    const options = {
      ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
      ...asOptions(parsed(request.body)),
    };
    return reply(api.deletePod(namespace ?? '', name, removalOf(options, isDryRun(request.parameters))));
  }
  return { code: 405, body: methodNotAllowed() };
}

function asOptions(body: unknown): object {
  return isJsonObject(body) ? body : {};
}

/** Groups that the real server itself serves; what CRDs bring about is named otherwise. */
const BUILT_IN = /^\/(api\/v1|apis\/(apps|policy|[a-z.]+\.k8s\.io))\//;

/** Within its own groups the real server answers with a Status, elsewhere with a line of text (seen in 1.34). */
function unknown(path: string): KubeReply {
  return BUILT_IN.test(path)
    ? { code: 404, body: unknownResource() }
    : { code: 404, body: '404 page not found\n' };
}

/** Answers a request that is not a watch. */
export function answerTo(
  { api, shelf }: Pick<KubernetesObjects, 'api' | 'shelf'>,
  request: KubeRequest,
): KubeReply {
  const { route, method, parameters } = request;
  if (route.kind === 'object') return objectAnswer(api, route, request);
  if (route.kind === 'eviction') {
    return method === 'POST' ? evict(api, route, request) : { code: 405, body: methodNotAllowed() };
  }
  if (route.kind === 'collection' && method === 'GET') {
    return list(api, route.resource, selectionOf(route.namespace, parameters), parameters);
  }
  if (route.kind === 'collection') return { code: 405, body: methodNotAllowed() };
  const information =
    route.kind === 'information'
      ? informationOf(route.path, parameters, { serverVersion: api.serverVersion, shelved: shelf.kinds() })
      : null;
  if (information === null) return unknown(route.kind === 'information' ? route.path : request.path);
  return { code: 200, body: information.kind === 'text' ? information.text : information.body };
}
