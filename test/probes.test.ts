// What an orchestrator is told: that the process turns, and whether it can do its work.
import { afterEach, describe, expect, it } from 'vitest';
import { type Probes, startProbes } from '../src/probes.ts';

let open: Probes[] = [];
afterEach(async () => {
  await Promise.all(open.map((probes) => probes.close()));
  open = [];
});

async function asked(path: string, trouble: () => string | null): Promise<readonly [number, string]> {
  const probes = await startProbes({ port: 0, host: '127.0.0.1', trouble });
  open.push(probes);
  const answer = await fetch(`http://127.0.0.1:${probes.port}${path}`);
  return [answer.status, await answer.text()];
}

describe('a probe', () => {
  const CASES: readonly (readonly [string, string | null, number, string])[] = [
    ['/healthz', null, 200, 'ok\n'],
    ['/healthz', 'Redis is away', 200, 'ok\n'],
    ['/readyz', null, 200, 'ok\n'],
    ['/readyz', 'Redis is away', 503, 'Redis is away\n'],
    ['/metrics', null, 404, 'only /healthz and /readyz are here\n'],
  ];

  it.each(CASES)('of %s, while the trouble is %s, is answered %i', async (path, trouble, status, body) => {
    expect(await asked(path, () => trouble)).toEqual([status, body]);
  });

  it('is answered by what is true now, not at the start', async () => {
    let trouble: string | null = 'starting';
    const probes = await startProbes({ port: 0, host: '127.0.0.1', trouble: () => trouble });
    open.push(probes);
    const ready = async (): Promise<number> => (await fetch(`http://127.0.0.1:${probes.port}/readyz`)).status;
    expect(await ready()).toBe(503);
    trouble = null;
    expect(await ready()).toBe(200);
  });

  it('cannot be set up twice on one port, and says so', async () => {
    const probes = await startProbes({ port: 0, host: '127.0.0.1', trouble: () => null });
    open.push(probes);
    const twice = startProbes({ port: probes.port, host: '127.0.0.1', trouble: () => null });
    await expect(twice).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(`PROBE_PORT ${probes.port} cannot be listened on`),
    });
  });
});
