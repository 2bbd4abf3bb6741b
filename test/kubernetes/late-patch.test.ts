// A patch that nobody waits for any more: what was done since makes it a conflict, and after a conflict it is asked who may still act.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gitops } from '../../playground/world/kubernetes/gitops.ts';
import { failure } from '../../playground/world/kubernetes/statuses.ts';
import type { May } from '../../src/engine/ports/machines.ts';
import { KubernetesConnection } from '../../src/kubernetes/connection.ts';
import { neighboursOver } from '../../src/kubernetes/neighbours.ts';
import { workloadsOver } from '../../src/kubernetes/workloads.ts';
import { idleGitops, type Simulated, startSimulated } from './simulated.ts';

const APPS = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' } as const;
const MARK = 'r1';
const FORBIDDEN = failure(403, 'Forbidden', 'it may not patch');
const BUSY = failure(429, 'TooManyRequests', 'later');
const PAGE = 500;

/** Its first write leaves when somebody else has done this. */
class Stalled extends KubernetesConnection {
  meanwhile: (() => Promise<unknown>) | null = null;
  writes = 0;

  override write: KubernetesConnection['write'] = (doing, act, may) =>
    super.write(
      doing,
      async (calls) => {
        this.writes += 1;
        const { meanwhile } = this;
        this.meanwhile = null;
        await meanwhile?.();
        return act(calls);
      },
      may,
    );
}

let simulated: Simulated;
let stalled: Stalled;
let other: KubernetesConnection;
let gitops: Gitops;

beforeEach(async () => {
  simulated = await startSimulated();
  gitops = idleGitops(simulated);
  gitops.add(APPS);
  const source = { kind: 'text', text: simulated.api.kubeconfig() } as const;
  stalled = new Stalled({ source, onlyLoopback: true, timeoutMs: 5_000 });
  other = new KubernetesConnection({ source, onlyLoopback: true, timeoutMs: 5_000 });
});

afterEach(async () => {
  await Promise.all([stalled.close(), other.close()]);
  await simulated.stop();
});

interface Change {
  readonly act: (connection: KubernetesConnection, may?: May) => Promise<unknown>;
  readonly undo: (connection: KubernetesConnection, unseen: boolean) => Promise<unknown>;
  readonly stands: () => boolean;
}

const CORDON: Change = {
  act: (connection, may) =>
    workloadsOver(connection, PAGE).cordon('w-1', MARK, may === undefined ? {} : { may }),
  undo: (connection, unseen) => workloadsOver(connection, PAGE).uncordon('w-1', MARK, { unseen }),
  stands: () => simulated.objects.isCordoned('w-1'),
};
const SUSPENSION: Change = {
  act: (connection, may) =>
    neighboursOver(connection, PAGE).suspend(APPS, MARK, may === undefined ? {} : { may }),
  undo: (connection, unseen) => neighboursOver(connection, PAGE).resume(APPS, MARK, { unseen }),
  stands: () => gitops.suspended('Kustomization', 'flux-system', 'apps'),
};

describe('the rights to write are gone, and nothing came of', () => {
  it.each([
    ['a cordon', CORDON, { restored: 'not-ours' }],
    ['a suspension', SUSPENSION, { restored: 'running' }],
  ])('%s: it needs nothing to be put back', async (_what, { undo }, restored) => {
    simulated.api.inject(({ method }) => (method === 'PATCH' ? { kind: 'status', status: FORBIDDEN } : null));
    expect(await undo(other, true)).toEqual(restored);
  });

  it.each([
    ['a cordon', CORDON],
    ['a suspension', SUSPENSION],
  ])('%s: it is tried again while the API only asks to wait', async (_what, { undo }) => {
    simulated.api.inject(({ method }) => (method === 'PATCH' ? { kind: 'status', status: BUSY } : null));
    await expect(undo(other, true)).rejects.toMatchObject({ kind: 'busy' });
  });
});

describe.each([
  ['a cordon', CORDON],
  ['a suspension', SUSPENSION],
])('%s that arrives late', (_what, { act, undo, stands }) => {
  it('is not decided anew by whoever lost the lease meanwhile', async () => {
    let drives = true;
    stalled.meanwhile = async () => {
      await act(other);
      await undo(other, false);
      drives = false;
    };
    await expect(act(stalled, () => drives)).rejects.toMatchObject({ kind: 'busy', code: 'WITHHELD' });
    expect(stalled.writes).toBe(1);
    expect(stands()).toBe(false);
  });

  it('is decided anew by whoever still drives', async () => {
    stalled.meanwhile = async () => {
      await act(other);
      await undo(other, false);
    };
    await act(stalled, () => true);
    expect(stalled.writes).toBe(2);
    expect(stands()).toBe(true);
  });

  it.each([
    ['meets a conflict once it was put back, although nothing had come of it', true, false],
    ['fits where nobody knew that it may come', false, true],
  ])('%s', async (_how, unseen, applied) => {
    let asked = 0;
    // Given up after its first write, as after a timeout.
    const once = (): boolean => {
      asked += 1;
      return asked === 1;
    };
    stalled.meanwhile = () => undo(other, unseen);
    await act(stalled, once).catch(() => undefined);
    expect(stands()).toBe(applied);
  });
});
