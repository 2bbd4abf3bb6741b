// What a notification says of a one-line reply: the whole of it, as a sentence that needs no thread around it.
import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { eventLine } from '../../../src/bot/views/lines.ts';
import type { RolloutEvent } from '../../../src/rollout/event.ts';
import { aFinding, aPolicy } from '../../builders/plan.ts';
import { aRollout } from '../../builders/rollout.ts';

const { rollout } = aRollout();
const NOUN = `the upgrade of ${rollout.cluster} to Talos v1.13.5`;
const SUBJECT = NOUN.replace('the', 'The');
const SAM = { user: 'U0SAM00002', delivery: 'd' } as const;
const FLUX = { check: 'flux', subjects: ['apps'], reason: 'It is being replaced.' } as const;

const ROWS: readonly (readonly [RolloutEvent, string])[] = [
  [{ kind: 'started', ...SAM }, `${SUBJECT} was started by <@U0SAM00002>.`],
  [
    { kind: 'paused', ...SAM },
    `${SUBJECT} was paused by <@U0SAM00002>: the step in hand is finished, nothing new starts.`,
  ],
  [
    { kind: 'paused', stays: true, ...SAM },
    `${SUBJECT} is still paused by <@U0SAM00002>: nothing new starts until somebody resumes it.`,
  ],
  [{ kind: 'resumed', ...SAM }, `${SUBJECT} was resumed by <@U0SAM00002>.`],
  [
    { kind: 'soak-shortened', step: '09-soak', ...SAM },
    `The soak of ${NOUN} was cut short by <@U0SAM00002>: what must hold at its end is looked at now.`,
  ],
  [
    { kind: 'aborted', ...SAM },
    `${SUBJECT} was aborted by <@U0SAM00002>: the step in hand is finished and what was changed is put back.`,
  ],
  [
    { kind: 'denied', gate: 'gate:cp-1', reason: 'not today', ...SAM },
    `<@U0SAM00002> denied that cp-1 goes down in ${NOUN}: “not today”. Nothing further is started.`,
  ],
  [
    { kind: 'denied', gate: 'gate:cp-1', reason: '', ...SAM },
    `<@U0SAM00002> denied that cp-1 goes down in ${NOUN}. Nothing further is started.`,
  ],
  [
    { kind: 'overridden', ...FLUX, ...SAM },
    `What stopped ${NOUN} was overridden: flux (apps) by <@U0SAM00002>: “It is being replaced.”.`,
  ],
];

describe('a one-line reply', () => {
  it.each(ROWS)('%j is said as a full sentence', (event, sentence) => {
    expect(eventLine(rollout, event)?.text).toBe(sentence);
  });

  it.each(ROWS)('%j says what is shown as well', (event) => {
    const said = eventLine(rollout, event);
    const [block] = said?.blocks ?? [];
    const shown = block?.type === 'section' ? (block.text?.text ?? '') : '';
    // What follows the person, or the colon: the part that is more than the name of what happened.
    const rest = shown.replaceAll(/[*`]/g, '').split(/ by <@\w+>: |denied cp-1/)[1] ?? '';
    expect(said?.text).toContain(rest);
  });
});

describe('the file beside a folded message', () => {
  it('is announced by a sentence', () => {
    const findings = Array.from({ length: 200 }, (_, at) => aFinding('warning', { subject: `worker-${at}` }));
    const story = aRollout().append({ kind: 'declined', outcome: 'blocked', sentence: 'No.', findings });
    const thread = threadOf({ entries: story.entries, policy: aPolicy(), notes: {}, now: story.now });
    const file = thread?.slots.find(({ name }) => name === 'report');
    expect(file?.message.text).toBe(`All 200 findings of ${NOUN} are in this file.`);
  });
});
