// How close together one message is edited: never closer than Slack recommends, also when the state changes and people click.
import { expect, test, vi } from 'vitest';
import { aRollout } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

/** Slack's 3 s, less what a call may take longer on its way than the next one on a busy machine; without them it would be 300 ms. */
const APART_MS = 2_000;

interface Call {
  readonly atMs: number;
  readonly kind: string;
  readonly name: string;
  readonly detail: { readonly args?: { readonly ts?: string } };
}

/** When the card was edited, in milliseconds, oldest first. */
async function editsOfCard(it: Rig): Promise<readonly number[]> {
  const answer = await fetch(`${it.slack.url}/ctl/journal?last=2000`);
  const { entries } = (await answer.json()) as { readonly entries: readonly Call[] };
  const card = it.cards()[0]?.ts;
  return entries
    .filter(({ kind, name, detail }) => kind === 'call' && name === 'chat.update' && detail.args?.ts === card)
    .map(({ atMs }) => atMs);
}

test('changes of state that follow one another are shown together, 3 s after the edit before', async () => {
  const it = await withBot();
  const story = aRollout({ channel: it.slack.channels.platform });
  await it.tell(story.planned());
  await it.until('the card', () => it.cards()[0]?.text.includes('Proposed'));
  await it.tell(story.started());
  await it.until('the start', () => it.cards()[0]?.text.includes('Running'));
  await it.tell(story.paused());
  await it.tell(story.resumed());
  await it.tell(story.aborted());
  await it.until('the end', () => /Ending|Putting back/.test(it.cards()[0]?.text ?? ''));
  const edits = await editsOfCard(it);
  expect(edits).toHaveLength(2);
  const [first = 0, second = 0] = edits;
  expect(second - first).toBeGreaterThanOrEqual(APART_MS);
});
