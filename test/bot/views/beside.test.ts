// What people read of backup and neighbours: in the plan, on the card, when held, and at the end.
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card.ts';
import { heldCard } from '../../../src/bot/views/held.ts';
import { planMessage } from '../../../src/bot/views/plan.ts';
import { summaryMessage } from '../../../src/bot/views/summary.ts';
import { aSceneBeside, VELERO } from '../../engine/beside.ts';
import { idle, type Scene } from '../../engine/scene.ts';

const textOf = (message: { readonly blocks: readonly unknown[] }): string => JSON.stringify(message.blocks);

function shownPlan({ rollout }: Scene): string {
  if (rollout.plan === null) throw new Error('there is no plan');
  const { cluster, plan, findings } = rollout;
  return textOf(planMessage({ cluster, plan, findings, use: 'thread' }));
}

describe('a rollout with a backup and neighbours', () => {
  it('names in its plan what is backed up, and who is suspended and resumed', async () => {
    const { scene } = aSceneBeside();
    scene.people = idle;
    scene.start();
    await scene.asks();
    await scene.until(({ phase }) => phase.phase === 'proposed');
    const plan = shownPlan(scene);
    expect(plan).toContain('2. Velero backup');
    expect(plan).toContain('all namespaces without kube-system, volumes file by file');
    expect(plan).toContain('3. Suspend neighbours');
    expect(plan).toContain('`Kustomization flux-system/apps`');
    expect(plan).toContain('6. Resume neighbours');
    expect(plan).toContain('After an abort too');
  });

  it('shows on the card how far the backup is, and that neighbours are suspended', async () => {
    const { scene } = aSceneBeside();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    const at = { policy: scene.house.policy, now: scene.house.time.now() };
    const backup = { sentence: 'backing up: 40 of 128 items', at: at.now };
    expect(textOf(card({ rollout: scene.rollout, notes: {}, ...at }))).toContain(
      '*Suspend neighbours* · 6 of 6',
    );
    const { scene: waiting, velero } = aSceneBeside();
    velero.fate = 'never-starts';
    waiting.start();
    await waiting.until(({ steps }) =>
      [...steps].some(([id, one]) => id.endsWith('-backup') && one.state === 'begun'),
    );
    expect(textOf(card({ rollout: waiting.rollout, notes: { Velero: backup }, ...at }))).toContain(
      '*Velero backup* · 0 of 1 · _backing up: 40 of 128 items_',
    );
  });

  it('asks about a backup that failed in part, and says what skipping means', async () => {
    const { scene, velero } = aSceneBeside();
    velero.fate = 'fails-in-part';
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'held');
    const { phase } = scene;
    if (phase.phase !== 'held') throw new Error('it is not held');
    const held = textOf(
      heldCard(
        scene.rollout,
        { held: phase.held, at: scene.house.time.now(), choice: null },
        scene.house.policy,
      ),
    );
    expect(held).toContain('Velero');
    expect(held).toContain('failed in part, with 2 errors and 1 warning');
    expect(held).toContain('*Retry* has another backup made');
    expect(held).toContain('*Skip* makes do with what there is of a backup and goes on with `w-1`');
  });

  it('says at the end what was backed up and who was resumed', async () => {
    const { scene } = aSceneBeside({ policy: { velero: { ...VELERO } } });
    await scene.plays();
    const summary = textOf(summaryMessage(scene.rollout));
    expect(summary).toContain('Velero backup: `talos-chatops-r1-1` (128 items, 1 warning)');
    expect(summary).toContain('Resumed as found:');
    expect(summary).toContain('`Application argocd/shop`');
    expect(summary).toContain('Left suspended, as found: `Kustomization flux-system/frozen`');
  });
});
