// Stories in which others do something meanwhile: people with other tools, etcd, the network, and machines that lost their configuration.
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import type { RawParams } from '../../playground/world/fault.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { patient } from './crash.ts';
import { aLoneScene, LONE } from './lone.ts';
import {
  APPROVER,
  aSmallScene,
  idle,
  type People,
  REQUESTER,
  type Scene,
  type SceneOptions,
} from './scene.ts';
import { all } from './stories.ts';
import type { Story } from './story.ts';
import { besides, leaving } from './troubled-stories.ts';

const HOUR_MS = 3_600_000;
const CONTROL_PLANE = ['cp-1', 'cp-2', 'cp-3'];
const LEADER = 'cp-3';
/** How much longer a machine takes that somebody restarted: a click and a proof fall into it, and it is less than the limit of a proof. */
const SLOW_MS = 8_000;

const TUPPR = { kind: 'tuppr', name: 'cluster', state: 'working', detail: 'phase Upgrading' } as const;
/** How long it works: less than the limit of a proof. */
const WORKS_MS = 8_000;

interface Fault {
  readonly name: string;
  readonly params: RawParams;
}

const open =
  (faults: readonly Fault[], options: SceneOptions = {}): Story['open'] =>
  async () => {
    const scene = aLoneScene(options);
    for (const { name, params } of faults) scene.house.world.inject(name, params);
    return scene;
  };

const ONLY_CONTROL_PLANE = { world: { workers: 0 } } as const;

const isBack = ({ house }: Scene, node: string): boolean =>
  house.world.snapshot().nodes.some(({ name, back }) => name === node && back);

/** Somebody says "again" too early, sees that nothing is better, gives the node its configuration back, and says it once more. */
const restoring = besides((scene, { phase }) => {
  if (phase.phase !== 'held' || phase.held.kind !== 'failed') return null;
  const { node, subject } = phase.held;
  const failures = scene.facts('step-failed').filter(({ step }) => step === subject);
  if (failures.length > 1) scene.house.world.heal({ name: 'maintenance', node });
  return { intent: { kind: 'retry' }, user: REQUESTER };
});

/** Once each: as soon as it holds, something happens that no person of the rollout asked for. */
function happening(
  moments: readonly ((scene: Scene, rollout: Rollout) => boolean)[],
  last: People = idle,
): (scene: Scene) => People {
  return (scene) => {
    const over = new Set<number>();
    return (rollout) => {
      for (const [at, happens] of moments.entries())
        if (!over.has(at) && happens(scene, rollout)) over.add(at);
      return last(rollout) ?? patient(rollout);
    };
  };
}

/** They leave the leader of etcd for another day. */
const denyingLast: People = ({ phase }) =>
  phase.phase === 'at-gate' && phase.gate === `gate:${LEADER}`
    ? { intent: { kind: 'deny', gate: phase.gate, reason: 'Not today.' }, user: APPROVER }
    : null;

const gateOf = ({ phase }: Rollout): string | null =>
  phase.phase === 'at-gate' ? phase.gate.replace(/^gate:/, '') : null;

/** Somebody restarts one of the control plane that neither leads etcd nor is this node. */
function restartsAnother({ house: { world } }: Scene, node: string): void {
  const kept = [node, world.etcd.leader()];
  const other = CONTROL_PLANE.find((name) => !kept.includes(name)) ?? '';
  world.inject('slow-boot', { node: other, ms: SLOW_MS });
  world.inject('reboot-by-human', { node: other });
}

const onceAtAGate = (scene: Scene, rollout: Rollout): boolean => {
  const node = gateOf(rollout);
  if (node === null) return false;
  restartsAnother(scene, node);
  return true;
};

/** Right before the second departure of the control plane. */
const onceInstalled = (scene: Scene): boolean => {
  const [, second] = scene.facts('step-ended').filter(({ step }) => step.endsWith('-install'));
  if (second === undefined) return false;
  restartsAnother(scene, /-(cp-\d)-install$/.exec(second.step)?.[1] ?? '');
  return true;
};

/** Nobody of the control plane is sent away while another one of it is, whoever sent that one. */
function watchOthers(scene: Scene): void {
  scene.tap({
    before: ({ method, args: [address] }) => {
      if (method !== 'reboot') return;
      const node = scene.house.world.find(String(address))?.node.name;
      const away = CONTROL_PLANE.filter((name) => name !== node && !isBack(scene, name));
      if (away.length > 0) scene.audit.broken.push(`${node} leaves while ${away.join()} is away`);
    },
  });
}

