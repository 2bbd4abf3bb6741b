// Who may take on what stops a plan, what becomes of it, and that nothing is started before.
import { describe, expect, it } from 'vitest';
import { CHECKS, maySetAside } from '../../src/checks/catalogue.ts';
import type { Finding } from '../../src/checks/finding.ts';
import { decide } from '../../src/rollout/decide.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import type { Intent } from '../../src/rollout/intent.ts';
import { MAX_REASON, MIN_REASON, mistakeOfReason, overrideOf, standing } from '../../src/rollout/override.ts';
import { isHopeless, startsAtOnce } from '../../src/rollout/plan/proposal.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import {
  APPROVER,
  aFinding,
  aPlan,
  aPolicy,
  BYSTANDER,
  REQUESTER,
  SECOND_APPROVER,
} from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { SITUATIONS, storyIn } from './phases.ts';

const REASON = 'That app is being replaced this week.';
const flux = (subject: string): Finding => aFinding('blocker', { check: 'flux', subject });
const velero = aFinding('unknown', { check: 'velero', subject: 'cluster' });
const quorum = aFinding('blocker', { check: 'etcd-quorum', subject: 'etcd' });

function stopped(
  findings: readonly Finding[] = [aFinding('ok'), flux('apps'), flux('infra'), velero],
): RolloutStory {
  return aRollout().planned(findings);
}

interface Around {
  readonly user?: string;
  readonly policy?: Policy;
  readonly afterMs?: number;
  readonly reason?: string;
}

/** The facts' kinds and checks, or a refusal's code and sentence; facts are appended. */
function says(
  story: RolloutStory,
  intent: Intent,
  { user = APPROVER, policy = aPolicy(), afterMs = 1 }: Around = {},
): string {
  const asked = { intent, user, delivery: `d-${story.entries.length}` };
  const said = decide(story.rollout, asked, { policy, now: story.now + afterMs });
  if (said.kind === 'refusal') return `${said.code}: ${said.sentence}`;
  for (const event of said.events) story.append(event);
  return said.events
    .map((event) => ('check' in event ? `${event.kind} ${event.check}` : event.kind))
    .join(', ');
}

const overrides = (story: RolloutStory, checks: readonly string[], around: Around = {}): string =>
  says(story, { kind: 'override', checks, reason: around.reason ?? REASON }, around);
const starts = (story: RolloutStory, around: Around = {}): string =>
  says(story, { kind: 'start' }, { user: REQUESTER, ...around });

