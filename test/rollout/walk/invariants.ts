// The product's promises as questions to a walk; each throws with a sentence when it is broken (design.md 5).
import { maySetAside } from '../../../src/checks/catalogue.ts';
import { blocks } from '../../../src/checks/finding.ts';
import { decide } from '../../../src/rollout/decide.ts';
import type { Entry } from '../../../src/rollout/event.ts';
import type { Intent } from '../../../src/rollout/intent.ts';
import { next } from '../../../src/rollout/next.ts';
import { laneOfStep, lanesOf, plannedNode, stepById, stepsOn } from '../../../src/rollout/plan.ts';
import {
  debtsOf,
  gateState,
  laneDone,
  type Rollout,
  stepState,
  stepsInHand,
} from '../../../src/rollout/rollout.ts';
import { dueAt, soaksOnly } from '../../../src/rollout/soak.ts';
import { changesNode } from '../../../src/rollout/step.ts';
import { APPROVER, REQUESTER, SECOND_APPROVER } from '../../builders/plan.ts';
import type { Walker } from './walker.ts';

function promise(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`broken promise: ${sentence}`);
}

/** 1: at most one control-plane node away, at most the policy's number of workers, never both roles. */
export function fewAreAway(walker: Walker): void {
  const { down, rollout, policy } = walker;
  const { plan } = rollout;
  if (plan === null) return;
  const roleOf = (node: string): string => plannedNode(plan, node)?.role ?? '';
  const controlPlane = [...down].filter((node) => roleOf(node) === 'control-plane');
  const workers = [...down].filter((node) => roleOf(node) === 'worker');
  promise(controlPlane.length <= 1, `${controlPlane.join(' and ')} are away at once`);
  promise(controlPlane.length === 0 || workers.length === 0, `${[...down].join(' and ')} are away at once`);
  // A worker that a named person left behind is that person's; it does not stop the others.
  const ours = workers.filter((node) => !walker.leftBehind(node));
  promise(
    ours.length <= policy.parallelWorkers,
    `${ours.join(', ')} are away, ${policy.parallelWorkers} may be`,
  );
}

/** Workers that are away at the same time were judged together: they are of one batch, where there are batches. */
export function onlyCompanionsAreAway(walker: Walker): void {
  const { down, rollout } = walker;
  for (const { lanes, batches = [] } of rollout.plan?.stages ?? []) {
    const gone = lanes.filter(({ node }) => down.has(node) && !walker.leftBehind(node));
    const companies = batches.filter((batch) => gone.some(({ id }) => batch.lanes.includes(id)));
    promise(companies.length <= 1, `${gone.map(({ node }) => node).join(' and ')} are of several batches`);
  }
}

/** Nothing is touched before every soak in front of it is over, and a soak is over when its time is, or a person's word. */
export function soaksAreKept(before: Rollout, { event, at }: Entry): void {
  const { plan } = before;
  if (event.kind !== 'step-begun' || plan === null || before.phase.phase === 'tidying') return;
  const lane = laneOfStep(plan, event.step);
  const step = stepById(plan, event.step);
  if (lane === null || step === null) return;
  promise(at >= dueAt(before, step), `${step.id} begun before its time`);
  if (!changesNode(step) || before.skipped.has(lane.id)) return;
  const lanes = lanesOf(plan);
  const waits = lanes.slice(0, lanes.indexOf(lane)).filter(soaksOnly);
  promise(
    waits.every((wait) => laneDone(before, wait)),
    `${step.id} begun during a soak`,
  );
}

/** 3 and 4: what a "begun" needs, judged on the rollout right before it. */
export function mayHaveBegun(before: Rollout, entry: Entry, walker: Walker): void {
  const { event } = entry;
  if (event.kind !== 'step-begun' || before.plan === null) return;
  const step = stepById(before.plan, event.step);
  const lane = laneOfStep(before.plan, event.step);
  if (step === null || lane === null) throw new Error(`${event.step} is in no plan`);
  const owed = debtsOf(before).some(({ pay }) => pay.id === step.id);
  const { phase } = before;
  promise(
    (phase.phase === 'running' && phase.halt === null) || (phase.phase === 'tidying' && owed),
    `${step.id} begun while ${phase.phase}`,
  );
  promise(before.startedAt !== null, `${step.id} begun before the start`);
  nothingStands(before, walker);
  promise(!before.skipped.has(lane.id) || owed, `${step.id} begun although its lane is skipped`);
  const installs = stepsOn(before.plan, step.node).filter(({ kind }) => kind === 'install');
  promise(
    step.kind !== 'reboot' || installs.every(({ id }) => stepState(before, id).state === 'ended'),
    `${step.id} begun on a node that was not installed`,
  );
  if (lane.gate !== null) gatePassed(before, lane.gate.id, walker);
  const earlier = walker.entries.filter((other) => other.n < entry.n);
  const last = earlier.findLastIndex(({ event: e }) => e.kind === 'step-begun' && e.step === step.id);
  const since = last === -1 ? [] : earlier.slice(last);
  const released = since.some(
    ({ event: e }) =>
      (e.kind === 'step-withdrawn' && e.step === step.id) || (e.kind === 'retried' && e.subject === step.id),
  );
  promise(last === -1 || step.repeat === 'freely' || released, `${step.id} begun twice with nobody's name`);
  promise(
    !earlier.some(({ event: e }) => e.kind === 'step-ended' && e.step === step.id),
    `${step.id} begun after it ended`,
  );
}

