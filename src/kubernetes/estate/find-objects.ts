// Finds objects of any kind, which is looked up, by name, by selector or all of them.
import { Fault } from '../../engine/ports/fault.ts';
import type { KubernetesConnection } from '../connection.ts';
import { allPages } from '../pages.ts';
import type { HealthCheck } from './health.ts';
import { isPlain, type Plain } from './plain.ts';

/** Throws Fault; `missing` when the kind is not served or the object is not there. */
export async function findObjects(
  connection: KubernetesConnection,
  { apiVersion, kind, object, selector }: HealthCheck,
  pageSize: number,
): Promise<readonly Plain[]> {
  const doing = `for ${kind}${object.name === null ? ' objects' : ` ${object.name}`}`;
  const { namespace, name } = object;
  if (name !== null) {
    const header = { apiVersion, kind, metadata: { name, ...(namespace === null ? {} : { namespace }) } };
    return [
      asPlain(await connection.read(doing, async ({ kinds }) => withMetadata(await kinds.read(header)))),
    ];
  }
  const none = undefined;
  const items = await allPages(
    ({ limit, _continue }) =>
      connection.read(doing, async ({ kinds }) => {
        const page = await kinds.list(
          apiVersion,
          kind,
          namespace ?? none,
          none,
          none,
          none,
          none,
          selector ?? none,
          limit,
          _continue,
        );
        const token = page.metadata?._continue;
        return { items: page.items, metadata: token === undefined ? {} : { _continue: token } };
      }),
    pageSize,
  );
  return items.map(asPlain);
}

function withMetadata<T extends { readonly metadata?: object }>(
  object: T,
): T & { readonly metadata: object } {
  return { ...object, metadata: object.metadata ?? {} };
}

/** As JSON has it: the client makes dates of some texts. */
function asPlain(object: object): Plain {
  const plain: unknown = JSON.parse(JSON.stringify(object));
  if (!isPlain(plain)) throw new Fault('broken', 'Kubernetes answered with something that is no object.');
  return plain;
}
