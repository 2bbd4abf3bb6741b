// A person does a whole upgrade on the page with the real bot behind it: from typing the command to the last approval.
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { raiseStage, type Stage } from '../../../playground/stage.ts';
import { browserNote, closeBrowser, closePages, hasBrowser, pageOf } from '../slack/page-rig.ts';

/** A whole upgrade, slowed down by a browser on a busy machine. */
const TEST_LIMIT_MS = 120_000;
/** How long the page may take to show what the cluster did meanwhile. */
const CLUSTER_MS = 40_000;

const stages: Stage[] = [];

afterEach(async () => {
  await closePages();
  for (const stage of stages.splice(0)) await stage.stop();
});
afterAll(closeBrowser);

describe.skipIf(!hasBrowser)(`the page with the real bot${browserNote}`, { timeout: TEST_LIMIT_MS }, () => {
  test('takes a cluster from the typed command to the last approval', async () => {
    const stage = await raiseStage({
      world: { talosVersion: 'v1.13.4', workers: 2, pullMs: 100, installMs: 100, rebootMs: 300, drainMs: 50 },
      port: 0,
      pollMs: 50,
      onLine: () => undefined,
    });
    stages.push(stage);
    const problems: string[] = [];
    const page = await pageOf(stage.slack, problems);

    await page.keyboard.press('/');
    // The slash is already there: it is the key that puts the cursor into the composer.
    await page.keyboard.type('talos upgrade v1.13.5');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Start' }).click();

    const replies = page.getByRole('button', { name: /repl(y|ies)/ }).last();
    await replies.click();
    const thread = page.locator('#thread');
    for (const [turn, person] of ['2', '3', '2'].entries()) {
      const approve = thread.getByRole('button', { name: 'Approve' });
      await approve.waitFor({ timeout: CLUSTER_MS });
      await page.keyboard.press(`Alt+${person}`);
      await approve.click();
      await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
      await expect
        .poll(
          () =>
            stage.cluster.world
              .snapshot()
              .nodes.filter((n) => n.role === 'control-plane' && n.counters.installs > 0).length,
          { timeout: CLUSTER_MS },
        )
        .toBe(turn + 1);
    }
    await thread
      .getByText(/upgraded/i)
      .first()
      .waitFor({ timeout: CLUSTER_MS });

    const { nodes, rebootOrder, maxControlPlaneAwayAny } = stage.cluster.world.snapshot();
    expect(nodes.map((node) => node.version)).toEqual(nodes.map(() => 'v1.13.5'));
    expect(rebootOrder[0]).toBe('w-1');
    expect(rebootOrder).toHaveLength(nodes.length);
    expect(maxControlPlaneAwayAny).toBe(1);
    expect(problems).toEqual([]);
  });
});
