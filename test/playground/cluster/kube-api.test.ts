// The simulated Kubernetes API holds what the real client asks of it: reads, watches, patches, evictions, refusals.
import {
  type ApiException,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  PolicyV1Api,
  setHeaderOptions,
  type V1Node,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startKubeApi } from '../../../playground/cluster/kube-api.ts';
import { type Simulated, startSimulated } from '../../kubernetes/simulated.ts';

/** Milliseconds of patience for what a request or a watch brings about. */
const SOON_MS = 10_000;
let simulated: Simulated;
let config: KubeConfig;
let core: CoreV1Api;

function configFrom(text: string): KubeConfig {
  const loaded = new KubeConfig();
  loaded.loadFromString(text);
  return loaded;
}

beforeEach(async () => {
  simulated = await startSimulated();
  config = configFrom(simulated.api.kubeconfig());
  core = config.makeApiClient(CoreV1Api);
});

afterEach(() => simulated.stop());

async function refusal(
  call: Promise<unknown>,
): Promise<{ readonly code: number; readonly status: Record<string, unknown> }> {
  const error = (await call.then(
    () => {
      throw new Error('was not refused');
    },
    (caught: unknown) => caught,
  )) as ApiException<string | undefined>;
  return { code: error.code, status: JSON.parse(error.body ?? '{}') as Record<string, unknown> };
}

const asMerge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
const asStrategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);

describe('what was done', () => {
  it('is every request that may change something, and no dry run or question', async () => {
    const { api } = simulated;
    const [pod] = (await core.listNamespacedPod({ namespace: 'shop' })).items;
    const name = pod?.metadata?.name ?? '';
    const eviction = (dryRun: boolean) => ({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { namespace: 'shop', name },
      ...(dryRun ? { deleteOptions: { dryRun: ['All'] } } : {}),
    });
    const body = eviction(true);
    await core.createNamespacedPodEviction({ namespace: 'shop', name, body, dryRun: 'All' });
    await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
      body: { spec: { resourceAttributes: { verb: 'list', resource: 'pods' } } },
    });
    expect(api.acts).toEqual([]);
    await core.patchNode({ name: 'w-1', body: { spec: { unschedulable: true } } }, asMerge);
    await core.createNamespacedPodEviction({ namespace: 'shop', name, body: eviction(false) });
    expect(api.acts).toEqual([
      'PATCH /api/v1/nodes/w-1',
      `POST /api/v1/namespaces/shop/pods/${name}/eviction`,
    ]);
  });

  it('is what a webhook would be told: an eviction that only its body calls a dry run is none', async () => {
    const { api, objects } = simulated;
    const [pod] = (await core.listNamespacedPod({ namespace: 'shop' })).items;
    const { name = '', uid } = pod?.metadata ?? {};
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace: 'shop', name } };
    const deleteOptions = { dryRun: ['All'] };
    await core.createNamespacedPodEviction({ namespace: 'shop', name, body: { ...body, deleteOptions } });
    expect(api.acts).toEqual([`POST /api/v1/namespaces/shop/pods/${name}/eviction`]);
    expect(objects.api.get('pods', 'shop', name)).toMatchObject({ object: { metadata: { uid } } });
  });

  it.each([
    ['the manager that is named', { fieldManager: 'somebody' }, 'somebody'],
    ['the client, when none is', {}, 'kubernetes-client-javascript'],
  ])('to a node is written down as done by %s', async (_what, named, manager) => {
    const body = { spec: { unschedulable: true }, metadata: { annotations: { 'a.example/b': 'c' } } };
    const { metadata } = await core.patchNode({ name: 'w-1', body, ...named }, asMerge);
    expect(metadata?.managedFields).toMatchObject([
      {
        manager,
        fieldsV1: {
          'f:metadata': { 'f:annotations': { 'f:a.example/b': {} } },
          'f:spec': { 'f:unschedulable': {} },
        },
      },
    ]);
    const undo = { spec: { unschedulable: null } };
    const undone = await core.patchNode({ name: 'w-1', body: undo, fieldManager: 'another' }, asMerge);
    expect(undone.metadata?.managedFields).toMatchObject([{ manager }]);
  });
});

