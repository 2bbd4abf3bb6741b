// Merge patch and the part of strategic merge patch that a Node needs.
import type { NodeObject } from './objects.ts';
import {
  type ApiAnswer,
  badRequest,
  invalid,
  modified,
  refused,
  type StatusBody,
  unfit,
} from './statuses.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export type PatchKind = 'merge' | 'strategic';

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 7396: objects merge, null removes, everything else (lists too) replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, Json> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** Directives and keyed lists of strategic merge patch are refused rather than misunderstood. */
function unsupportedStrategic(patch: JsonObject, path = ''): string | null {
  for (const [key, value] of Object.entries(patch)) {
    const here = path === '' ? key : `${path}.${key}`;
    if (key.startsWith('$')) return here;
    if (here === 'metadata.ownerReferences' || here === 'metadata.finalizers') return here;
    const inner = isJsonObject(value) ? unsupportedStrategic(value, here) : null;
    if (inner !== null) return inner;
  }
  return null;
}

/** Qualified names as the API validates them: an optional DNS prefix and a name of at most 63 characters. */
const annotationKey =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

function textMapFault(metadata: JsonObject, field: 'labels' | 'annotations'): string | null {
  const map = metadata[field];
  if (map === undefined) return null;
  if (!isJsonObject(map))
    return `json: cannot unmarshal into Go struct field ObjectMeta.metadata.${field} of type map[string]string`;
  for (const value of Object.values(map)) {
    if (typeof value !== 'string') {
      return `json: cannot unmarshal ${typeof value} into Go struct field ObjectMeta.metadata.${field} of type string`;
    }
  }
  return null;
}

/** A field with a key that is no qualified name, and what the real server says of it. */
function misnamedIn({ metadata }: JsonObject): [field: string, message: string] | null {
  for (const field of ['annotations', 'labels'] as const) {
    const map = isJsonObject(metadata) ? metadata[field] : undefined;
    const key = isJsonObject(map) ? Object.keys(map).find((name) => !annotationKey.test(name)) : undefined;
    if (key !== undefined)
      return [
        `metadata.${field}`,
        `Invalid value: "${key}": name part must consist of alphanumeric characters`,
      ];
  }
  return null;
}

function shapeFault(patched: JsonObject): string | null {
  const { metadata, spec } = patched;
  if (!isJsonObject(metadata) || !isJsonObject(spec)) return 'metadata and spec must be objects';
  const unschedulable = spec['unschedulable'];
  if (unschedulable !== undefined && typeof unschedulable !== 'boolean') {
    return `json: cannot unmarshal ${typeof unschedulable} into Go struct field NodeSpec.spec.unschedulable of type bool`;
  }
  return textMapFault(metadata, 'annotations') ?? textMapFault(metadata, 'labels');
}

/** What the API server drops when it writes an object back: false flags and empty maps. */
function normalised(patched: NodeObject): NodeObject {
  const { unschedulable, ...spec } = patched.spec;
  const { annotations, ...metadata } = patched.metadata;
  return {
    ...patched,
    metadata: annotations && Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: unschedulable ? { ...spec, unschedulable } : spec,
  };
}

function preconditionFault(node: NodeObject, patched: JsonObject): StatusBody | null {
  const { name, uid, resourceVersion } = node.metadata;
  const metadata = isJsonObject(patched['metadata']) ? patched['metadata'] : {};
  if (metadata['name'] !== name) {
    return badRequest(
      `the name of the object (${typeof metadata['name'] === 'string' ? metadata['name'] : ''}) does not match the name on the URL (${name})`,
    );
  }
  if (metadata['uid'] !== uid)
    return invalid(
      'Node',
      name,
      'metadata.uid',
      `Invalid value: ${JSON.stringify(metadata['uid'])}: field is immutable`,
    );
  // A resourceVersion in the patch is a condition; without one the patch applies to whatever is stored.
  if (metadata['resourceVersion'] !== resourceVersion) return modified('nodes', name);
  return null;
}

/** Applies a patch to the main resource of a Node: its status stays as it was, and so does what the server owns. */
export function patchedNode(node: NodeObject, patch: unknown, kind: PatchKind): ApiAnswer<NodeObject> {
  if (!isJsonObject(patch))
    return refused(
      badRequest('json: cannot unmarshal the patch into Go value of type map[string]interface {}'),
    );
  const unsupported = kind === 'strategic' ? unsupportedStrategic(patch) : null;
  if (unsupported !== null) {
    return refused(badRequest(`this simulator does not know the strategic merge patch part ${unsupported}`));
  }
  const patched = mergePatch(node as unknown as JsonObject, patch);
  if (!isJsonObject(patched)) return refused(badRequest('the patch leaves no object'));
  const precondition = preconditionFault(node, patched);
  if (precondition !== null) return refused(precondition);
  const shape = shapeFault(patched);
  if (shape !== null) return refused(unfit(shape));
  const misnamed = misnamedIn(patched);
  if (misnamed !== null) return refused(invalid('Node', node.metadata.name, ...misnamed));
  const stored = patched as unknown as NodeObject;
  return {
    kind: 'object',
    object: normalised({ ...stored, apiVersion: 'v1', kind: 'Node', status: node.status }),
  };
}
