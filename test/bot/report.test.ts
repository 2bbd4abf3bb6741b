// The whole of a plan as a file in its thread, where the message has to fold it.
import { expect, test, vi } from 'vitest';
import { threadOf } from '../../src/bot/thread.ts';
import { isFolded, reportOf } from '../../src/bot/views/report.ts';
import type { Finding } from '../../src/checks/finding.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';
import { raise } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `worker-${at + 1}`);
const finding = (level: Finding['level'], at = 0): Finding => ({
  check: 'capacity',
  level,
  subject: `worker-${at}`,
  sentence: `worker-${at} is full.`,
  advice: 'Add a node.',
});

function planOf(workers: number) {
  const { plan } = aRollout({ workers: names(workers) }).planned().rollout;
  if (plan === null) throw new Error('the rollout has no plan');
  return plan;
}

test('a plan is folded when a stage has many nodes, or many findings are loud', () => {
  expect(isFolded(planOf(3), [])).toBe(false);
  expect(isFolded(planOf(21), [])).toBe(true);
  const many = (level: Finding['level']) => Array.from({ length: 13 }, (_, at) => finding(level, at));
  expect(isFolded(planOf(3), many('warning'))).toBe(true);
  expect(isFolded(planOf(3), many('ok'))).toBe(false);
});

/** A plan whose workers go in this many batches of one, each with a reason. */
function inBatches(workers: number, batches: number) {
  const plan = planOf(workers);
  const stages = plan.stages.map((stage) =>
    stage.id === 'workers'
      ? {
          ...stage,
          batches: stage.lanes
            .slice(0, batches)
            .map(({ id, node }) => ({ lanes: [id], why: [`${node}: pdb shop/${node} lets 1 pod go`] })),
        }
      : stage,
  );
  return { ...plan, stages };
}

test('a plan is folded when a stage has more batches than the card tells, however few its nodes are', () => {
  expect(isFolded(inBatches(13, 10), [])).toBe(false);
  expect(isFolded(inBatches(13, 13), [])).toBe(true);
});

test('a plan is folded when a sentence is longer than the card tells', () => {
  const long = (length: number) => [{ ...finding('warning'), sentence: 'x'.repeat(length) }];
  expect(isFolded(planOf(3), long(300))).toBe(false);
  expect(isFolded(planOf(3), long(301))).toBe(true);
});

test('the report has every batch with its reasons, why the stages go as they do, and how long it takes', () => {
  const estimate = { upgrades: 3, typicalMs: 3_600_000, slowMs: 7_200_000, nodes: { 'worker-7': 240_000 } };
  const reported = { cluster: 'prod', noun: 'the upgrade', plan: inBatches(13, 13), findings: [], estimate };
  const { text } = reportOf(reported);
  for (const [at, node] of names(13).entries())
    expect(text).toContain(`   Batch ${at + 1}: ${node}; not with them: ${node}: pdb shop/${node} lets`);
  expect(text).toContain('the etcd leader goes last');
  expect(text).toContain('About 60 min without waiting for people, 2 h when all of it is slow');
  expect(text).toMatch(/^ {3}worker-7 .*, about 4 min: /m);
});

test('what others wrote cannot pass for a line of the report', () => {
  const forged = 'It waits.\nFine (99)\r\n   capacity, cluster: \u202eAll is well.';
  const findings = [
    { ...finding('blocker'), sentence: forged, subject: 'a\nFine (98)', advice: `Wait.\n${forged}` },
  ];
  const { text } = reportOf({ cluster: 'prod', noun: 'x\nFine (97)', plan: null, findings });
  expect(text.split('\n').filter((line) => /^(Fine|capacity| {3}capacity, cluster)/.test(line))).toEqual([]);
  expect(text).not.toContain('\u202e');
});

test('the report has every node, every finding, and what was not checked', () => {
  const findings = [finding('skipped', 3), finding('warning', 1), finding('blocker', 2), finding('ok', 4)];
  const { name, text } = reportOf({ cluster: 'prod', noun: 'the upgrade', plan: planOf(40), findings });
  expect(name).toBe('plan-prod.txt');
  for (const node of names(40)) expect(text).toContain(`   ${node} `);
  const at = ['Blockers (1)', 'Warnings (1)', 'Fine (1)', 'Not checked (1)'].map((title) =>
    text.indexOf(title),
  );
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(at[0]).toBeGreaterThan(0);
  expect(text).toContain('What to do: Add a node.');
});

test('a wish that was blocked has all of its findings in a file, where its card leaves some out', async () => {
  const at = await raise({});
  const blocked = (count: number, id: string) =>
    aRollout({ id }).declined(
      'blocked',
      'Much is wrong.',
      Array.from({ length: count }, (_, n) => ({
        ...finding('blocker', n),
        sentence: `Trouble ${n}.`,
      })),
    );
  await at.tell(blocked(40, 'rblocked40'));
  await at.bot('bot-1');
  await at.until('the file', () => at.replies().some(({ files }) => files.length === 1));
  const [file] = at.replies().flatMap(({ files }) => files);
  expect(file?.name).toBe('findings-prod.txt');
  expect(file?.preview).toContain('No plan for the upgrade of prod');
  expect(at.cards()).toHaveLength(1);
});

test('a short one has none', () => {
  const story = aRollout().declined('blocked', 'Much is wrong.', [finding('blocker', 1)]);
  const thread = threadOf({ entries: story.entries, policy: aPolicy(), notes: {}, now: story.now });
  expect(thread?.slots.map(({ name }) => name)).toEqual(['card']);
});

test('without a plan the report is of what was found', () => {
  const { text } = reportOf({
    cluster: 'prod',
    noun: 'the upgrade',
    plan: null,
    findings: [finding('blocker', 7)],
  });
  expect(text).toBe(
    'No plan for the upgrade: what was found\n\nBlockers (1)\n   capacity, worker-7: worker-7 is full.\n      What to do: Add a node.\n',
  );
});

test('the file comes into the thread once, and stays when somebody else speaks', async () => {
  const rig = await raise({});
  const story = aRollout({ workers: names(25) }).planned();
  await rig.tell(story);
  const first = await rig.bot('bot-1');
  const files = () => rig.replies().flatMap((reply) => reply.files) ?? [];
  await rig.until('the file', () => files().length === 1);
  expect(files()).toMatchObject([{ name: 'plan-prod.txt', mimetype: 'text/plain' }]);
  expect(files()[0]?.preview).toContain('worker-1 ');
  await first.stop();
  await rig.tell(story.started());
  await rig.bot('bot-2');
  await rig.until(
    'the start',
    () => rig.replies().some((reply) => reply.text.includes('was started by')) === true,
  );
  expect(files()).toHaveLength(1);
});
