// `/talos check` against a local Slack: whoever asks is answered, nobody else sees it, and nothing begins.
import { expect, test, vi } from 'vitest';
import type { ErrandReport } from '../../src/engine/ports/errands.ts';
import { aFinding } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';
import { withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const CHECKED: ErrandReport = {
  kind: 'checked',
  findings: [aFinding('warning', { sentence: 'Something is odd.' })],
  nodes: { controlPlane: 3, workers: 2 },
  runs: { talos: { oldest: 'v1.13.4', newest: 'v1.13.4' }, kubernetes: null },
};

test.each([
  ['a report', CHECKED, 'Something is odd.'],
  [
    'a worker that cannot',
    { kind: 'failed', sentence: 'No worker answered.' } as const,
    'No worker answered.',
  ],
  [
    'a worker that answers another question',
    { kind: 'setup', lines: [] } as const,
    'the worker answered something else',
  ],
])('%s is told privately to anybody who asks, and starts nothing', async (_, report, says) => {
  const it = await withBot({ report });
  const { users, channels } = it.slack;
  await it.slack.command(users.bystander, channels.platform, '/talos check');
  const told = await it.until('the answer', () => it.private(users.bystander)[1]);
  expect(it.private(users.bystander)[0]?.text).toContain('Looking at how prod is');
  expect(JSON.stringify(told.blocks)).toContain(says);
  expect(it.private(users.requester)).toEqual([]);
  expect(it.cards()).toEqual([]);
  expect(await it.newest()).toBeNull();
});

test('while a rollout has the cluster, the answer begins with that', async () => {
  const it = await withBot({ report: CHECKED });
  await it.tell(aRollout({ cluster: 'prod' }).planned().started());
  const { users, channels } = it.slack;
  await it.slack.command(users.bystander, channels.platform, '/talos check');
  const told = await it.until('the answer', () => it.private(users.bystander)[1]);
  expect(JSON.stringify(told.blocks)).toContain('has the cluster');
});