describe('an override', () => {
  it('is a fact that names the check, its subjects, the person and the reason', () => {
    const story = stopped();
    expect(overrides(story, ['flux'], { reason: `  ${REASON}\n` })).toBe('overridden flux');
    const event: RolloutEvent = {
      ...{ kind: 'overridden', check: 'flux', subjects: ['apps', 'infra'], user: APPROVER },
      ...{ reason: REASON, findings: [flux('apps'), flux('infra')], delivery: 'd-2' },
    };
    expect(story.entries.at(-1)?.event).toEqual(event);
    expect(story.rollout.overrides).toMatchObject([
      { check: 'flux', user: APPROVER, reason: REASON, at: story.now },
    ]);
  });

  it('may be of several checks for one reason, each a fact of its own', () => {
    const story = stopped();
    expect(overrides(story, ['velero', 'flux', 'velero'])).toBe('overridden velero, overridden flux');
    expect(standing(story.rollout)).toEqual([]);
  });

  it.each([
    ['a bystander', { user: BYSTANDER }, 'not-approver'],
    ['the requester', { user: REQUESTER }, 'own-request'],
    [
      'the requester, where the policy lets them',
      { user: REQUESTER, policy: aPolicy({ selfApproval: 'allowed' }) },
      'overridden',
    ],
    ['an approver who is no operator', { user: SECOND_APPROVER }, 'overridden'],
    ['an operator who is no approver', { policy: aPolicy({ approvers: [SECOND_APPROVER] }) }, 'not-approver'],
    ['anybody, where nobody is an approver', { policy: aPolicy({ approvers: [] }) }, 'not-approver'],
    ['an approver in the last millisecond', { afterMs: 3_600_000 - 1_001 }, 'overridden'],
    ['an approver too late', { afterMs: 3_600_000 - 1_000 }, 'wrong-phase.*expired'],
    ['an approver without a reason', { reason: '' }, 'bad-input'],
    ['an approver with nothing but spaces', { reason: ' '.repeat(20) }, 'bad-input'],
  ] as const)('by %s', (_what, around, verdict) => {
    const story = stopped();
    const before = story.entries.length;
    expect(overrides(story, ['flux'], around)).toMatch(new RegExp(`^${verdict}`));
    expect(story.entries.length - before).toBe(verdict === 'overridden' ? 1 : 0);
  });

  it.each([
    ['that found nothing in the way', ['node-ready'], 'unknown-finding.*flux, velero'],
    ['that only warned', ['capacity'], 'unknown-finding'],
    ['that nobody knows', ['toString'], 'unknown-finding'],
    ['none at all', [], 'bad-input'],
    ['one that stops it and one that does not', ['flux', 'capacity'], 'unknown-finding'],
  ])('of a check %s is refused, and nothing is written', (_what, checks, verdict) => {
    const story = stopped([flux('apps'), velero, aFinding('warning', { check: 'capacity' })]);
    expect(overrides(story, checks)).toMatch(new RegExp(`^${verdict}`));
    expect(standing(story.rollout)).toHaveLength(2);
  });

  it('of a check that was overridden already says by whom', () => {
    const story = stopped();
    overrides(story, ['flux'], { user: SECOND_APPROVER });
    expect(overrides(story, ['flux'])).toMatch(new RegExp(`^already-overridden.*<@${SECOND_APPROVER}>`));
  });

  it.each(SITUATIONS.filter((situation) => situation !== 'proposed'))(
    'is refused when it is %s',
    (situation) => {
      expect(overrides(storyIn(situation), ['flux'])).toMatch(/^wrong-phase/);
    },
  );

  it('by the requester is refused with the names of those who can', () => {
    const said = overrides(stopped(), ['flux'], { user: REQUESTER });
    expect(said).toContain(`<@${APPROVER}>`);
    expect(said).not.toContain(`<@${REQUESTER}>`);
  });

  it('does not cover what another check found on the same subject', () => {
    const argo = aFinding('blocker', { check: 'argo', subject: 'apps' });
    const story = stopped([flux('apps'), argo]);
    overrides(story, ['flux']);
    expect(standing(story.rollout)).toEqual([argo]);
    expect(overrideOf(story.rollout, argo)).toBeNull();
  });
});

describe('what an override covers later', () => {
  const said = (sentence: string, rest: Partial<Finding> = {}): Finding =>
    aFinding('blocker', { check: 'ceph', subject: 'ceph', sentence, ...rest });
  const WARNS = 'Ceph rook/main reports HEALTH_WARN: POOL_NEARFULL (2 pools nearfull).';
  const silent = (what: string, why: string): Finding =>
    said(`Ceph: ${why}`, { level: 'unknown', silence: { what, why } });

  it.each([
    ['the same', said(WARNS), said(WARNS), true],
    ['other figures', said('sda has 9 % free (1.2 GiB).'), said('sda has 8.5 % free (900MiB).'), true],
    [
      'one where there were two',
      said('2 volumes are not whole: a, b.'),
      said('1 volume is not whole: b.'),
      true,
    ],
    ['fewer hidden', said('Not whole: a, b and 4 more.'), said('Not whole: a and 2 more.'), true],
    ['the same question without an answer', silent('Ceph', 'timed out'), silent('Ceph', 'refused'), true],
    ['another trouble', said(WARNS), said('Ceph rook/main reports HEALTH_ERR: PG_DAMAGED.'), false],
    ['one more trouble', said(WARNS), said(`${WARNS.slice(0, -1)}, OSD_DOWN.`), false],
    ['another object', said('Not whole: pvc-1.'), said('Not whole: pvc-2.'), false],
    ['another version', said('It runs v1.34.1.'), said('It runs v1.35.0.'), false],
    ['more hidden', said('Not whole: a and 2 more.'), said('Not whole: a and 3 more.'), false],
    ['the opposite', said('sda is mounted.'), said('sda is not mounted.'), false],
    ['another level', said(WARNS, { level: 'unknown' }), said(WARNS), false],
    ['another subject', said(WARNS), said(WARNS, { subject: 'rook' }), false],
    ['another silence', silent('Ceph', 'timed out'), silent('Longhorn', 'timed out'), false],
    ['an answer after a silence', silent('Ceph', 'timed out'), said(WARNS), false],
  ])('%s', (_what, then, later, covered) => {
    const story = stopped([then]);
    expect(overrides(story, ['ceph'])).toBe('overridden ceph');
    expect(overrideOf(story.rollout, later) !== null).toBe(covered);
  });

  it('is whatever the check finds there, in a fact from before what was read was written down', () => {
    const story = stopped([said(WARNS)]).overridden('ceph', ['ceph']);
    expect(overrideOf(story.rollout, said('Ceph rook/main reports HEALTH_ERR.'))).not.toBeNull();
  });
});

