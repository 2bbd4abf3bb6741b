// One server of a Redis Cluster is away: people read which clusters nobody can tell of now, and of the others what is so.
import { describe, expect, test, vi } from 'vitest';
import { homeView } from '../../src/bot/views/home.ts';
import { type ClusterStatus, statusMessage } from '../../src/bot/views/status.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { aPolicy, REQUESTER } from '../builders/plan.ts';
import { aRollout, CHANNEL } from '../builders/rollout.ts';
import { type Rig, raise } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const SILENT = 'Redis at 127.0.0.1:6379 does not answer.';
const SAID =
  '*lab* · cannot be read now, so what runs there is not known: Redis at 127.0.0.1:6379 does not answer';

/** `prod` runs, and the journals of these clusters lie on a server that is away. */
async function without(...away: readonly string[]): Promise<Rig> {
  const it = await raise({ clusters: ['lab', 'prod'] });
  const claimOf = it.journal.claimOf.bind(it.journal);
  it.journal.claimOf = (cluster) =>
    away.includes(cluster) ? Promise.reject(new Fault('unreachable', SILENT)) : claimOf(cluster);
  await it.tell(aRollout({ channel: it.slack.channels.platform }).underWay());
  await it.bot();
  return it;
}

async function status(it: Rig, typed: string): Promise<string> {
  const { users, channels } = it.slack;
  await it.slack.command(users.bystander, channels.platform, typed);
  const said = await it.until('the status', () => it.private(users.bystander)[0]);
  return `${said.text} ${JSON.stringify(said.blocks)}`;
}

test('the status says it of that cluster, and tells of the others', async () => {
  const said = await status(await without('lab'), '/talos status');
  expect(said).toContain('Running on prod; cannot be read now: lab.');
  expect(said).toContain(SAID);
  expect(said).toContain('*prod* · the upgrade of prod');
});

test('the status of that cluster alone says why nobody can tell', async () => {
  const said = await status(await without('lab'), '/talos status lab');
  expect(said).toContain(SAID);
  expect(said).not.toContain('prod');
});

test('the App Home says it of that cluster, and tells of the others', async () => {
  const it = await without('lab');
  await it.slack.home(it.slack.users.requester);
  const home = await it.until('the home', () => it.slack.state(it.slack.users.requester).home ?? undefined);
  const said = JSON.stringify(home.blocks);
  expect(said).toContain(SAID);
  expect(said).toContain('Nothing is known to wait for you: not every cluster can be read now.');
  expect(said).toContain('rollout:pause:prod');
  expect(said).not.toContain(':lab"');
});

const at = (cluster: string, told: Partial<ClusterStatus> = {}): ClusterStatus => ({
  ...{ cluster, channel: CHANNEL, running: null, last: null },
  ...told,
});
const running = { rollout: aRollout().underWay().rollout, url: null };

describe('the first words of a status', () => {
  test.each<readonly [string, readonly ClusterStatus[]]>([
    ['Running on a; cannot be read now: b.', [at('a', { running }), at('b', { away: SILENT })]],
    [
      'Nothing is known to be running on any cluster; cannot be read now: b.',
      [at('a'), at('b', { away: SILENT })],
    ],
    [
      'Nothing is known to be running on any cluster; held, with a journal that cannot be read: a; cannot be read now: b.',
      [at('a', { unreadable: 'Entry 7 is of a newer version.' }), at('b', { away: SILENT })],
    ],
    [
      'No cluster can be read now, so what runs there is not known.',
      [at('a', { away: SILENT }), at('b', { away: SILENT })],
    ],
    ['Nothing is running on any cluster.', [at('a'), at('b')]],
  ])('are: %s', (says, statuses) => {
    expect(statusMessage(statuses, 0).text).toBe(says);
  });
});

test('a cluster that cannot be read stands before those where nothing runs', () => {
  const quiet = Array.from({ length: 25 }, (_, one) => at(`quiet-${one}`));
  const statuses = [...quiet, at('lab', { away: SILENT })];
  const clusters = statuses.map((one) => ({ ...one, policy: aPolicy() }));
  const home = JSON.stringify(homeView({ user: REQUESTER, clusters, now: 0 }));
  for (const text of [home, JSON.stringify(statusMessage(statuses, 0).blocks)]) {
    expect(text).toContain(SAID);
    expect(text.indexOf(SAID)).toBeLessThan(text.indexOf('*quiet-0* ·'));
  }
});
