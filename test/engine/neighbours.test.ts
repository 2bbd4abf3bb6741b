// Neighbours in a whole rollout: left alone meanwhile, and put back as they were found, however it ends.
import { describe, expect, it } from 'vitest';
import type { ProcessPorts } from '../../playground/doubles/house.ts';
import { GITOPS } from '../../playground/world/kubernetes/gitops.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { aSceneBeside, resultsOf, untilHeld, whyHeld, wrongBeside } from './beside.ts';
import { idle, REQUESTER } from './scene.ts';

/** The neighbours of a process, with one answer replaced. */
function withNeighbours(
  changed: (own: ProcessPorts['neighbours']) => Partial<ProcessPorts['neighbours']>,
): (ports: ProcessPorts) => ProcessPorts {
  return (ports) => {
    const own = changed(ports.neighbours);
    return {
      ...ports,
      neighbours: new Proxy(ports.neighbours, {
        get: (target, key) => Reflect.get(own, key) ?? Reflect.get(target, key, target),
      }),
    };
  };
}

describe('neighbours', () => {
  it('are suspended after the backup and before the first node, and put back as found', async () => {
    const beside = aSceneBeside();
    const { scene } = beside;
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.rollout.plan?.stages.map(({ id }) => id)).toEqual([
      'images',
      'backup',
      'suspend',
      'workers',
      'control-plane',
      'resume',
    ]);
    expect(resultsOf(scene, 'suspend')).toEqual({
      'Application argocd/blog': { found: 'running' },
      'Application argocd/old': { found: 'suspended' },
      'Application argocd/shop': { found: 'running' },
      'Kustomization flux-system/apps': { found: 'running' },
      'Kustomization flux-system/frozen': { found: 'suspended' },
      'Kustomization flux-system/root': { found: 'running' },
    });
    expect(resultsOf(scene, 'resume')).toMatchObject({
      'Application argocd/blog': { restored: 'running' },
      'Application argocd/old': { restored: 'left' },
    });
    expect([...wrongBeside(scene), ...scene.audit.broken]).toEqual([]);
  });

  it('are put back when a person aborts in the middle', async () => {
    const { scene, suspended } = aSceneBeside();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    expect(suspended()).toEqual(['apps', 'root', 'frozen', 'shop', 'blog', 'old']);
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
    expect([...wrongBeside(scene), ...scene.audit.broken]).toEqual([]);
  });

  it('are put back when a person aborts while they are being suspended', async () => {
    const { scene } = aSceneBeside();
    scene.start();
    await scene.until(() => scene.facts('step-ended').some(({ step }) => step.endsWith('-suspend')));
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
    expect([...wrongBeside(scene), ...scene.audit.broken]).toEqual([]);
    expect(Object.values(scene.counted('installs')).every((count) => count === 0)).toBe(true);
  });

  it('are put back when a gate is denied', async () => {
    const { scene } = aSceneBeside();
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    const { phase } = scene;
    const gate = phase.phase === 'at-gate' ? phase.gate : '';
    await scene.says({ kind: 'deny', gate, reason: 'not tonight' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'denied' });
    expect(wrongBeside(scene)).toEqual([]);
  });

  it('that somebody resumed meanwhile stay resumed, and lose only our mark', async () => {
    const { scene, gitops } = aSceneBeside();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    const { shelf } = scene.house.objects;
    const kind = shelf.kindOf('kustomize.toolkit.fluxcd.io', 'v1', 'kustomizations');
    if (kind === null) throw new Error('no Flux');
    shelf.patch(kind, { namespace: 'flux-system', name: 'apps' }, { spec: { suspend: false } });
    await scene.plays();
    expect(resultsOf(scene, 'resume')).toMatchObject({
      'Kustomization flux-system/apps': { restored: 'by-hand' },
      'Kustomization flux-system/root': { restored: 'running' },
    });
    expect(gitops.shown('Kustomization', 'flux-system', 'apps')).toBe(
      JSON.stringify({ spec: { suspend: false }, annotations: {} }),
    );
  });

  it('that lost our mark are not changed, and it is said', async () => {
    const { scene, suspended } = aSceneBeside();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    const { shelf } = scene.house.objects;
    const kind = shelf.kindOf('argoproj.io', 'v1alpha1', 'applications');
    if (kind === null) throw new Error('no Argo CD');
    const annotations = { 'talos-chatops.dev/suspended-by': 'r-other' };
    shelf.patch(kind, { namespace: 'argocd', name: 'shop' }, { metadata: { annotations } });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(resultsOf(scene, 'resume')).toMatchObject({ 'Application argocd/shop': { restored: 'not-ours' } });
    expect(suspended()).toContain('shop');
  });

  it('that are gone at the end hold nobody up', async () => {
    const { scene } = aSceneBeside();
    const { shelf } = scene.house.objects;
    scene.between(
      withNeighbours((own) => ({
        resume: async (neighbour, mark) => {
          shelf.remove(GITOPS.Application, 'argocd', 'shop');
          return own.resume(neighbour, mark);
        },
      })),
    );
    await scene.plays();
    expect(resultsOf(scene, 'resume')).toMatchObject({ 'Application argocd/shop': { restored: 'gone' } });
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  });

  it('whose kind is not served for a moment are resumed when it is again', async () => {
    const { scene } = aSceneBeside();
    const { shelf } = scene.house.objects;
    let asked = 0;
    scene.between(
      withNeighbours((own) => ({
        resume: async (neighbour, mark) => {
          if (neighbour.kind !== 'Application') return own.resume(neighbour, mark);
          asked += 1;
          // Each of the three is told once that nobody knows.
          shelf.serve(GITOPS.Application, asked > 3);
          return own.resume(neighbour, mark);
        },
      })),
    );
    await scene.plays();
    expect(resultsOf(scene, 'resume')).toMatchObject({
      'Application argocd/shop': { restored: 'running' },
      'Application argocd/blog': { restored: 'running' },
    });
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect([...wrongBeside(scene), ...scene.audit.broken]).toEqual([]);
  });

  it('whose kind is taken away for good hold the end for a person, but for those that were found suspended', async () => {
    const { scene, gitops } = aSceneBeside();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    const { shelf } = scene.house.objects;
    shelf.serve(GITOPS.Application, false);
    await untilHeld(scene);
    expect(whyHeld(scene)).toContain('does not serve applications');
    expect(resultsOf(scene, 'resume')).toMatchObject({ 'Application argocd/old': { restored: 'gone' } });
    shelf.serve(GITOPS.Application, true);
    expect(gitops.suspended('Application', 'argocd', 'shop')).toBe(true);
    while (scene.phase.phase === 'held') await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect([...wrongBeside(scene), ...scene.audit.broken]).toEqual([]);
  });

  it('that cannot be suspended hold the rollout; skipped by a person, it goes on, and the others are put back', async () => {
    const { scene } = aSceneBeside();
    scene.between(
      withNeighbours((own) => ({
        suspend: async (neighbour, mark) => {
          if (neighbour.name !== 'frozen') return own.suspend(neighbour, mark);
          throw new Fault('refused', 'Kubernetes refused to suspend it: forbidden.');
        },
      })),
    );
    scene.start();
    await untilHeld(scene);
    expect(whyHeld(scene)).toContain('forbidden');
    expect(await scene.says({ kind: 'skip' })).toMatchObject({ kind: 'taken' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect([...wrongBeside(scene), ...scene.audit.broken]).toEqual([]);
  });

  it('whose suspension nobody saw end are put back as ones to which it may still come', async () => {
    const { scene } = aSceneBeside();
    const unseen: string[] = [];
    scene.between(
      withNeighbours((own) => ({
        suspend: async (neighbour, ...asked) => {
          if (neighbour.name !== 'apps') return own.suspend(neighbour, ...asked);
          throw new Fault('unreachable', 'Kubernetes did not answer in time.', { code: 'TIMEOUT' });
        },
        resume: async (neighbour, mark, options) => {
          if (options?.unseen === true) unseen.push(neighbour.name);
          return own.resume(neighbour, mark, options);
        },
      })),
    );
    scene.start();
    await untilHeld(scene);
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
    expect(unseen).toEqual(['apps']);
    expect([...wrongBeside(scene), ...scene.audit.broken]).toEqual([]);
  });

  it('are told anything only while their process drives', async () => {
    const { scene } = aSceneBeside();
    const asked: (() => boolean)[] = [];
    scene.between(
      withNeighbours((own) => ({
        suspend: async (neighbour, mark, options) => {
          if (options?.may !== undefined) asked.push(options.may);
          return own.suspend(neighbour, mark, options);
        },
      })),
    );
    const process = scene.start();
    await scene.until(() => asked.length > 0);
    expect(asked.map((may) => may())).toContain(true);
    await Promise.all([process.driver.stop(1_000), scene.house.time.advance(5_000)]);
    expect(asked.map((may) => may())).not.toContain(true);
  });

  it('that cannot be resumed hold the end; a person takes one over by name', async () => {
    const { scene } = aSceneBeside();
    scene.between(
      withNeighbours((own) => ({
        resume: async (neighbour, mark) => {
          if (neighbour.name !== 'apps') return own.resume(neighbour, mark);
          throw new Fault('refused', 'Kubernetes refused to resume it: forbidden.');
        },
      })),
    );
    scene.start();
    await untilHeld(scene);
    expect(scene.phase).toMatchObject({ held: { node: 'Kustomization flux-system/apps' } });
    await scene.says({ kind: 'skip' });
    await scene.plays();
    expect(scene.facts('debt-taken')).toMatchObject([{ user: REQUESTER }]);
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(wrongBeside(scene)).toHaveLength(1);
  });

  it('that nobody can ask about stop the plan', async () => {
    const { scene } = aSceneBeside();
    scene.between(
      withNeighbours(() => ({
        flux: async () => {
          throw new Fault('unreachable', 'Kubernetes does not answer.');
        },
      })),
    );
    scene.people = idle;
    scene.start();
    await scene.asks();
    await scene.until(({ phase }) => phase.phase === 'proposed');
    expect(await scene.says({ kind: 'start' })).not.toMatchObject({ kind: 'taken' });
    expect(scene.rollout.findings).toContainEqual(
      expect.objectContaining({ check: 'neighbours', level: 'unknown' }),
    );
  });
});
