// Workers side by side: those that were judged together go together, and what changed since the plan makes a batch smaller.
import { stepsOf } from '../../src/rollout/plan.ts';
import { CLUSTER } from '../stage.ts';
import { upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
/** w-5 is alone in its zone, so it goes with nobody. */
const ZONES = { 'w-1': 'a', 'w-2': 'a', 'w-3': 'a', 'w-4': 'a', 'w-5': 'b' };
/** A pair of one batch that will hold the copies of one volume. */
const COPIED = ['w-1', 'w-2'] as const;

export const parallelWorkers: Scenario = {
  name: 'parallel-workers',
  sentence:
    'Two workers at a time, in batches the plan explains; then two of a batch come to hold the copies of one volume, and go one after the other.',
  world: { talosVersion: FROM, workers: 5, zones: ZONES, rebootMs: 400 },
  policy: { parallelWorkers: 2 },
  play: async (troupe) => {
    const watch = watchedWorkers(troupe);
    await troupe.command('requester', `/talos upgrade ${TO}`);
    await troupe.until('the batches in the plan, with a reason', () =>
      said(troupe, '_Batch 1:_ `w-1` `w-2`', '_Batch 3:_ `w-5`', 'in batches judged together'),
    );
    const [node, other] = COPIED;
    await troupe.stage.slack.fault({ name: 'longhorn-copies', node, other });
    await troupe.press('requester', 'rollout:start');
    await troupe.until(`${other} to wait for ${node}`, async () =>
      (await noteOf(troupe, other)).includes(`waiting: ${other} does not go together with ${node}`),
    );
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    const wrong = watch();
    if (wrong.length > 0) throw new Error(wrong.join('; '));
    if (!(await wentTogether(troupe, 'w-3', 'w-4'))) throw new Error('w-3 and w-4 went one after the other');
    if (await wentTogether(troupe, ...COPIED)) throw new Error(`${COPIED.join(' and ')} went together`);
  },
  expect: (measured) => upgradedWell(measured, TO),
};

/** Listens to the machines themselves; the answer says what is wrong with who was away at the same time. */
function watchedWorkers({ stage }: Troupe): () => readonly string[] {
  const { world } = stage.cluster;
  const strangers = new Set<string>();
  const stop = world.onChange(() => {
    const away = world.snapshot().awayNow;
    if (away.length > 1 && !away.every((name) => name === 'w-3' || name === 'w-4'))
      strangers.add([...away].sort().join(' and '));
  });
  return () => {
    stop();
    return [...strangers].map((pair) => `${pair} were away at once`);
  };
}

/** Whether one was begun before the other was through, by the journal: how long machines are away depends on how busy this one is. */
async function wentTogether(troupe: Troupe, one: string, other: string): Promise<boolean> {
  const rollout = await troupe.rollout();
  const steps = rollout === null || rollout.plan === null ? [] : stepsOf(rollout.plan);
  const at = (node: string, kind: 'cordon' | 'uncordon', when: 'at' | 'begunAt'): number => {
    const step = steps.find((candidate) => candidate.node === node && candidate.kind === kind);
    const state = step === undefined ? undefined : rollout?.steps.get(step.id);
    return state?.state === 'ended' ? state[when] : Number.NaN;
  };
  const overlap = (late: string, early: string): boolean =>
    at(late, 'cordon', 'begunAt') < at(early, 'uncordon', 'at');
  return overlap(one, other) && overlap(other, one);
}

/** What the node was last said to wait for: the card follows within seconds, which is longer than a node takes here. */
async function noteOf(troupe: Troupe, node: string): Promise<string> {
  const id = (await troupe.rollout())?.id ?? '';
  return (await troupe.stage.journal.notes(CLUSTER, id))[node]?.sentence ?? '';
}

function said(troupe: Troupe, ...words: readonly string[]): boolean {
  return troupe.everything().some(({ blocks }) => {
    const text = JSON.stringify(blocks);
    return words.every((word) => text.includes(word));
  });
}
