// What plays Velero on a real API, on an API that is only told: it has stopped before anything of its own is taken away.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BACKUPS } from '../../playground/world/kubernetes/velero.ts';
import type { RealApi } from './real-api.ts';
import { RealBeside } from './real-beside.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Milliseconds for an answer: several times what the small Velero lets pass between two changes of a backup. */
const ANSWER_MS = 5;

/** Serves definitions while they are there, has one backup that nobody took up yet, and needs a moment for every answer. */
function anApi() {
  const defined = new Set<string>();
  const asked: string[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const ask: RealApi['ask'] = async (method, path, body) => {
    asked.push(`${method} ${path}`);
    if (method === 'PATCH' && path.includes('/backups/')) begin();
    await pause(ANSWER_MS);
    const [, namespace = '', plural = ''] =
      /\/velero\.io\/v1\/(?:namespaces\/([^/]+)\/)?([^/]+)/.exec(path) ?? [];
    const named = path.startsWith(`${DEFINITIONS}/`) ? path.slice(DEFINITIONS.length + 1) : null;
    if (path === DEFINITIONS) {
      const { metadata } = body as { readonly metadata: { readonly name: string } };
      defined.add(metadata.name);
      return { code: 201, body: {} };
    }
    if (named !== null && method === 'DELETE') defined.delete(named);
    if (named !== null) return { code: defined.has(named) ? 200 : 404, body: {} };
    if (plural !== '' && !defined.has(`${plural}.velero.io`)) return { code: 404, body: {} };
    const items = plural === BACKUPS.plural ? [{ metadata: { name: 'b', namespace }, spec: {} }] : [];
    return { code: 200, body: { items } };
  };
  const must: RealApi['must'] = async (method, path, body) => {
    const { code, body: answer } = await ask(method, path, body);
    if (code >= 400 && method !== 'DELETE') throw new Error(`${method} ${path}: ${code}`);
    return answer;
  };
  return { api: { kubeconfig: '', ask, must, close: () => undefined } satisfies RealApi, asked, begun };
}

it('a small Velero on a real API writes nothing once its kinds are taken away, though a backup is under way', async () => {
  const { api, asked, begun } = anApi();
  const hands = new RealBeside(api);
  await hands.velero();
  await begun;
  await hands.takeAway();
  const taken = asked.findIndex((line) => line.startsWith(`DELETE ${DEFINITIONS}/`));
  const late = asked
    .slice(taken)
    .filter((line) => line.includes('/namespaces/') && line.includes('velero.io'));
  expect(late).toEqual([]);
});
