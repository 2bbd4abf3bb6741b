// Stories of what a rollout meets later on its way: soaks, nodes that come back otherwise than they should, pods that return, armed nodes.
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import type { PortCall } from '../../playground/doubles/mortal.ts';
import type { EventKind, RolloutEvent } from '../../src/rollout/event.ts';
import { stepsOf } from '../../src/rollout/plan.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { lastingSoak } from '../../src/rollout/soak.ts';
import type { Step } from '../../src/rollout/step.ts';
import { givenUp } from './left-armed.ts';
import { aLoneScene } from './lone.ts';
import { APPROVER, aSmallScene, REQUESTER, type Scene, type SceneOptions } from './scene.ts';
import { all } from './stories.ts';
import type { Story } from './story.ts';
import { besides, leaving } from './troubled-stories.ts';

const SMALL = ['cp-1', 'cp-2', 'cp-3', 'w-1'];
const SOAK_MS = 120_000;
/** How much later than due a soak may end: nobody lives for half a minute after a crash, and then somebody must look. */
const LATE_MS = 60_000;
const FROM = 'v1.13.4';
const TO = 'v1.13.5';
const DECISIONS: readonly EventKind[] = ['retried', 'skipped', 'aborted'];
/** The leader of etcd, which is asked to forfeit before it goes. */
const LEADER = 'cp-3';

const isHeldAt = ({ phase }: Rollout, node: string): boolean =>
  phase.phase === 'held' && phase.held.kind === 'failed' && phase.held.node === node;

/** Somebody mends the node, and says "again". */
const mending = besides((scene, rollout) => {
  if (!isHeldAt(rollout, 'w-1')) return null;
  scene.house.world.heal();
  return { intent: { kind: 'retry' }, user: REQUESTER };
});

/** They say "again" once, see that nothing is better, and leave the node behind. */
const givingUp = besides((scene, rollout) => {
  if (!isHeldAt(rollout, 'w-1')) return null;
  const intent = scene.facts('step-failed').length < 2 ? 'retry' : 'skip';
  return { intent: { kind: intent }, user: REQUESTER };
});

/** A node of the control plane cannot be left behind: they end it. */
const ending = besides((_scene, rollout) =>
  isHeldAt(rollout, 'cp-1') ? { intent: { kind: 'abort' }, user: REQUESTER } : null,
);

/** They wait for the canary, and not for what is watched after it. */
const continuing = besides((scene, rollout) => {
  const lasting = lastingSoak(rollout, scene.house.time.now());
  const [, second] = soaksOf(rollout);
  return lasting !== null && lasting.step.id === second?.id
    ? { intent: { kind: 'continue' }, user: REQUESTER }
    : null;
});

function soaksOf({ plan }: Rollout): readonly Step[] {
  return plan === null ? [] : stepsOf(plan).filter(({ kind }) => kind === 'soak');
}

/** When such a fact about this step was written for the first time, in milliseconds since 1970; null when it never was. */
function whenFirst({ audit }: Scene, kind: EventKind, step: string): number | null {
  const isIt = (event: RolloutEvent): boolean =>
    event.kind === kind && 'step' in event && event.step === step;
  return audit.entries.find(({ event }) => isIt(event))?.at ?? null;
}

/** A rollout over three machines, quicker to play where nothing depends on how many the control plane has. */
function openLone(prepare: (scene: Scene) => void, options: () => SceneOptions = () => ({})): Story['open'] {
  return async () => {
    const scene = aLoneScene(options());
    prepare(scene);
    return scene;
  };
}

/** Of a cluster with an upgrade mutex: a node that another rollout installed and did not restart; whoever drove that one is gone. */
function openArmed(kind: 'finish-node' | 'disarm-node', node: string): Story['open'] {
  return async () => {
    const after = await givenUp({ guarded: true });
    for (const process of after.house.living) process.kill();
    return aSmallScene({ after, goal: { kind, node }, id: 'r2' });
  };
}

/** The canary boots cold, and no other node does. */
function watchModes(scene: Scene): void {
  const before = ({ method, args: [address, mode] }: PortCall): void => {
    if (method !== 'reboot') return;
    const node = scene.house.world.find(String(address))?.node.name;
    const expected = node === 'w-1' ? 'powercycle' : 'default';
    if (mode !== expected) scene.audit.broken.push(`${node} restarts by ${String(mode)}`);
  };
  scene.tap({ before });
}

/** One soak lasts as long as the policy says, from the canary's own end, and one is cut short by a named person, once. */
function wrongSoaks(scene: Scene): readonly string[] {
  const [first, second] = soaksOf(scene.rollout);
  if (first === undefined || second === undefined) return ['there are no two soaks'];
  const since = whenFirst(scene, 'step-ended', scene.step('w-1', 'uncordon').id) ?? 0;
  const until = whenFirst(scene, 'step-ended', first.id) ?? 0;
  const lasted = until - since;
  const next = whenFirst(scene, 'step-begun', scene.step('w-2', 'cordon').id) ?? 0;
  const shortened = scene.facts('soak-shortened').map(({ step, user }) => `${step} by ${user}`);
  const began = whenFirst(scene, 'step-ended', scene.step('w-2', 'uncordon').id) ?? 0;
  const over = whenFirst(scene, 'step-ended', second.id) ?? 0;
  return [
    ...(lasted >= SOAK_MS && lasted < SOAK_MS + LATE_MS ? [] : [`the canary soaked for ${lasted} ms`]),
    ...(next >= until ? [] : ['w-2 was touched while the canary soaked']),
    ...(over - began < SOAK_MS ? [] : ['what was cut short lasted as long as before']),
    ...(shortened.join() === `${second.id} by ${REQUESTER}` ? [] : [`cut short: ${shortened.join()}`]),
  ];
}