describe('reading', () => {
  it('lists nodes, pods everywhere and in a namespace, and budgets', async () => {
    expect((await core.listNode()).items).toHaveLength(6);
    const everywhere = await core.listPodForAllNamespaces({ fieldSelector: 'spec.nodeName=w-1' });
    expect(everywhere.items.every((pod) => pod.spec?.nodeName === 'w-1')).toBe(true);
    expect((await core.listNamespacedPod({ namespace: 'shop' })).items).toHaveLength(5);
    const budgets = await config.makeApiClient(PolicyV1Api).listPodDisruptionBudgetForAllNamespaces();
    expect(budgets.items.map((budget) => budget.status?.disruptionsAllowed)).toEqual([1, 2]);
  });

  it('pages with limit and continue', async () => {
    const names: (string | undefined)[] = [];
    let next: string | undefined;
    do {
      const page = await core.listNode({ limit: 4, ...(next === undefined ? {} : { _continue: next }) });
      names.push(...page.items.map((node) => node.metadata?.name));
      next = page.metadata?._continue;
    } while (next);
    expect(names).toEqual(['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3']);
  });

  it('tells its version and its health', async () => {
    const version = await config.makeApiClient(VersionApi).getCode();
    expect(version).toMatchObject({ gitVersion: 'v1.35.4', major: '1', minor: '35' });
  });

  it.each(['client certificate', 'token'])('accepts a %s', async (kind) => {
    const text = kind === 'token' ? simulated.api.tokenKubeconfig() : simulated.api.kubeconfig();
    expect((await configFrom(text).makeApiClient(CoreV1Api).listNode()).items).toHaveLength(6);
  });
});

describe('refusing', () => {
  it('answers 401 to whoever has no accepted credentials', async () => {
    const stranger = configFrom(simulated.api.tokenKubeconfig().replace(/token: .*/, 'token: wrong'));
    expect((await refusal(stranger.makeApiClient(CoreV1Api).listNode())).code).toBe(401);
  });

  it('answers 404 with a Status for unknown objects and paths', async () => {
    const node = await refusal(core.readNode({ name: 'nobody' }));
    expect(node).toMatchObject({
      code: 404,
      status: { kind: 'Status', message: 'nodes "nobody" not found' },
    });
    expect((await refusal(core.listNamespacedConfigMap({ namespace: 'shop' }))).code).toBe(404);
  });

  it('answers 405 to verbs it does not serve', async () => {
    expect((await refusal(core.deleteNode({ name: 'w-1' }))).code).toBe(405);
  });

  it('refuses to listen on anything but loopback', async () => {
    await expect(startKubeApi({ objects: simulated.objects, host: '0.0.0.0' })).rejects.toThrow('loopback');
  });
});

describe('patching a node', () => {
  it.each([
    ['merge', asMerge],
    ['strategic merge', asStrategic],
  ])('works as a %s patch', async (_name, options) => {
    const body = { spec: { unschedulable: true }, metadata: { annotations: { 'example.org/by': 'me' } } };
    const patched = await core.patchNode({ name: 'w-1', body }, options);
    expect(patched.spec?.unschedulable).toBe(true);
    const undo = { spec: { unschedulable: null }, metadata: { annotations: { 'example.org/by': null } } };
    const undone = await core.patchNode({ name: 'w-1', body: undo }, options);
    expect(undone.spec?.unschedulable).toBeUndefined();
    expect(undone.metadata?.annotations).not.toHaveProperty(['example.org/by']);
  });

  it('refuses a JSON patch, which is what the client sends when nobody says otherwise', async () => {
    const answer = await refusal(core.patchNode({ name: 'w-1', body: [] }));
    expect(answer).toMatchObject({
      code: 415,
      status: { message: '415: Unsupported Media Type' },
    });
  });

  it('refuses a stale version with 409', async () => {
    const body = { metadata: { resourceVersion: '1' }, spec: { unschedulable: true } };
    expect((await refusal(core.patchNode({ name: 'w-1', body }, asMerge))).code).toBe(409);
  });
});

