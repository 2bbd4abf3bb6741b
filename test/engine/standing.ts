// What the audit asks of every fact about findings that stop a plan (design.md invariant 9).
import { maySetAside } from '../../src/checks/catalogue.ts';
import { blocks } from '../../src/checks/finding.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';

/** What is wrong with this fact, judged on the rollout right before it; null when nothing is. */
export function wrongAboutFindings(
  before: Rollout | null,
  event: RolloutEvent,
  policy: Policy,
): string | null {
  if (before === null) return null;
  if (event.kind === 'overridden') {
    if (!maySetAside(event.check)) return `${event.check}, which guards a promise, was overridden`;
    if (!policy.approvers.includes(event.user)) return `${event.user} overrode, and is no approver`;
    if (policy.selfApproval === 'refused' && event.user === before.user)
      return `${event.user} overrode for their own rollout`;
    return event.reason.trim().length < 10 ? `${event.check} was overridden without a reason` : null;
  }
  if (event.kind !== 'started' && event.kind !== 'step-begun') return null;
  const stands = before.findings.find(
    (finding) =>
      blocks(finding) &&
      !before.overrides.some(
        ({ check, subjects }) => check === finding.check && subjects.includes(finding.subject),
      ),
  );
  return stands === undefined ? null : `${event.kind} while ${stands.check} of ${stands.subject} stands`;
}
