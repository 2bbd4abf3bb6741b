// Objects of any API group as plain JSON: listed page by page, read field by field, and never trusted to have a field.
import { allPages, type Page, pagesOf, type ReadPage } from '../pages.ts';
import type { Reads } from '../reads.ts';

/** One object as it came; every field may be missing or of another kind. */
export type Plain = Readonly<Record<string, unknown>>;

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What lies at a path of keys; undefined when the way there breaks off. */
function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isPlain(inner) ? inner[key] : undefined), value);
}

/** The text at a path; '' when there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, path);
  return typeof found === 'string' ? found : '';
}

/** The number at a path; null when there is none. */
export function numberAt(value: unknown, ...path: readonly string[]): number | null {
  const found = at(value, path);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

export function trueAt(value: unknown, ...path: readonly string[]): boolean {
  return at(value, path) === true;
}

export function plainAt(value: unknown, ...path: readonly string[]): Plain {
  const found = at(value, path);
  return isPlain(found) ? found : {};
}

export function hasAt(value: unknown, ...path: readonly string[]): boolean {
  return at(value, path) !== undefined && at(value, path) !== null;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

/** The texts of a list at a path; what is no text is left out. */
export function textsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((one): one is string => typeof one === 'string');
}

/** Milliseconds since 1970 of an RFC 3339 time at a path; null when there is none. */
export function timeAt(value: unknown, ...path: readonly string[]): number | null {
  const ms = Date.parse(textAt(value, ...path));
  return Number.isNaN(ms) ? null : ms;
}

export function nameOf(object: Plain): { readonly namespace: string; readonly name: string } {
  return { namespace: textAt(object, 'metadata', 'namespace'), name: textAt(object, 'metadata', 'name') };
}

/** `namespace/name`, or the name alone of what is in no namespace. */
export function fullNameOf(object: Plain): string {
  const { namespace, name } = nameOf(object);
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** `True`, `False` or `Unknown` of the condition of this type, with its words; null when the object has none. */
export function conditionOf(
  object: Plain,
  type: string,
): { readonly status: string; readonly reason: string; readonly message: string } | null {
  const found = listAt(object, 'status', 'conditions').find((one) => textAt(one, 'type') === type);
  if (found === undefined) return null;
  return {
    status: textAt(found, 'status'),
    reason: textAt(found, 'reason'),
    message: textAt(found, 'message'),
  };
}

export interface Collection {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Absent = of all namespaces. */
  readonly namespace?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** Where the API has a group's version; the core group lies apart. */
export function rootOf({ group, version }: Pick<Collection, 'group' | 'version'>): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Where the API has a collection; an object's name comes behind it. */
export function pathOf({ group, version, plural, namespace }: Collection): string {
  const root = rootOf({ group, version });
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** All objects of a kind, whole. Throws Fault; `missing` when the kind is not served. */
export function listPlain(
  connection: Reads,
  collection: Collection,
  pageSize: number,
): Promise<readonly Plain[]> {
  return listKept(connection, collection, { pageSize, keep: (object) => object });
}

interface Keeping<T> {
  readonly pageSize: number;
  readonly keep: (object: Plain) => T;
}

/**
 * All objects of a kind, each as `keep` has it: what is not kept of a page is forgotten before the next one comes. Throws Fault;
 * `missing` when the kind is not served.
 */
export async function listKept<T>(
  connection: Reads,
  collection: Collection,
  { pageSize, keep }: Keeping<T>,
): Promise<readonly T[]> {
  return allPages(keptPages(connection, collection, keep), pageSize);
}

/** All objects of a kind, whole, one page after the other. Throws Fault; `missing` when the kind is not served, code 410 when it lasts too long. */
export function pagedPlain(
  connection: Reads,
  collection: Collection,
  pageSize: number,
): AsyncIterable<readonly Plain[]> {
  return pagesOf(
    keptPages(connection, collection, (object) => object),
    pageSize,
  );
}

function keptPages<T>(connection: Reads, collection: Collection, keep: Keeping<T>['keep']): ReadPage<T> {
  const { group, plural, fieldSelector, labelSelector } = collection;
  const doing = `to list ${plural}${group === '' ? '' : `.${group}`}`;
  const selected = {
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
  return ({ limit, _continue }) =>
    connection.read(doing, async ({ json }): Promise<KeptPage<T>> => {
      const query = { ...selected, limit, ...(_continue === undefined ? {} : { continue: _continue }) };
      const answer = await json(pathOf(collection), query);
      // A list always has metadata; a login page has not.
      if (!hasAt(answer, 'metadata')) return { items: [] };
      const token = textAt(answer, 'metadata', 'continue');
      return {
        items: listAt(answer, 'items').filter(isPlain).map(keep),
        metadata: token === '' ? {} : { _continue: token },
      };
    });
}

type KeptPage<T> = Page<T> & { readonly metadata?: { readonly _continue?: string } };