describe('evicting and deleting', () => {
  async function aWebPod(): Promise<string> {
    const { items } = await core.listNamespacedPod({ namespace: 'shop', labelSelector: 'app=web' });
    return items[0]?.metadata?.name ?? '';
  }

  function eviction(
    name: string,
    deleteOptions: object = {},
  ): Parameters<CoreV1Api['createNamespacedPodEviction']>[0] {
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace: 'shop' },
      deleteOptions,
    };
    return { name, namespace: 'shop', body };
  }

  it('accepts, refuses with the budget named, and rehearses', async () => {
    const name = await aWebPod();
    await core.createNamespacedPodEviction(eviction(name, { dryRun: ['All'] }));
    expect(
      (await core.readNamespacedPod({ name, namespace: 'shop' })).metadata?.deletionTimestamp,
    ).toBeUndefined();
    simulated.objects.blockBudget(null);
    const answer = await refusal(core.createNamespacedPodEviction(eviction(name)));
    expect(answer).toMatchObject({
      code: 429,
      status: {
        details: { causes: [{ reason: 'DisruptionBudget', message: expect.stringContaining('budget web') }] },
      },
    });
    simulated.objects.unblockBudget(null);
    await core.createNamespacedPodEviction(eviction(name));
    const code = async () => (await refusal(core.readNamespacedPod({ name, namespace: 'shop' }))).code;
    await vi.waitFor(async () => expect(await code()).toBe(404), SOON_MS);
  });

  it('refuses an eviction whose body is about another pod', async () => {
    const name = await aWebPod();
    expect((await refusal(core.createNamespacedPodEviction({ ...eviction('other'), name }))).code).toBe(400);
  });

  it('deletes at once with a grace of 0', async () => {
    const name = await aWebPod();
    await core.deleteNamespacedPod({ name, namespace: 'shop', gracePeriodSeconds: 0 });
    expect((await refusal(core.readNamespacedPod({ name, namespace: 'shop' }))).code).toBe(404);
  });
});

describe('watching', () => {
  it('streams what changes after a version', async () => {
    const { metadata } = await core.listNode();
    const seen: string[] = [];
    const watch = await new Watch(config).watch(
      '/api/v1/nodes',
      { resourceVersion: metadata?.resourceVersion, allowWatchBookmarks: true },
      (phase, node: V1Node) => seen.push(`${phase} ${node.metadata?.name} ${node.status?.nodeInfo?.osImage}`),
      () => undefined,
    );
    simulated.objects.setNodeVersion('w-2', 'v1.13.5');
    await vi.waitFor(() => expect(seen).toEqual(['MODIFIED w-2 Talos (v1.13.5)']), SOON_MS);
    watch.abort();
  });

  it('ends with 410 from before the window', async () => {
    simulated.objects.compact();
    const done = vi.fn<(error: unknown) => void>();
    const seen: unknown[] = [];
    await new Watch(config).watch(
      '/api/v1/nodes',
      { resourceVersion: '1' },
      (phase, status) => seen.push([phase, status.code]),
      done,
    );
    await vi.waitFor(() => expect(done).toHaveBeenCalled(), SOON_MS);
    expect(seen).toEqual([['ERROR', 410]]);
  });

  it('feeds an informer', async () => {
    const informer = makeInformer(config, '/api/v1/nodes', () => core.listNode());
    const cordoned: (string | undefined)[] = [];
    informer.on('update', (node) => {
      if (node.spec?.unschedulable) cordoned.push(node.metadata?.name);
    });
    await informer.start();
    await vi.waitFor(() => expect(informer.list()).toHaveLength(6), SOON_MS);
    await vi.waitFor(() => {
      simulated.objects.setUnschedulable('w-3', true);
      simulated.objects.setUnschedulable('w-3', false);
      expect(cordoned).toContain('w-3');
    }, SOON_MS);
    await informer.stop();
  });
});

describe('the API of a cluster without a control plane', () => {
  it('breaks connections and comes back on the same address', async () => {
    await core.listNode();
    simulated.objects.apiServerUp(false);
    await expect(core.listNode()).rejects.toThrow('fetch failed');
    simulated.objects.apiServerUp(true);
    expect((await core.listNode()).items).toHaveLength(6);
  });
});
