// A scene with others in it: a Velero that makes backups, and a Flux and an Argo CD with objects in every state they can be found in.
import { Gitops, type GitopsKind, type GitopsObject } from '../../playground/world/kubernetes/gitops.ts';
import { Velero } from '../../playground/world/kubernetes/velero.ts';
import type { NeighbourPolicy } from '../../src/cluster/neighbour.ts';
import { stepsOf } from '../../src/rollout/plan.ts';
import type { VeleroPolicy } from '../../src/rollout/policy.ts';
import { stepState } from '../../src/rollout/rollout.ts';
import type { StepFacts, StepKind } from '../../src/rollout/step.ts';
import { aSmallScene, type Scene, type SceneOptions } from './scene.ts';

export const VELERO: VeleroPolicy = {
  namespace: 'velero',
  includedNamespaces: ['*'],
  excludedNamespaces: ['kube-system'],
  defaultVolumesToFsBackup: true,
  ttlMs: 72 * 3_600_000,
  storageLocation: null,
  timeoutMs: 600_000,
  freshEnoughMs: null,
};

const ANY = { namespace: null, name: '*', labels: {} };
export const EVERYBODY: NeighbourPolicy = {
  flux: [{ ...ANY, kind: null, namespace: 'flux-system' }],
  argo: [{ ...ANY, kind: 'Application' }],
};

const flux = (name: string, rest: Partial<GitopsObject> = {}): GitopsObject => ({
  kind: 'Kustomization',
  namespace: 'flux-system',
  name,
  ...rest,
});
const argo = (name: string, annotations: Readonly<Record<string, string>> = {}): GitopsObject => ({
  kind: 'Application',
  namespace: 'argocd',
  name,
  annotations,
});
const SKIP = 'argocd.argoproj.io/skip-reconcile';

/** How they are found: nothing said, said "no", said "yes"; and one that nobody chooses. */
export const FOUND: readonly GitopsObject[] = [
  flux('apps', { appliedBy: { namespace: 'flux-system', name: 'root' } }),
  flux('root', { suspend: false }),
  flux('frozen', { suspend: true }),
  { kind: 'HelmRelease', namespace: 'other', name: 'left-alone' },
  argo('shop'),
  argo('blog', { [SKIP]: 'false', team: 'web' }),
  argo('old', { [SKIP]: 'true' }),
];
/** Those that are at work and chosen. */
const AT_WORK = ['apps', 'root', 'shop', 'blog'];

export interface Beside {
  readonly scene: Scene;
  readonly velero: Velero;
  readonly gitops: Gitops;
  /** Each object as it stands, by name. */
  readonly shown: () => Readonly<Record<string, string>>;
  /** Names of those suspended now, in the order of `FOUND`. */
  readonly suspended: () => readonly string[];
}

const all = new WeakMap<
  Scene,
  { readonly beside: Beside; readonly found: Readonly<Record<string, string>> }
>();

export function aSceneBeside(options: SceneOptions = {}): Beside {
  const { policy } = options;
  const scene = aSmallScene({ ...options, policy: { velero: VELERO, neighbours: EVERYBODY, ...policy } });
  const { objects, time } = scene.house;
  const velero = new Velero({ shelf: objects.shelf, clock: time });
  const gitops = new Gitops({ shelf: objects.shelf, clock: time });
  for (const object of FOUND) gitops.add(object);
  const of = (object: GitopsObject): [GitopsKind, string, string] => [
    object.kind,
    object.namespace,
    object.name,
  ];
  const beside: Beside = {
    scene,
    velero,
    gitops,
    shown: () => Object.fromEntries(FOUND.map((one) => [one.name, gitops.shown(...of(one))])),
    suspended: () => FOUND.filter((one) => gitops.suspended(...of(one))).map(({ name }) => name),
  };
  all.set(scene, { beside, found: beside.shown() });
  // Nobody may leave while one of them is at work.
  scene.tap({
    before: ({ method }) => {
      if (!['cordon', 'install', 'reboot'].includes(method)) return;
      const free = AT_WORK.filter((name) => !beside.suspended().includes(name));
      if (free.length > 0) scene.audit.broken.push(`${method} while ${free.join(', ')} was at work`);
      if (velero.backups().length === 0) scene.audit.broken.push(`${method} before there was a backup`);
    },
  });
  return beside;
}

export async function besideScene(): Promise<Scene> {
  return aSceneBeside({ archived: true, world: { controlPlanes: 1 } }).scene;
}

/** Everybody as found, and one backup however often it was asked for. */
export function wrongBeside(scene: Scene): readonly string[] {
  const known = all.get(scene);
  if (known === undefined) throw new Error('that scene has nobody beside the nodes');
  const { beside, found } = known;
  const now = beside.shown();
  const wrong = Object.keys(found).filter((name) => now[name] !== found[name]);
  const backups = beside.velero.backups().length;
  return [
    ...wrong.map((name) => `${name} was ${found[name]} and is ${now[name]}`),
    ...(backups === 1 ? [] : [`${backups} backups were made`]),
  ];
}

/** Results of the steps of this kind that ended, by what they are about. */
export function resultsOf(scene: Scene, kind: StepKind): Readonly<Record<string, StepFacts>> {
  const { rollout } = scene;
  const steps = rollout.plan === null ? [] : stepsOf(rollout.plan).filter((step) => step.kind === kind);
  return Object.fromEntries(
    steps.flatMap((step) => {
      const state = stepState(rollout, step.id);
      return state.state === 'ended' ? [[step.node, state.result]] : [];
    }),
  );
}

export const untilHeld = (scene: Scene) => scene.until(({ phase }) => phase.phase === 'held');
export const whyHeld = ({ phase }: Scene): string => (phase.phase === 'held' ? phase.held.why : phase.phase);
export const backupNames = ({ velero }: Beside): readonly string[] =>
  velero.backups().map(({ metadata }) => String(Object(metadata)['name']));
