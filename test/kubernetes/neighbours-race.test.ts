// Two who write one object: what was read is the condition of what is written, and a controller that is quicker is read again.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GITOPS, type Gitops } from '../../playground/world/kubernetes/gitops.ts';
import type { JsonObject } from '../../playground/world/kubernetes/patch.ts';
import { KubernetesConnection } from '../../src/kubernetes/connection.ts';
import { neighboursOver } from '../../src/kubernetes/neighbours.ts';
import { idleGitops, type Simulated, startSimulated } from './simulated.ts';

const APPS = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' } as const;

/** Somebody writes right before each of our first writes. */
class Raced extends KubernetesConnection {
  readonly between: (() => void)[] = [];

  override write: KubernetesConnection['write'] = (...call) => {
    this.between.shift()?.();
    return super.write(...call);
  };
}

let simulated: Simulated;
let connection: Raced;
let gitops: Gitops;

beforeEach(async () => {
  simulated = await startSimulated();
  gitops = idleGitops(simulated);
  gitops.add(APPS);
  const source = { kind: 'text', text: simulated.api.kubeconfig() } as const;
  connection = new Raced({ source, onlyLoopback: true, timeoutMs: 5_000 });
});

afterEach(async () => {
  await connection.close();
  await simulated.stop();
});

function written(patch: JsonObject): () => void {
  return () => {
    const { namespace, name } = APPS;
    simulated.objects.shelf.patch(GITOPS.Kustomization, { namespace, name }, patch);
  };
}

describe('a neighbour that somebody else writes at the same moment', () => {
  it('is read again, and suspended with what they wrote', async () => {
    connection.between.push(written({ spec: { interval: '5m' } }));
    expect(await neighboursOver(connection, 500).suspend(APPS, 'r1')).toEqual({ found: 'running' });
    expect(gitops.object('Kustomization', 'flux-system', 'apps')['spec']).toEqual({
      interval: '5m',
      suspend: true,
    });
  });

  it('is left alone when they suspended it', async () => {
    connection.between.push(written({ spec: { suspend: true } }));
    expect(await neighboursOver(connection, 500).suspend(APPS, 'r1')).toEqual({ found: 'suspended' });
    expect(gitops.shown('Kustomization', 'flux-system', 'apps')).toBe(
      JSON.stringify({ spec: { suspend: true }, annotations: {} }),
    );
  });

  it('is given up when it is changed again and again', async () => {
    for (let at = 0; at < 5; at += 1) connection.between.push(written({ spec: { interval: `${at}m` } }));
    await expect(neighboursOver(connection, 500).suspend(APPS, 'r1')).rejects.toMatchObject({ code: '409' });
    expect(gitops.suspended('Kustomization', 'flux-system', 'apps')).toBe(false);
  });
});
