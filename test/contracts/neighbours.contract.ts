// What every implementation of the port Neighbours does, told against Flux and Argo CD objects that somebody left in some state.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GITOPS, Gitops, type GitopsObject, managerOf } from '../../playground/world/kubernetes/gitops.ts';
import type { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import { isJsonObject, type JsonObject } from '../../playground/world/kubernetes/patch.ts';
import type { Neighbours } from '../../src/engine/ports/neighbours.ts';

export interface NeighboursUnderTest {
  readonly neighbours: Neighbours;
  readonly objects: KubernetesObjects;
  readonly stop: () => Promise<void>;
}

const MARK = 'r0123';
const SKIP = 'argocd.argoproj.io/skip-reconcile';
const ROOT = { namespace: 'flux-system', name: 'root' };

const flux = (suspend?: boolean): GitopsObject => ({
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'apps',
  labels: { tier: 'apps' },
  annotations: { note: 'kept' },
  appliedBy: ROOT,
  ...(suspend === undefined ? {} : { suspend }),
});
const argo = (skip?: string): GitopsObject => ({
  kind: 'Application',
  namespace: 'argocd',
  name: 'shop',
  annotations: skip === undefined ? {} : { [SKIP]: skip },
});

/** Each way in which an object at work can be found. */
const AT_WORK: readonly (readonly [string, GitopsObject])[] = [
  ['a Kustomization whose spec says nothing', flux()],
  ['a Kustomization that says false', flux(false)],
  ['a HelmRelease', { ...flux(), kind: 'HelmRelease' }],
  ['an Application without the annotation', argo()],
  ['an Application that says false', argo('false')],
];

export function describeNeighbours(title: string, open: () => Promise<NeighboursUnderTest>): void {
  describe(`${title}: neighbours`, () => {
    let under: NeighboursUnderTest;
    let gitops: Gitops;
    beforeEach(async () => {
      under = await open();
      gitops = new Gitops({
        shelf: under.objects.shelf,
        clock: { now: () => 0, after: () => () => undefined },
      });
    });
    afterEach(() => under.stop());

    const shown = ({ kind, namespace, name }: GitopsObject): string => gitops.shown(kind, namespace, name);
    const change = ({ kind, namespace, name }: GitopsObject, patch: JsonObject): void => {
      under.objects.shelf.patch(GITOPS[kind], { namespace, name }, patch);
    };

    it('are nobody where neither Flux nor Argo CD is installed', async () => {
      expect(await under.neighbours.flux()).toEqual([]);
      expect(await under.neighbours.argo()).toEqual([]);
      expect(await under.neighbours.suspend(flux(), MARK)).toEqual({ found: 'gone' });
      expect(await under.neighbours.resume(flux(), MARK)).toEqual({ restored: 'gone' });
    });

    it('are seen with what a policy chooses by', async () => {
      gitops
        .add(flux(true))
        .add({ ...flux(), kind: 'HelmRelease', name: 'web' })
        .add(argo('true'));
      expect(await under.neighbours.flux()).toMatchObject([
        {
          kind: 'Kustomization',
          namespace: 'flux-system',
          name: 'apps',
          labels: { tier: 'apps' },
          suspended: true,
          appliedBy: ROOT,
        },
        { kind: 'HelmRelease', name: 'web', suspended: false },
      ]);
      expect(await under.neighbours.argo()).toMatchObject([
        { kind: 'Application', namespace: 'argocd', name: 'shop', suspended: true, appliedBy: null },
      ]);
    });

    it.each(AT_WORK)('suspends %s with our mark, and puts it back exactly as found', async (_how, object) => {
      gitops.add(object);
      const found = shown(object);
      const { kind, namespace, name } = object;
      expect(await under.neighbours.suspend(object, MARK)).toEqual({ found: 'running' });
      expect(gitops.suspended(kind, namespace, name)).toBe(true);
      const suspended = gitops.object(kind, namespace, name);
      const metadata = isJsonObject(suspended['metadata']) ? suspended['metadata'] : {};
      expect(metadata['annotations']).toMatchObject({ 'talos-chatops.dev/suspended-by': MARK });
      // Flux takes back what managers wrote whose name begins with kubectl.
      expect(managerOf(suspended)).toBe('talos-chatops');
      expect(await under.neighbours.suspend(object, MARK)).toEqual({ found: 'running' });
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'running' });
      expect(shown(object)).toBe(found);
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'not-ours' });
    });

    it.each([
      ['a Kustomization', flux(true)],
      ['an Application', argo('true')],
    ])('leaves %s alone that was found suspended', async (_how, object) => {
      gitops.add(object);
      const found = shown(object);
      expect(await under.neighbours.suspend(object, MARK)).toEqual({ found: 'suspended' });
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'not-ours' });
      expect(shown(object)).toBe(found);
    });

    it('does not take what another rollout suspended', async () => {
      gitops.add(flux());
      await under.neighbours.suspend(flux(), 'r-other');
      const theirs = shown(flux());
      expect(await under.neighbours.suspend(flux(), MARK)).toEqual({ found: 'suspended' });
      expect(await under.neighbours.resume(flux(), MARK)).toEqual({ restored: 'not-ours' });
      expect(shown(flux())).toBe(theirs);
    });

    it('suspends again what somebody resumed under our mark, when it is asked to', async () => {
      gitops.add(flux());
      const found = shown(flux());
      await under.neighbours.suspend(flux(), MARK);
      change(flux(), { spec: { suspend: false } });
      expect(await under.neighbours.suspend(flux(), MARK)).toEqual({ found: 'running' });
      expect(gitops.suspended('Kustomization', 'flux-system', 'apps')).toBe(true);
      await under.neighbours.resume(flux(), MARK);
      expect(shown(flux())).toBe(found);
    });

    it('takes only its mark from what somebody resumed meanwhile', async () => {
      gitops.add(argo());
      await under.neighbours.suspend(argo(), MARK);
      change(argo(), { metadata: { annotations: { [SKIP]: 'false' } } });
      expect(await under.neighbours.resume(argo(), MARK)).toEqual({ restored: 'by-hand' });
      expect(shown(argo())).toBe(JSON.stringify({ spec: {}, annotations: { [SKIP]: 'false' } }));
    });

    it.each([
      ['mark', 'talos-chatops.dev/suspended-by'],
      ['record', 'talos-chatops.dev/suspend-was'],
    ])('changes nothing where our %s was changed', async (_what, annotation) => {
      gitops.add(flux());
      await under.neighbours.suspend(flux(), MARK);
      change(flux(), { metadata: { annotations: { [annotation]: 'something else' } } });
      const now = shown(flux());
      expect(await under.neighbours.resume(flux(), MARK)).toEqual({ restored: 'not-ours' });
      expect(shown(flux())).toBe(now);
    });

    it('says when the API is away', async () => {
      gitops.add(flux());
      under.objects.apiServerUp(false);
      await expect(under.neighbours.flux()).rejects.toMatchObject({ kind: 'unreachable' });
      await expect(under.neighbours.suspend(flux(), MARK)).rejects.toMatchObject({ kind: 'unreachable' });
      await expect(under.neighbours.resume(flux(), MARK)).rejects.toMatchObject({ kind: 'unreachable' });
    });
  });
}
