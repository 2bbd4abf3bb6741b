// Requests about kinds on the shelf: read, created, patched and deleted as any object of an API group is.
import { isJsonObject, type Json } from '../world/kubernetes/patch.ts';
import type { Shelf, ShelvedKind } from '../world/kubernetes/shelf.ts';
import { type ApiAnswer, failure, methodNotAllowed, success } from '../world/kubernetes/statuses.ts';
import type { KubeReply } from './kube-answer.ts';

export interface ShelfRequest {
  readonly method: string;
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly contentType: string;
  readonly body: string;
}

interface ShelfRoute {
  readonly kind: ShelvedKind;
  readonly namespace: string | null;
  readonly name: string | null;
}

/** Null when the path is about nothing on the shelf. */
export function shelfAnswer(shelf: Shelf, request: ShelfRequest): KubeReply | null {
  if (request.path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews' && request.method === 'POST')
    return review(shelf, request.body);
  const route = routeOf(shelf, request.path);
  if (route === null) return null;
  const { kind, namespace, name } = route;
  const { method, parameters } = request;
  if (name === null && method === 'GET') {
    return reply(
      shelf.list(kind, {
        ...(namespace === null ? {} : { namespace }),
        labelSelector: parameters.get('labelSelector') ?? '',
        fieldSelector: parameters.get('fieldSelector') ?? '',
        limit: Number(parameters.get('limit') ?? '0'),
        continueToken: parameters.get('continue') ?? '',
      }),
    );
  }
  if (name === null && method === 'POST') {
    const answer = shelf.create(kind, withNamespace(parsed(request.body), namespace));
    return answer.kind === 'refused' ? reply(answer) : { code: 201, body: answer.object };
  }
  if (name === null) return { code: 405, body: methodNotAllowed() };
  if (method === 'GET') return reply(shelf.get(kind, namespace ?? '', name));
  if (method === 'PATCH') {
    if (!request.contentType.startsWith('application/merge-patch+json')) {
      const status = failure(415, 'UnsupportedMediaType', 'this simulator knows merge patches only');
      return { code: 415, body: status };
    }
    const address = { namespace: namespace ?? '', name, manager: parameters.get('fieldManager') ?? '' };
    return reply(shelf.patch(kind, address, parsed(request.body)));
  }
  if (method === 'PUT') {
    const object = withNamespace(parsed(request.body), namespace);
    return reply(shelf.replace(kind, { namespace: namespace ?? '', name }, object));
  }
  if (method === 'DELETE') {
    const found = shelf.get(kind, namespace ?? '', name);
    if (found.kind === 'refused') return reply(found);
    shelf.remove(kind, namespace ?? '', name);
    return { code: 200, body: success(200) };
  }
  return { code: 405, body: methodNotAllowed() };
}

function reply(answer: ApiAnswer<object>): KubeReply {
  return answer.kind === 'refused'
    ? { code: answer.status.code, body: answer.status }
    : { code: 200, body: answer.object };
}

function routeOf(shelf: Shelf, path: string): ShelfRoute | null {
  const segments = path.split('/').slice(1).map(decodeURIComponent);
  const [root, ...rest] = segments;
  const [group = '', version = '', ...below] = root === 'api' ? ['', ...rest] : rest;
  if (root !== 'api' && root !== 'apis') return null;
  const scoped = below[0] === 'namespaces' && below.length >= 3;
  const [plural = '', name = null, ...surplus] = scoped ? below.slice(2) : below;
  const kind = shelf.kindOf(group, version, plural);
  if (kind === null || surplus.length > 0) return null;
  return { kind, namespace: scoped ? (below[1] ?? null) : null, name };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** The namespace of the path is the object's, as the server has it. */
function withNamespace(object: unknown, namespace: string | null): unknown {
  if (namespace === null || !isJsonObject(object)) return object;
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  return { ...object, metadata: { ...metadata, namespace } };
}

function review(shelf: Shelf, body: string): KubeReply {
  const asked = parsed(body);
  const spec = isJsonObject(asked) && isJsonObject(asked['spec']) ? asked['spec'] : {};
  const attributes = isJsonObject(spec['resourceAttributes']) ? spec['resourceAttributes'] : {};
  const { verb, resource, subresource } = attributes;
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
  const what = subresource === undefined ? text(resource) : `${text(resource)}/${text(subresource)}`;
  const allowed = !shelf.denied.has(`${text(verb)} ${what}`);
  return {
    code: 201,
    body: {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed },
    },
  };
}
