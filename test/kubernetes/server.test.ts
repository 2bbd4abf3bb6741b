// Which server the adapter dials: the kubeconfig’s or another, and none that it is not to reach.
import { describe, expect, it } from 'vitest';
import { isLoopbackServer } from '../../src/kubernetes/kubeconfig.ts';
import { ownSimulated } from './simulated.ts';

const simulated = ownSimulated();
const { open } = simulated;

describe('the server', () => {
  it('can be replaced', async () => {
    const source = { kind: 'text', text: simulated.api.kubeconfig('https://cluster.invalid:6443') } as const;
    expect(await open({ source, server: simulated.api.url, onlyLoopback: true }).nodes()).toHaveLength(6);
  });

  it.each([
    ['https://203.0.113.7:6443', undefined],
    ['https://127.0.0.1.example.org:6443', undefined],
    [undefined, 'https://203.0.113.7:6443'],
  ])('is refused when it is not on loopback (kubeconfig %s, override %s)', async (inFile, server) => {
    const source = { kind: 'text', text: simulated.api.kubeconfig(inFile) } as const;
    const workloads = open({ source, onlyLoopback: true, ...(server === undefined ? {} : { server }) });
    await expect(workloads.nodes()).rejects.toMatchObject({ kind: 'refused', code: 'KUBECONFIG' });
  });

  it.each([
    [
      'a proxy',
      (text: string) => text.replace('server:', 'proxy-url: http://203.0.113.7:3128\n      server:'),
    ],
    [
      'a login command',
      (text: string) => text.replace(/token: .*/, 'exec: { apiVersion: v1, command: /bin/false }'),
    ],
  ])('is refused on loopback with %s', async (_what, change) => {
    const text = change(simulated.api.tokenKubeconfig());
    const workloads = open({ source: { kind: 'text', text }, onlyLoopback: true });
    await expect(workloads.nodes()).rejects.toMatchObject({ kind: 'refused', code: 'KUBECONFIG' });
  });

  it.each([
    ['https://127.0.0.1:6443', true],
    ['https://127.40.0.3:6443', true],
    ['https://[::1]:6443', true],
    ['https://localhost:6443', true],
    ['https://0.0.0.0:6443', false],
    ['https://[::ffff:203.0.113.7]:6443', false],
    ['https://localhost.example.org', false],
    ['https://10.0.0.1', false],
    ['nonsense', false],
  ])('%s is on loopback: %s', (server, expected) => {
    expect(isLoopbackServer(server)).toBe(expected);
  });

  it('is that of the named context, and an unknown context is refused', async () => {
    expect(await open({ context: 'admin@playground' }).nodes()).toHaveLength(6);
    await expect(open({ context: 'nobody' }).nodes()).rejects.toMatchObject({
      kind: 'refused',
      code: 'KUBECONFIG',
    });
  });
});
