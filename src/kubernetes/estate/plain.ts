// Objects of any API group as plain JSON: listed page by page, read field by field, and never trusted to have a field.
import { Fault } from '../../engine/ports/fault.ts';
import type { KubernetesConnection } from '../connection.ts';
import { allPages, type Page } from '../pages.ts';

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
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly fieldSelector?: string;
}

/** All objects of a kind in all namespaces. Throws Fault; `missing` when the kind is not served. */
export async function listPlain(
  connection: KubernetesConnection,
  { group, version, plural, fieldSelector }: Collection,
  pageSize: number,
): Promise<readonly Plain[]> {
  const doing = `to list ${plural}.${group}`;
  const selected = fieldSelector === undefined ? {} : { fieldSelector };
  const items = await allPages(
    (page) =>
      connection.read(doing, async ({ plain }): Promise<PlainPage> => {
        const answer: unknown = await plain.listClusterCustomObject({
          group,
          version,
          plural,
          ...selected,
          ...page,
        });
        return pageOf(answer, doing);
      }),
    pageSize,
  );
  return items;
}

/** As `connection.read` wants an answer: with its metadata. */
type PlainPage = Page<Plain> & { readonly metadata: { readonly _continue?: string } };

function pageOf(answer: unknown, doing: string): PlainPage {
  if (!hasAt(answer, 'metadata'))
    throw new Fault('broken', `Something that is not the Kubernetes API answered when asked ${doing}.`);
  const token = textAt(answer, 'metadata', 'continue');
  return {
    items: listAt(answer, 'items').filter(isPlain),
    metadata: token === '' ? {} : { _continue: token },
  };
}
