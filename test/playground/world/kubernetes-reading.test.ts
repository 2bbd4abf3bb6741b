// Lists, pages, selectors, watches and patches of the simulated Kubernetes API.
import { describe, expect, it } from 'vitest';
import type { NodeObject, Resource } from '../../../playground/world/kubernetes/objects.ts';
import type { PatchKind } from '../../../playground/world/kubernetes/patch.ts';
import type { Query } from '../../../playground/world/kubernetes/selectors.ts';
import type { ApiAnswer } from '../../../playground/world/kubernetes/statuses.ts';
import type { WatchEvent } from '../../../playground/world/kubernetes/watching.ts';
import { aKubernetes, type SmallWorld, statusOf } from './kubernetes-builder.ts';

function names(world: SmallWorld, resource: Resource, query: Query): readonly string[] {
  const answer = world.objects.api.list(resource, query);
  if (answer.kind === 'refused') throw new Error(answer.status.message);
  return answer.object.items.map((item) => item.metadata.name);
}

function patch(
  world: SmallWorld,
  name: string,
  body: unknown,
  kind: PatchKind = 'merge',
): ApiAnswer<NodeObject> {
  return world.objects.api.patchNode(name, { patch: body, kind, dryRun: false });
}

describe('selectors', () => {
  it.each([
    ['nodes', { labelSelector: 'node-role.kubernetes.io/control-plane' }, ['cp-1', 'cp-2', 'cp-3']],
    ['nodes', { labelSelector: '!node-role.kubernetes.io/control-plane' }, ['w-1', 'w-2', 'w-3']],
    ['nodes', { labelSelector: 'kubernetes.io/hostname in (w-1, w-3)' }, ['w-1', 'w-3']],
    [
      'nodes',
      { labelSelector: 'kubernetes.io/hostname notin (w-1,w-3),kubernetes.io/hostname!=w-2' },
      ['cp-1', 'cp-2', 'cp-3'],
    ],
    ['nodes', { labelSelector: 'kubernetes.io/hostname==w-2' }, ['w-2']],
    ['nodes', { fieldSelector: 'metadata.name=cp-2' }, ['cp-2']],
    ['nodes', { fieldSelector: 'spec.unschedulable=true' }, []],
    [
      'pods',
      { labelSelector: 'k8s-app=kube-scheduler', fieldSelector: 'spec.nodeName=cp-3' },
      ['kube-scheduler-cp-3'],
    ],
    [
      'pods',
      {
        fieldSelector: 'spec.nodeName!=cp-3,status.phase=Running',
        labelSelector: 'component=kube-scheduler',
      },
      ['kube-scheduler-cp-1', 'kube-scheduler-cp-2'],
    ],
    ['poddisruptionbudgets', { namespace: 'shop' }, ['cache', 'web']],
    ['poddisruptionbudgets', { namespace: 'default' }, []],
  ] as const)('of %s with %o find %o', (resource, query, expected) => {
    expect(names(aKubernetes(), resource, query)).toEqual(expected);
  });

  it.each([
    [{ fieldSelector: 'spec.node=w-1' }, 'field label not supported: spec.node'],
    [{ fieldSelector: 'w-1' }, 'unable to parse field selector'],
    [{ labelSelector: 'a=b=c' }, 'unable to parse requirement'],
  ])('refuse %o with 400', (query, message) => {
    const status = statusOf(aKubernetes().objects.api.list('pods', query));
    expect(status).toMatchObject({ code: 400, message: expect.stringContaining(message) });
  });
});

describe('pages', () => {
  it('join to the whole list as it was when the first was read', () => {
    const world = aKubernetes();
    const seen: string[] = [];
    let continueToken = '';
    do {
      const answer = world.objects.api.list('nodes', { limit: 4, continueToken });
      if (answer.kind === 'refused') throw new Error(answer.status.message);
      seen.push(...answer.object.items.map((item) => item.metadata.name));
      continueToken = answer.object.continueToken;
      if (seen.length === 4) expect(answer.object.remainingItemCount).toBe(2);
      world.objects.addNode({
        name: 'w-9',
        role: 'worker',
        address: '127.40.0.9',
        talosVersion: 'v1.13.4',
        kubernetesVersion: 'v1.35.4',
        schematic: '',
      });
    } while (continueToken !== '');
    expect(seen).toEqual(['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3']);
  });

  it('expire', () => {
    const world = aKubernetes();
    const first = world.objects.api.list('nodes', { limit: 1 });
    world.objects.compact();
    const continueToken = first.kind === 'object' ? first.object.continueToken : '';
    expect(statusOf(world.objects.api.list('nodes', { continueToken }))).toMatchObject({
      code: 410,
      reason: 'Expired',
    });
  });
});