describe('a promise', () => {
  const promises = Object.keys(CHECKS).filter((check) => !maySetAside(check));

  it.each(promises)('%s is never overridden, and never started over', (check) => {
    // No planner proposes this; a journal that says so must not be a way round.
    const story = stopped([aFinding('blocker', { check })]);
    expect(overrides(story, [check])).toMatch(/^not-overridable/);
    expect(starts(story)).toMatch(/^findings-stand/);
  });

  it('stands where a journal says that it was overridden', () => {
    const story = stopped([quorum]).overridden('etcd-quorum', ['etcd']);
    expect(overrideOf(story.rollout, quorum)).toBeNull();
    expect(starts(story)).toMatch(/^findings-stand.*etcd-quorum/);
  });

  it('does not let what stands beside it through', () => {
    const story = stopped([flux('apps'), quorum]);
    expect(overrides(story, ['flux', 'etcd-quorum'])).toMatch(/^not-overridable/);
    expect(overrides(story, ['flux'])).toBe('overridden flux');
    expect(starts(story)).toMatch(/^findings-stand.*etcd-quorum/);
  });

  it.each([
    ['nothing', [aFinding('ok'), aFinding('warning')], false],
    ['advice', [flux('apps'), velero], false],
    ['a promise beside advice', [flux('apps'), quorum], true],
    ['a promise about which nothing is known', [aFinding('unknown', { check: 'machine-answers' })], true],
    ['a promise that only warns', [aFinding('warning', { check: 'rollback-target' })], false],
    ['a check of another version', [aFinding('blocker', { check: 'moon-phase' })], true],
  ] as const)('leaves no plan to propose: %s', (_what, findings, hopeless) => {
    expect(isHopeless(findings)).toBe(hopeless);
  });
});

describe('a start', () => {
  it('waits until everything that stops the plan is overridden', () => {
    const story = stopped();
    expect(starts(story)).toMatch(/^findings-stand: 3 findings stop this plan \(flux, velero\)/);
    overrides(story, ['flux']);
    expect(starts(story)).toMatch(/^findings-stand: 1 finding stops this plan \(velero\)/);
    overrides(story, ['velero'], { user: SECOND_APPROVER });
    expect(story.rollout.phase.phase).toBe('proposed');
    expect(starts(story)).toBe('started');
    expect(story.rollout.overrides.map(({ user }) => user)).toEqual([APPROVER, SECOND_APPROVER]);
  });

  it.each(['ask', 'at-once'] as const)(
    'is never given by the policy (%s) while something stands',
    (start) => {
      const staged = aRollout({ goal: { kind: 'rollback-node', node: 'cp-2' } }).plan;
      expect(startsAtOnce(aPlan(), [flux('apps')], aPolicy({ start }))).toBe(false);
      expect(startsAtOnce(staged, [velero], aPolicy({ start }))).toBe(false);
    },
  );

  it('cannot be had by overriding less than what was found', () => {
    const story = stopped([flux('apps'), flux('infra')]);
    story.overridden('flux', ['apps']);
    expect(starts(story)).toMatch(/^findings-stand: 1 finding/);
    expect(overrides(story, ['flux'])).toBe('overridden flux');
    expect(story.rollout.overrides.map(({ subjects }) => subjects)).toEqual([['apps'], ['infra']]);
  });
});

describe('a reason', () => {
  it.each([
    ['nothing', '', 'at least'],
    ['spaces', ' '.repeat(MIN_REASON), 'at least'],
    ['too little', 'x'.repeat(MIN_REASON - 1), 'at least'],
    ['too little in wide letters', '👍'.repeat(MIN_REASON - 1), 'at least'],
    ['just enough', 'x'.repeat(MIN_REASON), null],
    ['as much as is read', '👍'.repeat(MAX_REASON), null],
    ['more', 'x'.repeat(MAX_REASON + 1), '301 characters'],
  ])('of %s', (_what, reason, mistake) => {
    if (mistake === null) expect(mistakeOfReason(reason)).toBeNull();
    else expect(mistakeOfReason(reason)).toContain(mistake);
  });
});
