// The objects of a health check come page by page from a real API over TLS, in pages that are small whatever else is listed.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KubernetesConnection } from '../../../src/kubernetes/connection.ts';
import { findObjects, type ObjectsAsked } from '../../../src/kubernetes/estate/find-objects.ts';
import { textAt } from '../../../src/kubernetes/estate/plain.ts';
import { type Simulated, startSimulated } from '../simulated.ts';

let simulated: Simulated;
let connection: KubernetesConnection;
beforeEach(async () => {
  simulated = await startSimulated();
  const source = { kind: 'text', text: simulated.api.kubeconfig() } as const;
  connection = new KubernetesConnection({ source, timeoutMs: 10_000, onlyLoopback: true });
});
afterEach(async () => {
  await connection.close();
  await simulated.stop();
});

const EVERY_NODE: ObjectsAsked = {
  apiVersion: 'v1',
  kind: 'Node',
  object: { namespace: null, name: null },
  selector: null,
};

async function pagesOf(
  changed: Partial<ObjectsAsked>,
  pageSize: number,
): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = [];
  for await (const page of findObjects(connection, { ...EVERY_NODE, ...changed }, pageSize))
    pages.push(page.map((object) => textAt(object, 'metadata', 'name')));
  return pages;
}

it.each([
  [
    'all of a kind',
    {},
    [
      ['cp-1', 'cp-2', 'cp-3', 'w-1'],
      ['w-2', 'w-3'],
    ],
  ],
  ['one by its name', { object: { namespace: null, name: 'w-2' } }, [['w-2']]],
  ['those a selector chooses, which may be none', { selector: 'app=nobody' }, [[]]],
] as const)('%s', async (_, changed, pages) => {
  expect(await pagesOf(changed, 4)).toEqual(pages);
});

it('never more than a hundred at a time', async () => {
  for (let at = 1; at <= 150; at += 1)
    simulated.objects.addNode({
      ...{ name: `x-${at}`, role: 'worker', address: `127.41.0.${at}`, schematic: 'none' },
      ...{ talosVersion: 'v1.13.4', kubernetesVersion: 'v1.35.4' },
    });
  const pages = await pagesOf({}, 500);
  expect(pages.map(({ length }) => length)).toEqual([100, 56]);
});