/** It was held as often as it should, and nothing begins between that moment and the one in which somebody decided. */
const wrongWhileHeld =
  (times: number) =>
  (scene: Scene): readonly string[] => {
    let isHeld = false;
    const failures = scene.facts('step-failed').length;
    const begun = scene.audit.entries.flatMap(({ event }) => {
      if (event.kind === 'step-failed') isHeld = true;
      if (DECISIONS.includes(event.kind)) isHeld = false;
      return isHeld && event.kind === 'step-begun' ? [`${event.step} began while it was held`] : [];
    });
    return [...begun, ...(failures === times ? [] : [`held ${failures} times, not ${times}`])];
  };

/** What came back was left by two people's word, said once, and by no one's alone. */
function wrongLeave(scene: Scene): readonly string[] {
  const decided = scene.facts('drain-decided').map(({ askedBy, user }) => `${askedBy} and ${user}`);
  return decided.join() === `${REQUESTER} and ${APPROVER}` ? [] : [`left by ${decided.join() || 'nobody'}`];
}

const atTheEnd =
  (versions: Readonly<Record<string, string>>, besidesThat: Story['alsoWrong'] = () => []) =>
  (scene: Scene): readonly string[] => {
    const run = scene.versions();
    const wrong = Object.keys(versions).filter((node) => run[node] !== versions[node]);
    return [...wrong.map((node) => `${node} runs ${run[node]}`), ...besidesThat(scene)];
  };

/** It was asked to hand over before it went; asking again what no longer leads is harmless. */
function wrongHandOver({ audit }: Scene): readonly string[] {
  const asked = audit.effects.some(({ name }) => name === `forfeitLeadership ${LEADER}`);
  return asked ? [] : [`${LEADER} did not hand over`];
}

/** What waits for its restart is installed everywhere; only the named node is restarted, and in the named way. */
function armedStory(kind: 'finish-node' | 'disarm-node', node: string): Story {
  const isFinished = kind === 'finish-node';
  return {
    name: `${kind} ${node}`,
    open: openArmed(kind, node),
    outcome: isFinished ? 'upgraded' : 'disarmed',
    expected: {
      installs: all(1, SMALL),
      reboots: { ...all(0, SMALL), ...(isFinished ? { [node]: 1 } : {}) },
      rollbacks: { ...all(0, SMALL), ...(isFinished ? {} : { [node]: 1 }) },
    },
    alsoWrong: atTheEnd({ [node]: isFinished ? TO : FROM }, node === LEADER ? wrongHandOver : undefined),
  };
}

export const LATER_STORIES: readonly Story[] = [
  {
    name: 'canary',
    open: openLone(watchModes, () => ({
      estate: new SimulatedEstate().reader,
      world: { workers: 2 },
      policy: {
        order: 'canary',
        canary: { node: 'w-1', rebootMode: 'powercycle' },
        soak: { workersMs: 0, canaryMs: SOAK_MS, stagesMs: SOAK_MS },
      },
    })),
    people: continuing,
    outcome: 'upgraded',
    expected: { installs: all(1, ['cp-1', 'w-1', 'w-2']), reboots: all(1, ['cp-1', 'w-1', 'w-2']) },
    alsoWrong: wrongSoaks,
  },
  {
    name: 'never-ready',
    open: openLone((scene) => scene.house.world.inject('never-ready', { node: 'w-1' })),
    people: mending,
    outcome: 'upgraded',
    expected: { installs: all(1, ['cp-1', 'w-1']), reboots: all(1, ['cp-1', 'w-1']) },
    alsoWrong: atTheEnd({ 'cp-1': TO, 'w-1': TO }, wrongWhileHeld(1)),
  },
  {
    name: 'fell-back',
    open: openLone((scene) => scene.house.world.inject('falls-back', { node: 'w-1' })),
    people: givingUp,
    outcome: 'upgraded',
    expected: { installs: all(1, ['cp-1', 'w-1']), reboots: all(1, ['cp-1', 'w-1']) },
    alsoWrong: atTheEnd({ 'cp-1': TO, 'w-1': FROM }, wrongWhileHeld(2)),
  },
  {
    name: 'fell-back-control-plane',
    open: async () => {
      const scene = aSmallScene({ world: { workers: 0 } });
      scene.house.world.inject('falls-back', { node: 'cp-1' });
      return scene;
    },
    people: ending,
    outcome: 'aborted',
    expected: {
      installs: { 'cp-1': 1, 'cp-2': 0, 'cp-3': 0 },
      reboots: { 'cp-1': 1, 'cp-2': 0, 'cp-3': 0 },
    },
    alsoWrong: atTheEnd({ 'cp-1': FROM, 'cp-2': FROM, 'cp-3': FROM }, wrongWhileHeld(1)),
  },
  {
    name: 'pod-returns',
    open: openLone((scene) => scene.house.world.inject('pod-returns', { node: 'w-1' })),
    people: leaving,
    outcome: 'upgraded',
    expected: { installs: all(1, ['cp-1', 'w-1']), reboots: all(1, ['cp-1', 'w-1']) },
    alsoWrong: wrongLeave,
  },
  armedStory('finish-node', 'w-1'),
  armedStory('finish-node', LEADER),
  armedStory('disarm-node', 'w-1'),
  armedStory('disarm-node', LEADER),
];