/** Another upgrader begins when the first node leaves, and is done a while later; until then the next one is not touched. */
async function openBetween(): Promise<Scene> {
  const estate = new SimulatedEstate();
  const scene = aLoneScene({ estate: estate.reader });
  let works: 'not-yet' | 'now' | 'no-more' = 'not-yet';
  scene.tap({
    before: ({ method }) => {
      if (works === 'now' && method === 'cordon')
        scene.audit.broken.push('a node was cordoned while tuppr worked');
      if (works !== 'not-yet' || method !== 'reboot') return;
      works = 'now';
      estate.change({ otherUpgraders: [TUPPR] });
      scene.house.time.after(WORKS_MS, () => {
        works = 'no-more';
        estate.change({ otherUpgraders: [] });
      });
    },
  });
  return scene;
}

/** The leadership moves to the very node whose card is open. */
const onceLeading = (scene: Scene, rollout: Rollout): boolean => {
  const node = gateOf(rollout);
  if (node === null) return false;
  scene.house.world.inject('leader-moves', { to: node });
  return true;
};

const abortingInstalled = besides((scene, { phase }) => {
  const begun = scene.facts('step-begun').some(({ step }) => step.endsWith('-cp-1-install'));
  const goes = phase.phase === 'running' && phase.halt === null && begun;
  return goes ? { intent: { kind: 'abort' }, user: REQUESTER } : null;
});

/** The click came while another one was away: that gate was to be void, whoever died over writing it down. */
function wrongClick({ audit }: Scene): readonly string[] {
  return audit.effects.some(({ name }) => name.startsWith('append gate-voided')) ? [] : ['no gate was void'];
}

/** Once it is aborted, nothing begins but what puts back; what was installed and not restarted by then stays armed. */
function wrongAbort(scene: Scene): readonly string[] {
  const { entries } = scene.audit;
  const at = entries.findIndex(({ event }) => event.kind === 'aborted');
  const begun = entries.slice(at).flatMap(({ event }) => (event.kind === 'step-begun' ? [event.step] : []));
  const { 'cp-1': installs } = scene.counted('installs');
  const { 'cp-1': reboots } = scene.counted('reboots');
  return [
    ...begun.filter((step) => !step.endsWith('-uncordon')).map((step) => `${step} began after the end`),
    ...(scene.house.world.machine('cp-1').armed === (installs === 1 && reboots === 0)
      ? []
      : [`installed ${installs} times and restarted ${reboots} times, cp-1 is armed or is not`]),
  ];
}

export const OUTSIDE_STORIES: readonly Story[] = [
  {
    name: 'maintenance',
    open: open(LONE.map((node) => ({ name: 'maintenance', params: { node } }))),
    people: restoring,
    outcome: 'upgraded',
    expected: { installs: all(1, LONE), reboots: all(1, LONE) },
  },
  {
    name: 'second-reboot',
    open: async () => {
      const scene = aSmallScene(ONLY_CONTROL_PLANE);
      watchOthers(scene);
      return scene;
    },
    people: happening([onceAtAGate, onceInstalled], denyingLast),
    // The third one would add nothing but points.
    outcome: 'denied',
    expected: {
      installs: { ...all(1, CONTROL_PLANE), [LEADER]: 0 },
      reboots: { ...all(1, CONTROL_PLANE), [LEADER]: 0 },
    },
    alsoWrong: wrongClick,
  },
  {
    name: 'expired-cert',
    open: open([], { certificateMs: 36 * HOUR_MS }),
    outcome: 'blocked',
    expected: { pulls: all(0, LONE), installs: all(0, LONE), reboots: all(0, LONE) },
  },
  {
    name: 'lost-reply',
    open: open([
      { name: 'lost-reply', params: { node: 'w-1', method: 'Upgrade' } },
      { name: 'lost-reply', params: { node: 'w-1', method: 'Reboot' } },
      { name: 'lost-reply', params: { node: 'cp-1', method: 'Reboot' } },
    ]),
    outcome: 'upgraded',
    expected: { installs: all(1, LONE), reboots: all(1, LONE) },
  },
  {
    name: 'leader-moves',
    open: async () => aSmallScene(ONLY_CONTROL_PLANE),
    people: happening([onceLeading]),
    outcome: 'upgraded',
    expected: { installs: all(1, CONTROL_PLANE), reboots: all(1, CONTROL_PLANE) },
  },
  {
    name: 'stuck-terminating',
    open: open([
      { name: 'pod-slow', params: { node: 'w-1', ms: 2_500, grace: 30 } },
      { name: 'pod-held', params: { node: 'w-1' } },
    ]),
    people: leaving,
    outcome: 'upgraded',
    expected: { installs: all(1, LONE), reboots: all(1, LONE) },
  },
  {
    name: 'between',
    open: openBetween,
    outcome: 'upgraded',
    expected: { installs: all(1, LONE), reboots: all(1, LONE) },
  },
  {
    name: 'abort-midway',
    open: async () => aSmallScene(ONLY_CONTROL_PLANE),
    people: abortingInstalled,
    outcome: 'aborted',
    expected: { installs: all(0, ['cp-2', 'cp-3']), reboots: all(0, ['cp-2', 'cp-3']) },
    alsoWrong: wrongAbort,
  },
];
