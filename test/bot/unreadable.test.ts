// A journal with an entry that this version must not act on: people hear of it in the thread and in the status, and nothing else stops.
import { expect, test, vi } from 'vitest';
import { lineTail, linkOf, sealLine } from '../../src/store/entry.ts';
import { aFinding } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { type Rig, raise } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const begun = (): RolloutStory =>
  aRollout({ workers: ['worker-1'], controlPlane: ['cp-1'] })
    .planned()
    .started();

/** A rollout that runs, and what a newer version of the bot wrote into it. */
async function spoiled(line: (n: number) => string): Promise<Rig> {
  const rig = await raise({ clusters: ['prod', 'lab'] });
  const story = begun();
  await rig.tell(story);
  rig.journal.plant('prod', story.id, line(story.entries.length + 1));
  return rig;
}

const ofTheFuture = (n: number) => JSON.stringify({ n, v: 99, kind: 'cloned', data: {} });

test('the thread shows what could be read, says where it ends and what helps, once', async () => {
  const it = await spoiled(ofTheFuture);
  await it.bot();
  const word = await it.until('the word', () =>
    it.replies().find((reply) => reply.text.includes('cannot be read')),
  );
  expect(JSON.stringify(word.blocks)).toMatch(
    /Entry \d+ of rollout .* schema version 99 .*Start the version of the bot that wrote it/,
  );
  expect(it.cards()).toHaveLength(1);
  await it.journal.note('prod', 'somewhere', 'cp-1', 'chatter');
  await (await it.bot('bot-2')).stop();
  expect(it.replies().filter((reply) => reply.text.includes('cannot be read'))).toHaveLength(1);
});

test('facts that contradict each other are told of in the same way', async () => {
  const story = aRollout({ workers: ['worker-1'], controlPlane: ['cp-1'] })
    .planned()
    .started();
  const it = await raise({ clusters: ['prod', 'lab'] });
  await it.tell(story);
  const lines = it.journal.linesOf('prod', story.id);
  const tail = lineTail({ kind: 'step-outdated', step: 'no-such-step', why: 'x' }, { kind: 'clock' });
  const seal = { n: lines.length + 1, at: Date.now(), prev: linkOf(lines.at(-1) ?? ''), tail };
  it.journal.plant('prod', story.id, sealLine(seal));
  await it.bot();
  const word = await it.until('the word', () =>
    it.replies().find((reply) => reply.text.includes('cannot be read')),
  );
  expect(JSON.stringify(word.blocks)).toMatch(/Entry \d+ of rollout .* it contradicts what is before it/);
  expect(it.cards()).toHaveLength(1);
});

test('a fact with something else in one of its fields is told of in the same way', async () => {
  const it = await raise({ clusters: ['prod', 'lab'] });
  const story = aRollout({ workers: ['worker-1'], controlPlane: ['cp-1'] })
    .planned()
    .started();
  await it.tell(story);
  const lines = it.journal.linesOf('prod', story.id);
  const fact = { by: { kind: 'clock' }, v: 1, kind: 'finished', data: { outcome: 'nonsense' } };
  const seal = { n: lines.length + 1, at: Date.now(), prev: linkOf(lines.at(-1) ?? '') };
  it.journal.plant('prod', story.id, sealLine({ ...seal, tail: JSON.stringify(fact).slice(1) }));
  await it.bot();
  const word = await it.until('the word', () =>
    it.replies().find((reply) => reply.text.includes('cannot be read')),
  );
  expect(JSON.stringify(word.blocks)).toMatch(
    /Entry \d+ of rollout .* the outcome of its finished is .*nonsense/,
  );
});

test('the status says it of that cluster, and tells of the others', async () => {
  const it = await spoiled(() => 'half a line');
  await it.bot();
  const { users, channels } = it.slack;
  await it.slack.command(users.bystander, channels.platform, '/talos status');
  const status = await it.until('the status', () => it.private(users.bystander)[0]);
  const said = JSON.stringify(status.blocks);
  expect(said).toMatch(/\*prod\* · held: its journal cannot be read/);
  expect(said).toContain('it is not a JSON object');
  expect(said).toContain('free the cluster by hand');
  expect(said).toContain('*lab* · nothing is running');
});

test('whoever wants something of it, or of its cluster, is told why not', async () => {
  const it = await spoiled(ofTheFuture);
  await it.bot();
  const { users, channels } = it.slack;
  const asks = ['/talos pause prod', '/talos upgrade prod v1.13.6', '/talos why prod'];
  for (const [index, text] of asks.entries()) {
    await it.slack.command(users.requester, channels.platform, text);
    const answers = await it.until('an answer', () => {
      const all = it.private(users.requester).filter((one) => one.text.includes('cannot be read'));
      return all.length > index ? all : undefined;
    });
    expect(answers[index]?.text).toContain('Start the version of the bot that wrote it');
  }
});

const unsettled = (): RolloutStory =>
  aRollout({ workers: ['worker-1'], controlPlane: ['cp-1'] }).planned([
    aFinding('blocker', { check: 'flux', sentence: 'Kustomization apps is suspended.' }),
  ]);

test.each<readonly [string, () => RolloutStory]>([
  ['gate:approve', () => begun().pulled().node('worker-1', 'done').gate('cp-1')],
  ['gate:deny', () => begun().pulled().node('worker-1', 'done').gate('cp-1')],
  ['rollout:override:flux', unsettled],
  ['rollout:handover', begun],
])('whoever presses %s is told the same, and no modal opens', async (action, told) => {
  const it = await raise({ clusters: ['prod', 'lab'] });
  const story = told();
  await it.tell(story);
  await it.bot();
  const { approver } = it.slack.users;
  await it.until('the button', () =>
    [...it.cards(), ...it.replies()].some(({ buttons }) => buttons.some((one) => one.action_id === action)),
  );
  it.journal.plant('prod', story.id, ofTheFuture(story.entries.length + 1));
  await it.slack.action({ user: approver, channel: it.slack.channels.platform, action_id: action });
  const said = await it.until('the answer', () => it.private(approver)[0]);
  expect(said.text).toMatch(
    /^Entry \d+ of rollout .* schema version 99 .*Start the version of the bot that wrote it/,
  );
  expect(it.slack.state(approver).views).toEqual([]);
});