/** 9: nothing is begun over a finding that no other approver took on by name, with a reason. */
function nothingStands(before: Rollout, { policy }: Walker): void {
  for (const { check, subject } of before.findings.filter(blocks)) {
    const taken = before.overrides.find((one) => one.check === check && one.subjects.includes(subject));
    if (taken === undefined) throw new Error(`broken promise: begun while ${check} of ${subject} stands`);
    promise(maySetAside(check), `${check} was overridden`);
    promise(policy.approvers.includes(taken.user), `${check} was overridden by ${taken.user}`);
    promise(
      policy.selfApproval === 'allowed' || taken.user !== before.user,
      `${check} was overridden by the person who asked`,
    );
    promise(taken.reason.trim().length >= 10, `${check} was overridden without a reason`);
  }
}

function gatePassed(before: Rollout, gate: string, { policy }: Walker): void {
  const state = gateState(before, gate);
  if (state.state !== 'passed')
    throw new Error(`broken promise: an act behind ${gate}, which is ${state.state}`);
  const people = new Set(state.approvals.map((approval) => approval.user));
  promise(people.size >= policy.approvals, `${gate} passed with ${people.size} approvals`);
  promise(
    [...people].every((user) => policy.approvers.includes(user)),
    `${gate} passed by somebody else`,
  );
  promise(
    policy.selfApproval === 'allowed' || !people.has(REQUESTER),
    `${gate} passed by the person who asked for it`,
  );
}

/** 6 and 8: finished owes nothing and holds nothing. */
export function finishedIsFinished(rollout: Rollout): void {
  if (rollout.phase.phase !== 'finished') return;
  const debts = debtsOf(rollout).map(({ pay }) => pay.id);
  promise(debts.length === 0, `finished and owes ${debts.join(', ')}`);
  promise(stepsInHand(rollout).length === 0, 'finished with a step in hand');
}

/** 6: something can happen by itself, or a person is asked and has a button that works. */
export function isNotSilent({ rollout, now, policy }: Walker): void {
  const { phase } = rollout;
  if (phase.phase === 'finished') return;
  const { tasks, wakeAt } = next(rollout, now);
  if (tasks.length > 0 || wakeAt !== null) return;
  const asksPeople = ['proposed', 'at-gate', 'paused', 'held'].includes(phase.phase);
  promise(asksPeople, `silence while ${JSON.stringify(phase)}`);
  const gate = phase.phase === 'at-gate' ? phase.gate : '';
  const buttons: readonly Intent[] = [
    ...([{ kind: 'start' }, { kind: 'resume' }, { kind: 'retry' }, { kind: 'skip' }] as const),
    { kind: 'approve', gate },
  ];
  const works = buttons.some((intent) =>
    [APPROVER, REQUESTER, SECOND_APPROVER].some((user) => {
      const said = decide(rollout, { intent, user, delivery: 'button' }, { policy, now });
      return said.kind === 'decided' && said.events.length > 0;
    }),
  );
  promise(works, `no button moves ${JSON.stringify(phase)}`);
}

/** Every failed or doubted step of a moving rollout is somebody's question: none is left lying about. */
export function nothingIsForgotten(rollout: Rollout): void {
  const { phase, plan } = rollout;
  if (plan === null || phase.phase !== 'running' || phase.halt !== null) return;
  for (const lane of plan.stages.flatMap((stage) => stage.lanes)) {
    if (rollout.skipped.has(lane.id)) continue;
    for (const step of lane.steps) {
      const { state } = stepState(rollout, step.id);
      const lies = (state === 'failed' || state === 'doubted') && !rollout.debtsTaken.has(step.id);
      promise(!lies, `${step.id} ${state} and nobody is asked`);
    }
  }
}
