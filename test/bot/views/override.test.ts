// Where people read what stops a plan, and who took it on.
import { describe, expect, it, test } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { homeView } from '../../../src/bot/views/home.ts';
import { overrideModal, standingLine } from '../../../src/bot/views/override.ts';
import { planMessage } from '../../../src/bot/views/plan.ts';
import { statusMessage } from '../../../src/bot/views/status.ts';
import { summaryMessage } from '../../../src/bot/views/summary.ts';
import { APPROVER, aFinding, aPolicy, REQUESTER, SECOND_APPROVER } from '../../builders/plan.ts';
import { aRollout, CHANNEL, type RolloutStory } from '../../builders/rollout.ts';

const STOPS = [
  aFinding('blocker', { check: 'flux', subject: 'apps' }),
  aFinding('blocker', { check: 'flux', subject: 'infra' }),
  aFinding('unknown', { check: 'velero', subject: 'cluster' }),
];
const stopped = (): RolloutStory => aRollout({ workers: ['worker-1'], controlPlane: [] }).planned(STOPS);
const overridden = (): RolloutStory =>
  stopped().overridden('flux', ['apps', 'infra']).overridden('velero', ['cluster']);
const told = (message: unknown): string => JSON.stringify(message);

describe('what a plan waits for', () => {
  it('names the checks, how much each found, and those who may', () => {
    const line = standingLine(stopped().rollout, aPolicy())?.mrkdwn;
    expect(line).toContain('`flux` (2), `velero` stop it');
    expect(line).toContain(`not the requester: <@${APPROVER}> or <@${SECOND_APPROVER}>`);
    expect(line).not.toContain(REQUESTER);
  });

  it.each([
    ['the requester too, where they may', aPolicy({ selfApproval: 'allowed' }), `<@${REQUESTER}>`],
    ['that nobody may', aPolicy({ approvers: [REQUESTER] }), 'nobody is configured'],
  ])('names %s', (_what, policy, says) => {
    expect(standingLine(stopped().rollout, policy)?.mrkdwn).toContain(says);
  });

  it.each([
    ['all is overridden', overridden()],
    ['it was given up', stopped().aborted()],
    ['nothing stops it', aRollout().planned()],
  ])('is not said when %s', (_what, { rollout }) => {
    expect(standingLine(rollout, aPolicy())).toBeNull();
  });

  test('is said of a plan that was only looked at, too', () => {
    const { plan } = aRollout();
    const seen = (findings: typeof STOPS): string =>
      told(planMessage({ cluster: 'prod', plan, findings, use: 'errand' }));
    expect(seen(STOPS)).toContain('until an approver overrides');
    expect(seen([aFinding('warning')])).not.toContain('overrides');
  });
});

describe('who overrode what, and why', () => {
  const story = overridden().started();
  const slot = (name: string): string => {
    const thread = threadOf({ entries: story.entries, policy: aPolicy(), notes: {}, now: story.now });
    return told(thread?.slots.find((one) => one.name === name)?.message);
  };
  const status = {
    cluster: 'prod',
    channel: CHANNEL,
    running: { rollout: story.rollout, url: null },
    last: null,
  };

  it.each([
    ['the plan', () => slot('plan')],
    ['the card', () => slot('card')],
    ['the summary', () => told(summaryMessage(overridden().started().aborted().finished('aborted').rollout))],
  ])('is on %s', (_what, show) => {
    const text = show();
    expect(text).toContain(
      `\`flux\` (apps, infra) by <@${APPROVER}>: “That app is being replaced this week.”`,
    );
    expect(text).toContain(`\`velero\` by <@${APPROVER}>`);
  });

  it('is in the status and on the App Home, in short', () => {
    const { now } = overridden();
    const line = `Overridden: \`flux\`, \`velero\` by <@${APPROVER}>`;
    expect(told(statusMessage([status], now))).toContain(line);
    expect(told(homeView({ user: REQUESTER, clusters: [{ ...status, policy: aPolicy() }], now }))).toContain(
      line,
    );
  });
});

describe('the modal', () => {
  const button = { cluster: 'prod', rollout: 'r1', gate: null, occasion: null };
  const at = { channel: CHANNEL, thread: null };

  it('shows everything that one check found, and asks why', () => {
    const text = told(overrideModal({ button: { ...button, checks: ['flux'] }, ...at }, stopped().rollout));
    expect(text).toContain('Blockers* (2)');
    expect(text).toContain('"min_length":10');
    expect(text).not.toContain('multi_static_select');
  });

  it('offers several checks to choose from', () => {
    const text = told(
      overrideModal({ button: { ...button, checks: ['flux', 'velero'] }, ...at }, stopped().rollout),
    );
    expect(text).toContain('multi_static_select');
  });

  it('opens also when the journal is too slow to say what was found', () => {
    const text = told(overrideModal({ button: { ...button, checks: ['flux'] }, ...at }, null));
    expect(text).toContain('`flux` stops the plan for *prod*');
  });
});
