// A person does a whole upgrade on the page with the real bot behind it: from typing the command to the last approval.
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { CLUSTER, raiseStage, type Stage } from '../../../playground/stage.ts';
import { browserNote, closeBrowser, closePages, hasBrowser, pageOf } from '../slack/page-rig.ts';

/** A whole upgrade, slowed down by a browser on a busy machine. */
const TEST_LIMIT_MS = 300_000;
/** How long the page may take to show what the cluster did meanwhile. */
const CLUSTER_MS = 60_000;

const stages: Stage[] = [];

/** The message that asks about the next control-plane node, of which so many were approved. */
async function openCard({ slack, journal }: Stage, approved: number): Promise<string> {
  const { platform: channel } = slack.channels;
  const asking = async (): Promise<string | undefined> => {
    const [id = ''] = await journal.recent(CLUSTER, 1);
    const opened = (await journal.read(CLUSTER, id)).flatMap(({ event }) =>
      event.kind === 'gate-opened' ? [event.gate.replace(/^gate:/, '')] : [],
    );
    const node = opened[approved];
    if (node === undefined) return undefined;
    const threads = slack.messages(channel).map(({ ts }) => slack.messages(channel, { thread: ts }));
    const offered = threads.flat().filter(({ buttons }) => buttons.some((one) => one.text === 'Approve'));
    return offered.find(({ text }) => text.startsWith(`${node} in `))?.ts;
  };
  await expect.poll(asking, { timeout: CLUSTER_MS }).toBeDefined();
  return (await asking()) ?? '';
}

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
    // Each click here waits for what the cluster does first, the one on Start for a whole plan.
    page.setDefaultTimeout(CLUSTER_MS);

    await page.keyboard.press('/');
    // The slash is already there: it is the key that puts the cursor into the composer.
    await page.keyboard.type('talos upgrade v1.13.5');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Start' }).click();

    const replies = page.getByRole('button', { name: /repl(y|ies)/ }).last();
    await replies.click();
    const thread = page.locator('#thread');
    for (const [turn, person] of ['2', '3', '2'].entries()) {
      // A browser that is behind may still show the button of the card before: each is found in its own message.
      const ts = await openCard(stage, turn);
      const approve = thread.locator(`[data-ts="${ts}"]`).getByRole('button', { name: 'Approve' });
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
