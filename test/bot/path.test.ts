// `/talos path` against a local Slack: a worker's answer reaches whoever asked, and nobody else.
import { expect, test, vi } from 'vitest';
import type { ErrandReport } from '../../src/engine/ports/errands.ts';
import { withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const FOUND: ErrandReport = {
  kind: 'path',
  found: {
    kind: 'found',
    path: {
      v: 1,
      hops: [
        {
          kind: 'talos',
          from: 'v1.12.11',
          to: 'v1.13.9',
          notesUrl: 'https://git.example/v1.13.9',
          why: 'Because.',
        },
      ],
    },
    notes: [],
  },
  runs: { talos: { oldest: 'v1.12.11', newest: 'v1.12.11' }, kubernetes: null },
  target: { talos: '1.13', kubernetes: null },
  sources: [],
  troubles: [],
};

test.each([
  ['a path', FOUND, 'in *1 hop*'],
  [
    'a worker that cannot',
    { kind: 'failed', sentence: 'No worker answered.' } as const,
    'No worker answered.',
  ],
  [
    'a worker that answers another question',
    { kind: 'declined', outcome: 'refused', sentence: 'No.', findings: [] } as const,
    'the worker answered something else',
  ],
])('%s is told privately, and starts nothing', async (_, report, says) => {
  const it = await withBot({ report });
  const { users, channels } = it.slack;
  await it.slack.command(users.bystander, channels.platform, '/talos path 1.13');
  const told = await it.until('the answer', () => it.private(users.bystander)[1]);
  expect(JSON.stringify(told.blocks)).toContain(says);
  expect(await it.newest()).toBeNull();
});
