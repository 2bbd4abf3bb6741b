// Who may say yes or no to a gate, how often, and until when.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rollout/decide.ts';
import { occasionOf } from '../../src/rollout/occasion.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import { gateState } from '../../src/rollout/rollout.ts';
import { APPROVER, aPolicy, BYSTANDER, REQUESTER, SECOND_APPROVER } from '../builders/plan.ts';
import type { RolloutStory } from '../builders/rollout.ts';
import { SITUATIONS, storyIn } from './phases.ts';

const GATE = 'gate:cp-1';

interface Click {
  readonly user?: string;
  readonly policy?: Policy;
  readonly kind?: 'approve' | 'deny';
  readonly gate?: string;
  readonly afterMs?: number;
  /** Of the card that was clicked; none: as if it were typed. */
  readonly occasion?: number | null;
}

function click(story: RolloutStory, { kind = 'approve', gate = GATE, ...rest }: Click = {}): string {
  const { user = APPROVER, policy = aPolicy(), afterMs = 1 } = rest;
  const bound = { gate, ...(typeof rest.occasion === 'number' ? { occasion: rest.occasion } : {}) };
  const intent = kind === 'approve' ? { kind, ...bound } : { kind, ...bound, reason: 'not today' };
  const asked = { intent, user, delivery: `d-${story.entries.length}` };
  const said = decide(story.rollout, asked, { policy, now: story.now + afterMs });
  if (said.kind === 'refusal') return `${said.code}: ${said.sentence}`;
  for (const event of said.events) story.append(event);
  return said.events[0]?.kind ?? 'nothing';
}

function atGate(needs = 1): RolloutStory {
  return storyIn('paused')
    .resumed()
    .node('worker-1', 'done')
    .node('worker-2', 'done')
    .gate('cp-1', { needs });
}

describe('approving', () => {
  it('is a fact that names the gate, its fingerprint and the person', () => {
    const story = atGate();
    expect(click(story)).toBe('approved');
    const state = gateState(story.rollout, GATE);
    expect(state).toMatchObject({ state: 'open', approvals: [{ user: APPROVER }] });
    expect(story.entries.at(-1)?.event).toMatchObject({
      kind: 'approved',
      gate: GATE,
      fingerprint: state.state === 'open' ? state.fingerprint : '',
    });
  });

  it.each([
    ['a bystander', { user: BYSTANDER }, 'not-approver'],
    ['the requester', { user: REQUESTER }, 'own-request'],
    [
      'the requester, where the policy lets them',
      { user: REQUESTER, policy: aPolicy({ selfApproval: 'allowed' }) },
      'approved',
    ],
    ['anybody, where nobody is an approver', { policy: aPolicy({ approvers: [] }) }, 'not-approver'],
    ['an approver on a gate that is not open yet', { gate: 'gate:cp-2' }, 'gate-closed'],
    ['an approver on a gate that does not exist', { gate: 'gate:cp-9' }, 'gate-closed'],
    ['an approver in the last millisecond', { afterMs: 3_600_000 - 1_001 }, 'approved'],
    ['an approver too late', { afterMs: 3_600_000 - 1_000 }, 'gate-closed'],
  ] as const)('by %s', (_what, options, verdict) => {
    expect(click(atGate(), options)).toMatch(new RegExp(`^${verdict}`));
  });

  it('by the requester is refused with the names of those who can', () => {
    const said = click(atGate(), { user: REQUESTER });
    expect(said).toContain(`<@${APPROVER}>`);
    expect(said).not.toContain(`<@${REQUESTER}>`);
  });

  it('needs as many different people as the card said', () => {
    const story = atGate(2);
    expect(click(story)).toBe('approved');
    expect(story.rollout.phase.phase).toBe('at-gate');
    expect(click(story)).toMatch(/^already-approved.*1 more approval by/);
    expect(click(story, { user: SECOND_APPROVER })).toBe('approved');
    expect(story.rollout.phase).toEqual({ phase: 'running', halt: null });
    const third = 'U0KA100005';
    const policy = aPolicy({ approvers: [APPROVER, SECOND_APPROVER, third] });
    expect(click(story, { user: third, policy })).toMatch(/^gate-closed/);
  });

  it.each(SITUATIONS.filter((situation) => situation !== 'at-gate'))(
    'is refused when it is %s',
    (situation) => {
      expect(click(storyIn(situation))).toMatch(/^gate-closed/);
    },
  );

  it('of a card from before a pause is refused: the proof is made afresh', () => {
    const story = atGate();
    story.paused().resumed();
    expect(click(story)).toMatch(/^gate-closed.*out of date/);
    story.gate('cp-1');
    expect(click(story)).toBe('approved');
  });

  it('never carries over to a gate that was voided', () => {
    const story = atGate();
    click(story);
    story.voided('cp-1').gate('cp-1');
    expect(gateState(story.rollout, GATE)).toMatchObject({ state: 'open', approvals: [] });
  });
});

