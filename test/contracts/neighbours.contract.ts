// What every implementation of the port Neighbours does, told against Flux and Argo CD objects that somebody left in some state.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  GITOPS,
  type GitopsObject,
  managersOf,
  shownOf,
  suspendedIn,
} from '../../playground/world/kubernetes/gitops.ts';
import { isJsonObject } from '../../playground/world/kubernetes/patch.ts';
import type { Neighbours } from '../../src/engine/ports/neighbours.ts';
import type { BesideHands } from './beside-hands.ts';

export interface NeighboursUnderTest {
  readonly neighbours: Neighbours;
  readonly hands: BesideHands;
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

/** Somebody else's, in the group of Argo CD. */
const WORKFLOWS = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'workflows',
  kind: 'Workflow',
  namespaced: true,
};

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
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under.stop());

    /** The object in the namespace as this cluster has it. */
    const here = (object: GitopsObject): GitopsObject => ({
      ...object,
      namespace: under.hands.called(object.namespace),
    });
    const added = async (object: GitopsObject): Promise<GitopsObject> => {
      await under.hands.add(here(object));
      return here(object);
    };
    const shown = async (object: GitopsObject): Promise<string> => shownOf(await under.hands.object(object));
    const suspended = async (object: GitopsObject): Promise<boolean> =>
      suspendedIn(object.kind, await under.hands.object(object));
    const bare = async (): Promise<boolean> => {
      const all = await Promise.all(Object.values(GITOPS).map((kind) => under.hands.bare(kind)));
      return all.every(Boolean);
    };

    it('are nobody where neither Flux nor Argo CD is installed', async (context) => {
      if (!(await bare())) return context.skip('somebody installed one of them');
      expect(await under.neighbours.flux()).toEqual([]);
      expect(await under.neighbours.argo()).toEqual([]);
    });

    it.each([
      ['a Kustomization', flux()],
      ['an Application', argo()],
    ])('says of %s that was deleted that it is gone', async (_what, wanted) => {
      const object = await added(wanted);
      await under.neighbours.suspend(object, MARK);
      await under.hands.remove(object);
      expect(await under.neighbours.suspend(object, MARK)).toEqual({ found: 'gone' });
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'gone' });
    });

    it.each([
      ['nor is its group', flux(), null],
      ['another of its group is', argo(), WORKFLOWS],
    ])('says nothing of an object whose kind is not served, and %s', async (_what, wanted, other) => {
      const object = await added(wanted);
      const found = await shown(object);
      if (other !== null) await under.hands.install(other);
      await under.neighbours.suspend(object, MARK);
      await under.hands.serve(object.kind, false);
      const away = { kind: 'busy', message: expect.stringContaining('does not serve') };
      await expect(under.neighbours.suspend(object, MARK)).rejects.toMatchObject(away);
      await expect(under.neighbours.resume(object, MARK)).rejects.toMatchObject(away);
      await under.hands.serve(object.kind, true);
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'running' });
      expect(await shown(object)).toBe(found);
    });

    it('are seen with what a policy chooses by', async () => {
      const { namespace } = await added(flux(true));
      await added({ ...flux(), kind: 'HelmRelease', name: 'web' });
      const shop = await added(argo('true'));
      const seen = (await under.neighbours.flux()).filter((one) => one.namespace === namespace);
      expect(seen).toMatchObject([
        {
          kind: 'Kustomization',
          name: 'apps',
          labels: { tier: 'apps' },
          suspended: true,
          appliedBy: ROOT,
        },
        { kind: 'HelmRelease', name: 'web', suspended: false },
      ]);
      const apps = (await under.neighbours.argo()).filter((one) => one.namespace === shop.namespace);
      expect(apps).toMatchObject([{ kind: 'Application', name: 'shop', suspended: true, appliedBy: null }]);
    });

    it.each(AT_WORK)('suspends %s with our mark, and puts it back exactly as found', async (_how, wanted) => {
      const object = await added(wanted);
      const found = await shown(object);
      expect(await under.neighbours.suspend(object, MARK)).toEqual({ found: 'running' });
      expect(await suspended(object)).toBe(true);
      const now = await under.hands.object(object);
      const metadata = isJsonObject(now['metadata']) ? now['metadata'] : {};
      expect(metadata['annotations']).toMatchObject({ 'talos-chatops.dev/suspended-by': MARK });
      // Flux takes back what managers wrote whose name begins with kubectl.
      expect(managersOf(now)).toContain('talos-chatops');
      expect(await under.neighbours.suspend(object, MARK)).toEqual({ found: 'running' });
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'running' });
      expect(await shown(object)).toBe(found);
      // Asked again by whoever did not hear the answer.
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'running' });
      expect(await shown(object)).toBe(found);
    });

    it.each([
      ['a Kustomization', flux(true)],
      ['an Application', argo('true')],
    ])('leaves %s alone that was found suspended', async (_how, wanted) => {
      const object = await added(wanted);
      const found = await shown(object);
      expect(await under.neighbours.suspend(object, MARK)).toEqual({ found: 'suspended' });
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'not-ours' });
      expect(await shown(object)).toBe(found);
    });

    it.each(AT_WORK)('leaves nothing of a suspension that nobody saw end: %s', async (_how, wanted) => {
      const object = await added(wanted);
      const found = await shown(object);
      expect(await under.neighbours.resume(object, MARK, { unseen: true })).toEqual({ restored: 'running' });
      expect(await shown(object)).toBe(found);
    });

    it('writes nothing for whom it may not any more', async () => {
      const object = await added(flux());
      const found = await shown(object);
      const no = { may: () => false };
      const withheld = { kind: 'busy', code: 'WITHHELD' };
      await expect(under.neighbours.suspend(object, MARK, no)).rejects.toMatchObject(withheld);
      await expect(under.neighbours.resume(object, MARK, { ...no, unseen: true })).rejects.toMatchObject(
        withheld,
      );
      expect(await shown(object)).toBe(found);
      await under.neighbours.suspend(object, MARK, { may: () => true });
      await expect(under.neighbours.resume(object, MARK, no)).rejects.toMatchObject(withheld);
      expect(await suspended(object)).toBe(true);
    });

    it('does not take what another rollout suspended', async () => {
      const object = await added(flux());
      await under.neighbours.suspend(object, 'r-other');
      const theirs = await shown(object);
      expect(await under.neighbours.suspend(object, MARK)).toEqual({ found: 'suspended' });
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'not-ours' });
      expect(await shown(object)).toBe(theirs);
    });

    it('suspends again what somebody resumed under our mark, when it is asked to', async () => {
      const object = await added(flux());
      const found = await shown(object);
      await under.neighbours.suspend(object, MARK);
      await under.hands.change(object, { spec: { suspend: false } });
      expect(await under.neighbours.suspend(object, MARK)).toEqual({ found: 'running' });
      expect(await suspended(object)).toBe(true);
      await under.neighbours.resume(object, MARK);
      expect(await shown(object)).toBe(found);
    });

    it('takes only its mark from what somebody resumed meanwhile', async () => {
      const object = await added(argo());
      await under.neighbours.suspend(object, MARK);
      await under.hands.change(object, { metadata: { annotations: { [SKIP]: 'false' } } });
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'by-hand' });
      expect(await shown(object)).toBe(JSON.stringify({ spec: {}, annotations: { [SKIP]: 'false' } }));
    });

    it.each([
      ['mark', 'talos-chatops.dev/suspended-by'],
      ['record', 'talos-chatops.dev/suspend-was'],
    ])('changes nothing where our %s was changed', async (_what, annotation) => {
      const object = await added(flux());
      await under.neighbours.suspend(object, MARK);
      await under.hands.change(object, { metadata: { annotations: { [annotation]: 'something else' } } });
      const now = await shown(object);
      expect(await under.neighbours.resume(object, MARK)).toEqual({ restored: 'not-ours' });
      expect(await shown(object)).toBe(now);
    });

    it('says when the API is away', async (context) => {
      const { hands } = under;
      if (hands.apiServerUp === undefined) return context.skip('nobody may take a real API away');
      const object = await added(flux());
      hands.apiServerUp(false);
      await expect(under.neighbours.flux()).rejects.toMatchObject({ kind: 'unreachable' });
      await expect(under.neighbours.suspend(object, MARK)).rejects.toMatchObject({ kind: 'unreachable' });
      await expect(under.neighbours.resume(object, MARK)).rejects.toMatchObject({ kind: 'unreachable' });
    });
  });
}
