// Finds objects of any kind, which is looked up, by name, by selector or all of them.
import { Fault } from '../../engine/ports/fault.ts';
import type { Reads } from '../reads.ts';
import type { HealthCheck } from './health.ts';
import { isPlain, listAt, type Plain, pagedPlain, pathOf, plainAt, rootOf, textAt, trueAt } from './plain.ts';

/** What chooses them. */
export type ObjectsAsked = Pick<HealthCheck, 'apiVersion' | 'kind' | 'object' | 'selector'>;

/** Objects read at a time: of some kinds one weighs kilobytes, and a page of them lies in memory three times over. */
const OBJECTS_A_PAGE = 100;

/** Throws Fault; `missing` when the kind is not served or the object is not there. */
export async function* findObjects(
  connection: Reads,
  { apiVersion, kind, object, selector }: ObjectsAsked,
  pageSize: number,
): AsyncGenerator<readonly Plain[], void, undefined> {
  const doing = `for ${kind}${object.name === null ? ' objects' : ` ${object.name}`}`;
  const served = await servedCollection(connection, { apiVersion, kind }, doing);
  const namespaced = served.namespaced && object.namespace !== null;
  const collection = { ...served, ...(namespaced ? { namespace: object.namespace ?? '' } : {}) };
  if (object.name === null) {
    const labelled = selector === null ? collection : { ...collection, labelSelector: selector };
    yield* pagedPlain(connection, labelled, Math.min(pageSize, OBJECTS_A_PAGE));
    return;
  }
  const path = `${pathOf(collection)}/${encodeURIComponent(object.name)}`;
  const found = await connection.read(doing, async ({ json }) => {
    const answer = await json(path);
    return { metadata: plainAt(answer, 'metadata'), answer };
  });
  yield isPlain(found.answer) ? [found.answer] : [];
}

export interface Served {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The collection of a kind, as discovery has it. Throws Fault; `missing` when it is not served. */
export async function servedCollection(
  connection: Reads,
  { apiVersion, kind }: Pick<HealthCheck, 'apiVersion' | 'kind'>,
  doing: string,
): Promise<Served> {
  const [first = '', second] = apiVersion.split('/');
  const [group, version] = second === undefined ? ['', first] : [first, second];
  const path = rootOf({ group, version });
  const { resources } = await connection.read(doing, async ({ json }) => ({
    // What discovery answers has none.
    metadata: {},
    resources: listAt(await json(path), 'resources'),
  }));
  // Subresources such as `deployments/scale` have kinds as well.
  const found = resources.find(
    (one) => textAt(one, 'kind') === kind && !textAt(one, 'name').includes('/') && textAt(one, 'name') !== '',
  );
  if (found === undefined) throw new Fault('missing', `Kubernetes serves no ${kind} in ${apiVersion}.`);
  return { group, version, plural: textAt(found, 'name'), namespaced: trueAt(found, 'namespaced') };
}
