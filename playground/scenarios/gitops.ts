// Flux and Argo CD at work in the cluster: chosen by the policy they are suspended, and resumed exactly as they were found.
import { realClock } from '../cluster/real-clock.ts';
import { Gitops, type GitopsKind, type GitopsObject } from '../world/kubernetes/gitops.ts';
import { nothingRejected, oneControlPlaneAway, outcomeIs, upgradedWell } from './expectations.ts';
import type { Scenario, Series } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
/** Controllers come round several times while one node is away. */
const ROUND_MS = 20;
const SKIP = 'argocd.argoproj.io/skip-reconcile';

interface Cast {
  readonly objects: readonly GitopsObject[];
  /** One that nobody chooses: it has to stay at work. */
  readonly bystander: GitopsObject;
  readonly entry: Readonly<Record<string, unknown>>;
}

const FLUX: Cast = {
  objects: [
    { kind: 'Kustomization', namespace: 'flux-system', name: 'root', suspend: false },
    {
      kind: 'Kustomization',
      namespace: 'flux-system',
      name: 'apps',
      appliedBy: { namespace: 'flux-system', name: 'root' },
    },
    { kind: 'Kustomization', namespace: 'flux-system', name: 'frozen', suspend: true },
    { kind: 'HelmRelease', namespace: 'shop', name: 'web', labels: { 'upgrade/suspend': 'yes' } },
  ],
  bystander: { kind: 'HelmRelease', namespace: 'shop', name: 'mail' },
  entry: {
    neighbours: {
      flux: [
        { kind: 'Kustomization', namespace: 'flux-system', name: '*' },
        { labels: { 'upgrade/suspend': 'yes' } },
      ],
    },
  },
};

const ARGO: Cast = {
  objects: [
    { kind: 'Application', namespace: 'argocd', name: 'shop-web' },
    {
      kind: 'Application',
      namespace: 'argocd',
      name: 'shop-api',
      annotations: { [SKIP]: 'false', team: 'shop' },
    },
    { kind: 'Application', namespace: 'argocd', name: 'shop-old', annotations: { [SKIP]: 'true' } },
  ],
  bystander: { kind: 'Application', namespace: 'argocd', name: 'blog' },
  entry: { neighbours: { argo: [{ namespace: 'argocd', name: 'shop-*' }] } },
};

const of = ({ kind, namespace, name }: GitopsObject): [GitopsKind, string, string] => [kind, namespace, name];

/** Everybody plays their part; afterwards each object is compared with how it was found. */
async function playWith(cast: Cast, troupe: Troupe, part: (troupe: Troupe) => Promise<void>): Promise<void> {
  const { shelf } = troupe.stage.cluster.objects;
  const gitops = new Gitops({ shelf, clock: realClock, intervalMs: ROUND_MS });
  const everybody = [...cast.objects, cast.bystander];
  for (const object of everybody) gitops.add(object);
  const shown = (): readonly string[] => everybody.map((one) => gitops.shown(...of(one)));
  const found = shown();
  const atWork = cast.objects.filter((one) => !gitops.suspended(...of(one)));
  try {
    await begin(troupe, TO);
    await troupe.until('a worker to be away', () => troupe.stage.cluster.world.snapshot().awayNow.length > 0);
    await requireQuiet(cast, gitops, troupe);
    await part(troupe);
    await troupe.end();
    const changed = everybody.filter((_, at) => shown()[at] !== found[at]);
    if (changed.length > 0)
      throw new Error(`${changed.map(({ name }) => name).join(', ')} was not left as found`);
    for (const one of atWork) {
      const before = gitops.applied(...of(one));
      await troupe.until(`${one.name} to be at work again`, () => gitops.applied(...of(one)) > before);
    }
  } finally {
    gitops.stop();
  }
}

/** While a node is away, those chosen rest and the one that is not goes on. */
async function requireQuiet({ objects, bystander }: Cast, gitops: Gitops, troupe: Troupe): Promise<void> {
  const free = objects.filter((one) => !gitops.suspended(...of(one)));
  if (free.length > 0) throw new Error(`${free.map(({ name }) => name).join(', ')} was at work meanwhile`);
  const before = objects.map((one) => gitops.applied(...of(one)));
  const rounds = gitops.applied(...of(bystander));
  await troupe.until('more rounds', () => gitops.applied(...of(bystander)) > rounds + 2);
  if (objects.some((one, at) => gitops.applied(...of(one)) !== before[at]))
    throw new Error('somebody who was suspended applied something');
}

const goesWell = async (troupe: Troupe): Promise<void> => {
  await troupe.approveAll(controlPlaneOf(troupe));
};

const isKilled = async (troupe: Troupe): Promise<void> => {
  await troupe.stage.crash();
  await goesWell(troupe);
};

const isAborted = async (troupe: Troupe): Promise<void> => {
  await troupe.press('requester', 'rollout:abort');
};

function legsOf(cast: Cast): readonly Scenario[] {
  const leg = { world: { talosVersion: FROM, workers: 1 }, entry: cast.entry };
  return [
    {
      ...leg,
      name: 'success',
      sentence: 'Suspended before the first node, and resumed after the last.',
      play: (troupe) => playWith(cast, troupe, goesWell),
      expect: (measured) => upgradedWell(measured, TO),
    },
    {
      ...leg,
      name: 'abort',
      sentence: 'A person aborts while a worker is away: it comes back, and all are resumed.',
      play: (troupe) => playWith(cast, troupe, isAborted),
      expect: (measured) => [
        outcomeIs(measured, 'aborted'),
        ['no control-plane node was touched', measured.rebootOrder.every((name) => !name.startsWith('cp-'))],
        oneControlPlaneAway(measured),
        nothingRejected(measured),
      ],
    },
    {
      ...leg,
      name: 'kill',
      sentence: 'The bot is killed while a worker is away: the next one still knows whom it suspended.',
      play: (troupe) => playWith(cast, troupe, isKilled),
      expect: (measured) => upgradedWell(measured, TO),
    },
  ];
}

export const flux: Series = {
  name: 'flux',
  sentence:
    'Kustomizations and a HelmRelease are suspended while nodes are upgraded, and resumed exactly as found: at the end, after an abort, after kill -9.',
  legs: legsOf(FLUX),
};

export const argo: Series = {
  name: 'argo',
  sentence:
    'Argo CD Applications are told to be skipped meanwhile, and left exactly as found: at the end, after an abort, after kill -9.',
  legs: legsOf(ARGO),
};
