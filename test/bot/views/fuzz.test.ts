// Free text from people and machines, as nasty as it comes, through every message: it never pings and never breaks one.
import { expect, test } from 'vitest';
import { pingsIn } from '../../../playground/slack/pings.ts';
import { validateMessage, validateView } from '../../../playground/slack/validate.ts';
import { parse } from '../../../src/bot/parse.ts';
import { threadOf } from '../../../src/bot/thread.ts';
import { denyModal } from '../../../src/bot/views/deny.ts';
import { overrideModal } from '../../../src/bot/views/override.ts';
import { declinedMessage } from '../../../src/bot/views/plan.ts';
import { refusalMessage } from '../../../src/bot/views/refusal.ts';
import { code, mrkdwn, plainWords, quote } from '../../../src/bot/views/text.ts';
import { APPROVER, aFinding, aProof, REQUESTER, SECOND_APPROVER } from '../../builders/plan.ts';
import { aRollout, CHANNEL } from '../../builders/rollout.ts';
import { POLICY } from './stories.ts';

const PIECES = [
  '<!channel>',
  '<!here|here>',
  '@here',
  '@channel',
  '@everyone',
  '<@UEV1L00001>',
  '<#C0EV1L0001|x>',
  '<!subteam^S0EV1L0001>',
  '<https://evil.example|click>',
  '&lt;!channel&gt;',
  '&lt;@UEV1L00001&gt;',
  '&amp;',
  '&',
  '<',
  '>',
  '*b*',
  '_i_',
  '~s~',
  '`c`',
  '```',
  '\n',
  '\r\n> quote',
  '\t',
  '\u0000',
  '\u202e',
  '\u200b',
  '\ud800',
  '😀',
  '👩‍👩‍👧',
  'é',
  '中文',
  ':fire:',
  'x'.repeat(400),
  ' ',
  'cp-1',
];

/** A small generator with a fixed seed: the same texts in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

function nasty(seed: number): string {
  const next = random(seed);
  const count = Math.floor(next() * 30);
  return Array.from({ length: count }, () => PIECES[Math.floor(next() * PIECES.length)] ?? '').join(
    next() < 0.5 ? '' : ' ',
  );
}

const RUNS = Array.from({ length: 150 }, (_, seed) => seed);
const ALLOWED = [REQUESTER, APPROVER, SECOND_APPROVER].map((user) => `@${user}`);

function unwanted(message: unknown): readonly string[] {
  return pingsIn(message).filter((ping) => !ALLOWED.includes(ping));
}

/** Everything that people or other systems can word, worded badly. */
function story(text: string) {
  const standing = aFinding('unknown', { check: 'flux', subject: 'y', sentence: text });
  const findings = [
    standing,
    aFinding('blocker', { subject: text, sentence: text, advice: text }),
    aFinding('ok'),
  ];
  return aRollout({ workers: ['worker-1', 'worker-2'], controlPlane: ['cp-1'], cluster: 'prod' })
    .planned(findings)
    .append({
      kind: 'overridden',
      check: 'flux',
      subjects: [text, 'x'],
      user: APPROVER,
      reason: text,
      delivery: 'o',
    })
    .started()
    .pulled()
    .node('worker-1', 'install')
    .failed('worker-1', 'install', text)
    .skipped('worker-1')
    .node('worker-2', 'done')
    .gate('cp-1', { proof: aProof({ sentence: text, leader: text }) })
    .voided('cp-1', text)
    .gate('cp-1')
    .denied('cp-1', text)
    .finished('denied');
}

test.each(RUNS)('a thread made of nasty text %i', (seed) => {
  const text = nasty(seed);
  const told = story(text);
  const notes = { 'worker-2': { sentence: text, at: 0 }, 'cp-1': { sentence: text, at: 0 } };
  for (let n = 2; n <= told.entries.length; n += 3) {
    const thread = threadOf({ entries: told.entries.slice(0, n), policy: POLICY, notes, now: told.now });
    for (const { message } of thread?.slots ?? []) {
      expect(validateMessage(message)).toEqual([]);
      expect(unwanted(message)).toEqual([]);
    }
  }
});

test.each(RUNS)('private answers made of nasty text %i', (seed) => {
  const text = nasty(seed);
  const around = { clusters: [{ name: 'prod', channel: CHANNEL }], channel: CHANNEL };
  const read = parse(text, around);
  if (read.kind === 'refusal') {
    expect(validateMessage(refusalMessage(read))).toEqual([]);
    expect(unwanted(refusalMessage(read))).toEqual([]);
  }
  const goal = { kind: 'upgrade-talos', version: 'v1.13.5' } as const;
  const declined = declinedMessage('prod', goal, {
    outcome: 'refused',
    sentence: text,
    findings: [aFinding('unknown', { sentence: text, advice: text })],
  });
  expect(validateMessage(declined)).toEqual([]);
  expect(unwanted(declined)).toEqual([]);
});

test.each(RUNS.slice(0, 40))('a modal about a gate with a nasty name %i', (seed) => {
  const button = {
    cluster: nasty(seed).slice(0, 40),
    rollout: 'r1',
    gate: `gate:${nasty(seed + 1).slice(0, 40)}`,
    occasion: seed,
  };
  expect(validateView(denyModal({ button, channel: CHANNEL, thread: null }))).toEqual([]);
});

test.each(RUNS.slice(0, 40))('a modal about findings in nasty words %i', (seed) => {
  const text = nasty(seed);
  const finding = aFinding('blocker', { check: 'flux', subject: text, sentence: text, advice: text });
  const { rollout } = aRollout({ cluster: 'prod' }).planned([finding]);
  for (const checks of [['flux'], ['flux', 'velero']]) {
    const button = { cluster: text.slice(0, 40), rollout: 'r1', gate: null, occasion: null, checks };
    const view = overrideModal({ button, channel: CHANNEL, thread: null }, rollout);
    expect(validateView(view)).toEqual([]);
    expect(unwanted(view)).toEqual([]);
  }
});

test('text is escaped once, not twice and not zero times', () => {
  expect(mrkdwn`${'a & b < c'}`.mrkdwn).toBe('a &amp; b &lt; c');
  expect(mrkdwn`${mrkdwn`${'&'}`}`.mrkdwn).toBe('&amp;');
  expect(quote('<!here>').mrkdwn).toBe('“&lt;!here&gt;”');
});

test('a code span cannot be left', () => {
  expect(code('a`b').mrkdwn.match(/`/g)).toHaveLength(2);
  expect(code('').mrkdwn).toBe('–');
});

test('cutting never leaves half a letter', () => {
  expect(plainWords('😀'.repeat(20), 5)).toBe(`${'😀'.repeat(4)}…`);
});
