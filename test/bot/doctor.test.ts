// `/talos doctor` against a local Slack: each thing that can lack is told with what to do, privately, and nothing is posted.
import { describe, expect, test, vi } from 'vitest';
import { readManifest } from '../../playground/slack/manifest.ts';
import { SCOPES } from '../../src/bot/doctor.ts';
import type { ErrandReport } from '../../src/engine/ports/errands.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { StoreDoctor, StoreHealth } from '../../src/engine/ports/store-health.ts';
import { aPolicy, REQUESTER } from '../builders/plan.ts';
import { MANIFEST, type Rig, type RigOptions, SOON_MS, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const WELL: ErrandReport = {
  kind: 'setup',
  lines: [{ what: 'Talos role', state: 'ok', sentence: 'Our Talos role is os:admin.', advice: null }],
};

function aStore(changed: Partial<StoreHealth> = {}): StoreDoctor {
  return {
    look: async () => ({
      ...{
        where: 'redis.example:6379',
        evictionPolicy: 'noeviction',
        persistence: 'appended',
        at: Date.now(),
      },
      ...changed,
    }),
  };
}

/** What the requester reads when they ask; `before` may break something. */
async function asked(options: RigOptions, before: (it: Rig) => Promise<void> | void = () => undefined) {
  const it = await withBot({ report: WELL, store: aStore(), ...options });
  await before(it);
  const { requester } = it.slack.users;
  await it.slack.command(requester, it.slack.channels.platform, '/talos doctor');
  const message = await it.until('the answer', () =>
    it.private(requester).find(({ blocks }) => JSON.stringify(blocks).includes('Nothing was changed.')),
  );
  return { it, text: JSON.stringify(message.blocks) };
}

const told = async (...how: Parameters<typeof asked>): Promise<string> => (await asked(...how)).text;

test('all is well: one line for each thing, and nothing for others to see', async () => {
  const { it, text } = await asked({});
  expect(text).toContain('Nothing is lacking');
  for (const what of [
    'Bot token',
    'Scopes',
    'Sockets',
    'maxmemory-policy',
    'Persistence',
    'Clock',
    'Channel',
    'People',
    'Talos role',
  ])
    expect(text).toContain(`\`${what}\``);
  expect(text).not.toContain(':warning:');
  expect(it.cards()).toEqual([]);
  expect(text).not.toMatch(/xox|xapp/);
});

test.each([
  [0, 'although', 'and there is none'],
  [2, 'and there is none', 'although 2 replicas are there'],
])('that no fact needs a replica is said, with %i there', async (online, not, says) => {
  const text = await told({ store: aStore({ replicas: { needed: 0, online } }) });
  expect(text).toContain(
    `A fact counts without a replica having it, ${says}: a fail-over may lose the last facts.`,
  );
  expect(text).not.toContain(not);
});

/** An hour behind whenever it is asked. */
const late: StoreDoctor = {
  look: async () => ({ ...(await aStore().look()), at: Date.now() - 3_600_000 }),
};

const lost: readonly (readonly [what: string, options: RigOptions, says: readonly string[]])[] = [
  [
    'journals may be thrown away',
    { store: aStore({ evictionPolicy: 'allkeys-lru' }) },
    ['it is allkeys-lru', 'Set maxmemory-policy to noeviction'],
  ],
  [
    'nothing is kept',
    { store: aStore({ persistence: 'none' }) },
    ['a restart forgets every rollout', 'Set appendonly yes'],
  ],
  ['only snapshots are kept', { store: aStore({ persistence: 'snapshots' }) }, ['Only snapshots are kept']],
  [
    'the store does not say',
    { store: aStore({ persistence: 'unknown', evictionPolicy: null }) },
    ['2 things could not be found out'],
  ],
  [
    'a replica is missing',
    { store: aStore({ replicas: { needed: 1, online: 0 } }) },
    ['must reach 1 replica before it counts; 0 are there', 'nothing can be written down'],
  ],
  [
    'facts are not signed',
    { store: aStore({ signing: 'off' }) },
    ['Facts are not signed', 'Set JOURNAL_KEY'],
  ],
  [
    'unsigned facts are believed',
    { store: aStore({ signing: 'mixed' }) },
    ['unsigned ones are believed as well', 'redis.unsigned'],
  ],
  ['the clocks differ', { store: late }, ['60 min apart', 'time server']],
  [
    'the store is away',
    { store: { look: async () => Promise.reject(new Fault('unreachable', 'Redis at r does not answer.')) } },
    ['Redis at r does not answer', 'Bring it back'],
  ],
  [
    'one server of its Cluster is away',
    { store: aStore({ away: ['10.0.0.7:6379'] }) },
    [
      'Redis at 10.0.0.7:6379 does not answer; the other servers of the Cluster do.',
      'the clusters whose keys it has stand still',
      'Every fact is written to disk',
    ],
  ],
  [
    'no worker',
    { report: { kind: 'failed', sentence: 'No worker answered.' } },
    ['No worker answered', '`Worker`'],
  ],
  ['nobody may ask', { policy: { operators: [] } }, ['Nobody may ask for anything']],
  [
    'nobody can agree',
    { policy: aPolicy({ operators: [REQUESTER], approvers: [REQUESTER] }) },
    ['cannot be approved', 'Name more approvers'],
  ],
  [
    'what a worker found',
    {
      report: {
        kind: 'setup',
        lines: [
          {
            what: 'Talos role',
            state: 'lacks',
            sentence: 'Our Talos role is os:reader.',
            advice: 'Make another.',
          },
        ],
      },
    },
    ['Our Talos role is os:reader', 'Make another'],
  ],
];
test.each(lost)('%s', async (_, options, says) => {
  const text = await told(options);
  for (const one of says) expect(text).toContain(one);
});

describe('what Slack lacks', () => {
  test('a scope that was taken away', async () => {
    const text = await told({}, async (it) => {
      await it.slack.fault({ name: 'slack-missing-scope', scope: 'chat:write' });
    });
    expect(text).toContain('The app lacks chat:write');
    expect(text).toContain('install it again');
  });

  test('a channel it was removed from', async () => {
    const text = await told({}, async (it) => {
      await it.slack.fault({ name: 'slack-remove-bot', channel: it.slack.channels.platform });
    });
    expect(text).toContain('I may not write in its channel');
    expect(text).toContain('not_in_channel');
    expect(text).toContain('/invite');
  });

  test('a token that is taken no more', async () => {
    const text = await told({}, async (it) => {
      await it.slack.fault({ name: 'slack-invalid-auth', where: 'everywhere' });
    });
    expect(text).toContain('does not take the bot token: invalid_auth');
    expect(text).toContain('SLACK_BOT_TOKEN');
  });

  test('an app token that is taken no more, while one socket is still open', async () => {
    const text = await told({}, async (it) => {
      await it.slack.fault({ name: 'slack-invalid-auth' });
      await it.slack.fault({ name: 'slack-kill', sockets: 'one' });
      const refused = () => it.log.some(({ message }) => message.includes('does not take a token'));
      await expect.poll(refused, { timeout: SOON_MS }).toBe(true);
    });
    expect(text).toContain(
      '1 of 2 connections to Slack are open. Slack does not take the app token: invalid_auth.',
    );
    expect(text).toContain('SLACK_APP_TOKEN');
  });

  test('the scopes are those of the manifest', () => {
    expect([...SCOPES].sort()).toEqual([...readManifest(MANIFEST).scopes].sort());
  });
});