describe('a click meant for an earlier card of the same gate', () => {
  it.each(['approve', 'deny'] as const)('does not %s on the newer one', (kind) => {
    const story = atGate();
    const earlier = occasionOf(story.rollout, GATE);
    story.paused().resumed();
    expect(click(story, { kind, occasion: earlier })).toMatch(/^gate-closed.*out of date/);
    story.gate('cp-1');
    expect(click(story, { kind, occasion: earlier })).toMatch(/^gate-closed.*out of date/);
    expect(gateState(story.rollout, GATE)).toMatchObject({ state: 'open', approvals: [] });
    const present = occasionOf(story.rollout, GATE);
    expect(present).toBeGreaterThan(earlier ?? 0);
    expect(click(story, { kind, occasion: present })).toBe(kind === 'approve' ? 'approved' : 'denied');
  });

  it('and other approvals leave its own card as it was', () => {
    const story = atGate(2);
    const occasion = occasionOf(story.rollout, GATE);
    click(story, { occasion });
    expect(click(story, { occasion, user: SECOND_APPROVER })).toBe('approved');
  });
});

describe('denying', () => {
  it('ends the rollout as denied', () => {
    const story = atGate();
    expect(click(story, { kind: 'deny' })).toBe('denied');
    expect(story.rollout.phase).toEqual({ phase: 'tidying', outcome: 'denied' });
    expect(gateState(story.rollout, GATE)).toMatchObject({
      state: 'denied',
      user: APPROVER,
      reason: 'not today',
    });
  });

  it('needs nobody else, and may be done to an own request', () => {
    expect(click(atGate(2), { kind: 'deny', user: REQUESTER })).toBe('denied');
  });

  it('counts also after somebody said yes, as long as more are needed', () => {
    const story = atGate(2);
    click(story);
    expect(click(story, { kind: 'deny', user: SECOND_APPROVER })).toBe('denied');
  });

  it('counts while it is being proved once more, however long that takes', () => {
    const story = atGate();
    const occasion = occasionOf(story.rollout, GATE);
    click(story);
    expect(story.rollout.phase.phase).toBe('running');
    expect(click(story, { user: SECOND_APPROVER })).toMatch(/^gate-closed.*Enough people/);
    const late = { kind: 'deny', user: SECOND_APPROVER, occasion, afterMs: 3_600_000 } as const;
    expect(click(story, late)).toBe('denied');
    expect(story.rollout.phase).toEqual({ phase: 'tidying', outcome: 'denied' });
  });

  it('is too late once the gate is passed', () => {
    const story = atGate();
    click(story);
    story.passed('cp-1');
    expect(click(story, { kind: 'deny' })).toMatch(/^gate-closed.*approved already/);
  });

  it.each([
    ['by a bystander', { user: BYSTANDER }, 'not-approver'],
    ['too late', { afterMs: 3_600_000 }, 'gate-closed'],
  ] as const)('%s is refused', (_what, options, verdict) => {
    expect(click(atGate(), { ...options, kind: 'deny' })).toMatch(new RegExp(`^${verdict}`));
  });

  it('twice says who denied it', () => {
    const story = atGate();
    click(story, { kind: 'deny' });
    expect(click(story, { kind: 'deny', user: SECOND_APPROVER })).toContain(`denied by <@${APPROVER}>`);
  });
});
