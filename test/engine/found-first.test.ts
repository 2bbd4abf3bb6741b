// A node is left as the first cordon found it, whatever became of the Node object and of our marks on it since.
import { expect, it } from 'vitest';
import { aSmallScene, type Scene } from './scene.ts';

const NODE = 'w-1';
const UNMARKED = {
  annotations: { 'talos-chatops.dev/cordoned-by': null, 'talos-chatops.dev/was-unschedulable': null },
};

function onceDrained(scene: Scene, act: () => void): void {
  let done = false;
  scene.tap({
    after: ({ method }) => {
      if (method !== 'append' || done || scene.rollout.plan === null) return;
      if (!scene.facts('step-ended').some(({ step }) => step === scene.step(NODE, 'drain').id)) return;
      done = true;
      act();
    },
  });
}

function patched({ house }: Scene, patch: object): void {
  const answer = house.objects.api.patchNode(NODE, { patch, kind: 'merge', dryRun: false });
  if (answer.kind === 'refused') throw new Error(JSON.stringify(answer.status));
}

const results = (scene: Scene, kind: 'cordon' | 'uncordon') =>
  scene
    .facts('step-ended')
    .filter(({ step }) => step === scene.step(NODE, kind).id)
    .map(({ result }) => result);

interface Row {
  readonly name: string;
  readonly cordoned: boolean;
  readonly meanwhile: (scene: Scene) => void;
}

it.each<Row>([
  {
    name: 'found cordoned, and its Node was made anew after the drain',
    cordoned: true,
    meanwhile: (scene) => patched(scene, { metadata: UNMARKED, spec: { unschedulable: null } }),
  },
  {
    name: 'found schedulable, and lost our marks before it had to be drained again',
    cordoned: false,
    meanwhile: (scene) => {
      patched(scene, { metadata: UNMARKED });
      const { strays } = scene.house.objects;
      strays.pod({ namespace: 'shop', name: 'late', node: NODE, owner: 'StatefulSet' });
    },
  },
])('$name: it ends as it was found first', async ({ cordoned, meanwhile }) => {
  const scene = aSmallScene();
  const { objects } = scene.house;
  objects.setUnschedulable(NODE, cordoned);
  scene.audit.noteFound();
  onceDrained(scene, () => meanwhile(scene));
  await scene.plays();
  scene.audit.close();
  expect(scene.audit.broken).toEqual([]);
  expect(objects.isCordoned(NODE)).toBe(cordoned);
  const found = cordoned ? 'cordoned' : 'schedulable';
  expect(results(scene, 'cordon')).toEqual([{ found }, { found }]);
  expect(results(scene, 'uncordon')).toEqual([{ restored: found }]);
});

it('found under the cordon of another rollout, it counts as found when that one has put it back', async () => {
  const scene = aSmallScene();
  const { objects } = scene.house;
  const mark = (by: string | null, unschedulable: boolean | null): void =>
    patched(scene, {
      metadata: { annotations: { ...UNMARKED.annotations, 'talos-chatops.dev/cordoned-by': by } },
      spec: { unschedulable },
    });
  mark('r0', true);
  onceDrained(scene, () => mark(null, null));
  await scene.plays();
  expect(results(scene, 'cordon')).toEqual([{ found: 'cordoned', by: 'r0' }, { found: 'schedulable' }]);
  expect(results(scene, 'uncordon')).toEqual([{ restored: 'schedulable' }]);
  expect(objects.isCordoned(NODE)).toBe(false);
});
