// A Kubernetes API of which every answer takes a while: what asks for many lists at once must not count its own queue against the API.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { takeEstate } from '../../src/engine/estate.ts';
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { inTurns } from '../../src/kubernetes/reads.ts';

const ANSWER_MS = 400;
/** Far above what one answer takes, far below what all of them take one after the other over four connections. */
const CALL_LIMIT_MS = 2_000;
const GROUPS = ['policy', 'certificates.k8s.io', 'apps', 'velero.io', 'longhorn.io', 'upgrade.cattle.io'];
const USES = { flux: true, argo: true, velero: 'velero', lease: { namespace: 'talos', name: 'x' } };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function answerTo(method: string, path: string): object {
  const groups = GROUPS.map((name) => ({ name, preferredVersion: { version: 'v1' } }));
  if (path === '/apis') return { kind: 'APIGroupList', groups };
  if (method === 'POST') return { kind: 'SelfSubjectAccessReview', metadata: {}, status: { allowed: true } };
  return { kind: 'List', metadata: { resourceVersion: '1' }, items: [] };
}

/** One that answers each question when this has passed. */
async function slowApi(asked: string[]): Promise<string> {
  const server = createServer(({ method = '', url = '' }, response) => {
    asked.push(url);
    response.setHeader('content-type', 'application/json');
    void setTimeout(ANSWER_MS).then(() => response.end(JSON.stringify(answerTo(method, url))));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  return JSON.stringify({
    clusters: [{ name: 'plain', cluster }],
    users: [{ name: 'plain', user: {} }],
    contexts: [{ name: 'plain', context: { cluster: 'plain', user: 'plain' } }],
    'current-context': 'plain',
  });
}

describe('an API that answers everything slowly', () => {
  it('is read whole, though the reading takes longer than a call may', async () => {
    const asked: string[] = [];
    const source = { kind: 'text', text: await slowApi(asked) } as const;
    const opened = openKubernetes({ source, clock: systemClock, uses: USES, timeoutMs: CALL_LIMIT_MS });
    const subjects = Object.entries(await takeEstate(opened.estate, systemClock));
    await opened.workloads.close();
    expect(subjects.filter(([, subject]) => subject.kind === 'silent')).toEqual([]);
    // Or it would show nothing: over four connections their own time is more than a call's.
    expect((asked.length * ANSWER_MS) / 4).toBeGreaterThan(CALL_LIMIT_MS);
  });

  it('is asked no more what nobody waits for any more', async () => {
    const sent: string[] = [];
    const reads = inTurns(
      {
        read: async (doing, ask) => {
          sent.push(doing);
          await setTimeout(ANSWER_MS);
          return ask({} as never);
        },
      },
      { width: 1, patienceMs: ANSWER_MS / 2 },
    );
    const answer = async () => ({ metadata: {} });
    const first = reads.read('first', answer);
    await expect(reads.read('second', answer)).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'TIMEOUT',
      message: expect.stringContaining('not asked second within'),
    });
    await first;
    expect(sent).toEqual(['first']);
  });
});