describe('watches', () => {
  it('start with everything, or after a version, and follow changes', () => {
    const world = aKubernetes();
    const since = Number(world.objects.api.resourceVersion);
    world.objects.setNodeVersion('w-1', 'v1.13.5');
    const fromStart: WatchEvent[] = [];
    const fromVersion: WatchEvent[] = [];
    world.objects.api.watch('nodes', { since: null }, (event) => fromStart.push(event));
    const stop = world.objects.api.watch('nodes', { since }, (event) => fromVersion.push(event));
    world.objects.setNodeVersion('w-2', 'v1.13.5');
    stop();
    world.objects.setNodeVersion('w-3', 'v1.13.5');
    expect(fromStart.map((event) => event.type)).toEqual([...Array(6).fill('ADDED'), 'MODIFIED', 'MODIFIED']);
    expect(fromVersion.map((event) => event.type)).toEqual(['MODIFIED', 'MODIFIED']);
  });

  it('see an object come and go when it begins and stops to match', () => {
    const world = aKubernetes();
    const events: WatchEvent[] = [];
    const since = Number(world.objects.api.resourceVersion);
    world.objects.api.watch('nodes', { since, fieldSelector: 'spec.unschedulable=true' }, (event) =>
      events.push(event),
    );
    world.objects.setUnschedulable('w-1', true);
    world.objects.setUnschedulable('w-1', false);
    expect(events.map((event) => event.type)).toEqual(['ADDED', 'DELETED']);
  });

  it('answer 410 from before the window', () => {
    const world = aKubernetes();
    const since = Number(world.objects.api.resourceVersion) - 1;
    world.objects.setNodeVersion('w-1', 'v1.13.5');
    world.objects.compact();
    const events: WatchEvent[] = [];
    world.objects.api.watch('nodes', { since }, (event) => events.push(event));
    expect(events).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
  });
});

describe.each(['merge', 'strategic'] as const)('a %s patch of a node', (kind) => {
  it('cordons with an annotation and undoes both with null', () => {
    const world = aKubernetes();
    patch(
      world,
      'w-1',
      { spec: { unschedulable: true }, metadata: { annotations: { 'example.org/by': 'me' } } },
      kind,
    );
    expect(world.node('w-1').spec).toMatchObject({
      unschedulable: true,
      taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }],
    });
    expect(world.node('w-1').metadata.annotations).toMatchObject({
      'example.org/by': 'me',
      'talos.dev/owned-labels': '[]',
    });
    patch(
      world,
      'w-1',
      { spec: { unschedulable: null }, metadata: { annotations: { 'example.org/by': null } } },
      kind,
    );
    expect(world.node('w-1').spec).toEqual({ podCIDR: '10.244.3.0/24' });
    expect(world.node('w-1').metadata.annotations).not.toHaveProperty(['example.org/by']);
  });

  it('with a stale resourceVersion is a conflict, with the current one is not', () => {
    const world = aKubernetes();
    const { resourceVersion } = world.node('w-1').metadata;
    const body = { metadata: { resourceVersion }, spec: { unschedulable: true } };
    expect(patch(world, 'w-1', body, kind).kind).toBe('object');
    expect(statusOf(patch(world, 'w-1', body, kind))).toMatchObject({ code: 409, reason: 'Conflict' });
  });
});

describe('a patch', () => {
  it.each([
    ['w-1', [], 'merge', 400],
    ['w-1', { spec: { unschedulable: 'yes' } }, 'merge', 422],
    ['w-1', { metadata: { annotations: { a: 1 } } }, 'merge', 422],
    ['w-1', { metadata: { annotations: { 'a b': 'c' } } }, 'merge', 422],
    ['w-1', { metadata: { name: 'other' } }, 'merge', 400],
    ['w-1', { metadata: { uid: 'other' } }, 'merge', 422],
    ['w-1', { spec: { $patch: 'replace' } }, 'strategic', 400],
    ['nobody', {}, 'merge', 404],
  ] as const)('of %s with %o (%s) is refused with %i', (name, body, kind, code) => {
    expect(statusOf(patch(aKubernetes(), name, body, kind))?.code).toBe(code);
  });

  it('leaves the status alone', () => {
    const world = aKubernetes();
    patch(world, 'w-1', { status: { nodeInfo: { osImage: 'mine' } } });
    expect(world.node('w-1').status.nodeInfo['osImage']).toBe('Talos (v1.13.4)');
  });

  it('of a dry run changes nothing and shows the result', () => {
    const world = aKubernetes();
    const answer = world.objects.api.patchNode('w-1', {
      patch: { spec: { unschedulable: true } },
      kind: 'merge',
      dryRun: true,
    });
    expect(answer).toMatchObject({ kind: 'object', object: { spec: { unschedulable: true } } });
    expect(world.objects.isCordoned('w-1')).toBe(false);
  });
});
