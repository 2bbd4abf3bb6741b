// What stops a plan and may be set aside: which findings still stand, and the named person who takes one on with a reason.
import { isCheck, maySetAside } from '../checks/catalogue.ts';
import { blocks, type Finding } from '../checks/finding.ts';
import { notApprover, others } from './approval.ts';
import type { Circumstances, Decided } from './decided.ts';
import type { RolloutEvent } from './event.ts';
import { type Asked, type Intent, type Refusal, refuse } from './intent.ts';
import type { Policy } from './policy.ts';
import type { Override, Rollout } from './rollout.ts';
import { saysNoMore } from './sameness.ts';

/** Long enough to say something, in characters. */
export const MIN_REASON = 10;
/** It is read on every card of the rollout. */
export const MAX_REASON = 300;

/** Findings that stop the plan and that nobody overrode yet, in the plan's order. Empty for a rollout without a plan. */
export function standing(rollout: Rollout): readonly Finding[] {
  if (rollout.plan === null) return [];
  return rollout.findings.filter((finding) => blocks(finding) && overrideOf(rollout, finding) === null);
}

/**
 * Who took this finding on, as it was read then or less of it; null when nobody did. What may not be set aside is not, whatever a
 * journal says.
 */
export function overrideOf(rollout: Rollout, finding: Finding): Override | null {
  if (!maySetAside(finding.check)) return null;
  return rollout.overrides.find((one) => isCovered(finding, one)) ?? null;
}

function isCovered(finding: Finding, { check, subjects, findings }: Override): boolean {
  // Facts from before this was written down cover whatever the check finds on these subjects.
  if (findings === undefined) return check === finding.check && subjects.includes(finding.subject);
  return findings.some((then) => saysNoMore(finding, then));
}

/** The names of their checks, each once. */
export function checksOf(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.map(({ check }) => check))];
}

/** What is wrong with a reason, as the rest of a sentence that begins with it; null when it may stand. */
export function mistakeOfReason(reason: string): string | null {
  const { length } = Array.from(reason.trim());
  if (length < MIN_REASON) return `needs at least ${MIN_REASON} characters: it stays in the journal`;
  return length > MAX_REASON ? `has ${length} characters; ${MAX_REASON} are read` : null;
}

/** Overriding is somebody else's yes, as at a gate: never of the one who asked, unless the policy lets people approve alone. */
export function override(
  rollout: Rollout,
  asked: Asked,
  intent: Extract<Intent, { kind: 'override' }>,
  { policy, now }: Circumstances,
): Decided | Refusal {
  const { user, delivery } = asked;
  if (!policy.approvers.includes(user)) return notApprover(rollout, policy);
  if (user === rollout.user && policy.selfApproval === 'refused') {
    const sentence = `You asked for this rollout, so somebody else has to override what stops it: ${others(policy, user)}.`;
    return refuse('own-request', sentence);
  }
  const { phase } = rollout;
  if (phase.phase !== 'proposed')
    return refuse('wrong-phase', 'Only what stops a proposed plan can be overridden.');
  if (now >= phase.expiresAt)
    return refuse('wrong-phase', 'This plan expired. A fresh one needs overrides of its own.');
  const mistake = mistakeOfReason(intent.reason);
  if (mistake !== null) return refuse('bad-input', `A reason ${mistake}.`);
  const checks = [...new Set(intent.checks)];
  const refusal = checks.map((check) => refusalOf(rollout, check)).find((one) => one !== null);
  if (refusal !== undefined) return refusal;
  if (checks.length === 0) return refuse('bad-input', 'Say which check to override.');
  const reason = intent.reason.trim();
  const events = checks.map((check): RolloutEvent => {
    const stand = standing(rollout).filter((finding) => finding.check === check);
    const subjects = [...new Set(stand.map(({ subject }) => subject))];
    return { kind: 'overridden', check, subjects, user, reason, findings: stand, delivery };
  });
  return { kind: 'decided', events };
}

function refusalOf(rollout: Rollout, check: string): Refusal | null {
  const stand = standing(rollout);
  const known = isCheck(check) || rollout.findings.some((finding) => finding.check === check);
  if (known && !maySetAside(check)) {
    const why = 'it guards what this bot promises (docs/checks.md)';
    return refuse('not-overridable', `${check} cannot be overridden: ${why}.`);
  }
  if (stand.some((finding) => finding.check === check)) return null;
  const earlier = rollout.overrides.find((one) => one.check === check);
  if (earlier !== undefined)
    return refuse('already-overridden', `${check} was overridden already, by <@${earlier.user}>.`);
  const names = checksOf(stand);
  const what = names.length === 0 ? 'nothing does' : names.join(', ');
  return refuse('unknown-finding', `No finding of ${check} stops this plan; what stops it: ${what}.`);
}

/** Why the plan may not be started yet, or null. */
export function notOverridden(rollout: Rollout, policy: Policy): Refusal | null {
  const stand = standing(rollout);
  if (stand.length === 0) return null;
  const names = checksOf(stand).join(', ');
  const count = stand.length === 1 ? '1 finding stops' : `${stand.length} findings stop`;
  return refuse(
    'findings-stand',
    `${count} this plan (${names}). An approver has to override each before it can be started: ${others(policy, rollout.user)}.`,
  );
}
