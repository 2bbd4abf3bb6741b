// What the data of each kind of fact must look like. Fields are added, as optional ones, and never renamed or used for something else.
import type { Finding, Level } from '../../checks/finding.ts';
import type { Baseline } from '../../cluster/baseline.ts';
import type { HopTime, Path, PathHop, PathTarget, Product } from '../../cluster/path.ts';
import type { Blocker, BudgetCounts, DrainChoice } from '../blockade.ts';
import type { EventKind, Outcome, RolloutEvent } from '../event.ts';
import type { Proof } from '../gate.ts';
import type { Estimate, Usual } from '../history.ts';
import type { HopAhead, Journey } from '../journey.ts';
import { goal, plan, proofKind, stepFacts } from './plan-shape.ts';
import {
  amount,
  count,
  fields,
  figure,
  list,
  maybe,
  oneOf,
  orNull,
  record,
  type Shape,
  some,
  text,
  versioned,
  yes,
} from './shape.ts';

const level = oneOf<Level>({ ok: true, warning: true, blocker: true, skipped: true, unknown: true });

const finding = fields<Finding>({
  check: text,
  level,
  subject: text,
  sentence: text,
  advice: orNull(text),
  silence: maybe(fields<NonNullable<Finding['silence']>>({ what: text, why: text })),
});

const findings = list(finding);

const proof = fields<Proof>({
  kind: proofKind,
  sentence: text,
  voters: count,
  quorum: count,
  votersLeft: count,
  leader: orNull(text),
  maxLag: amount,
});

const product = oneOf<Product>({ talos: true, kubernetes: true });
const hopTime = fields<HopTime>({ upgrades: count, ms: figure });
const hop = fields<PathHop>({ kind: product, from: text, to: text, notesUrl: text, why: text });
const way = versioned<Path>({ hops: list(hop), hopTime: maybe(hopTime) });

const journey = versioned<Journey>({
  to: fields<PathTarget>({ talos: orNull(text), kubernetes: orNull(text) }),
  hop: count,
  of: count,
  ahead: list(fields<HopAhead>({ kind: product, to: text })),
  hopTime: maybe(hopTime),
});

const baseline = versioned<Baseline>({ ill: record(count), beyond: count, marks: maybe(record(text)) });

const usual = fields<Usual>({ medianMs: figure, p95Ms: figure, seen: count });

const estimate = fields<Estimate>({
  upgrades: count,
  typicalMs: figure,
  slowMs: figure,
  nodes: record(figure),
});

const budget = fields<BudgetCounts>({
  name: text,
  disruptionsAllowed: figure,
  currentHealthy: figure,
  desiredHealthy: figure,
  expectedPods: figure,
});

const blocker = fields<Blocker>({
  namespace: text,
  name: text,
  uid: text,
  workload: text,
  cause: oneOf<Blocker['cause']>({
    ...{ budget: true, budgets: true, namespace: true, refused: true, stuck: true, 'comes-back': true },
  }),
  why: text,
  budgets: list(budget),
  loses: list(oneOf<Blocker['loses'][number]>({ 'empty-dir': true, itself: true })),
});

const outcome = oneOf<Outcome>({
  ...{ upgraded: true, 'rolled-back': true, disarmed: true, denied: true, expired: true, blocked: true },
  ...{ refused: true, aborted: true, unchanged: true },
});

type DataOf<K extends EventKind> = Omit<Extract<RolloutEvent, { readonly kind: K }>, 'kind'>;

const stepOnly = { step: text };
const stepWhy = fields<DataOf<'step-failed'>>({ ...stepOnly, why: text });
const gateWhy = fields<DataOf<'gate-voided'>>({ gate: text, why: text });
/** A person's word, with the Slack delivery it came by. */
const said = { user: text, delivery: text };

/** Null when it is the data of such a fact, and otherwise the first place where it is not. */
export const FACTS: { readonly [K in EventKind]: Shape<DataOf<K>> } = {
  asked: fields<DataOf<'asked'>>({
    ...{ rollout: text, cluster: text, goal, channel: text, journey: maybe(journey) },
    ...said,
  }),
  planned: fields<DataOf<'planned'>>({
    ...{ plan, findings, expiresAt: amount },
    estimate: maybe(estimate),
    usuals: maybe(record(usual)),
    baseline: maybe(baseline),
  }),
  declined: fields<DataOf<'declined'>>({
    outcome: oneOf<DataOf<'declined'>['outcome']>({ refused: true, unchanged: true, blocked: true }),
    ...{ sentence: text, findings, way: maybe(way) },
  }),
  overridden: fields<DataOf<'overridden'>>({
    ...{ check: text, subjects: list(text), reason: text, findings: maybe(findings) },
    ...said,
  }),
  started: fields<DataOf<'started'>>({ user: orNull(text), delivery: orNull(text) }),
  'gate-opened': fields<DataOf<'gate-opened'>>({
    ...{ gate: text, fingerprint: text, proof, needs: some, expiresAt: amount, remarks: maybe(list(text)) },
  }),
  approved: fields<DataOf<'approved'>>({ gate: text, fingerprint: text, ...said }),
  denied: fields<DataOf<'denied'>>({ gate: text, reason: text, ...said }),
  'gate-passed': fields<DataOf<'gate-passed'>>({ gate: text, proof }),
  'gate-voided': gateWhy,
  'gate-expired': fields<DataOf<'gate-expired'>>({ gate: text }),
  'gate-withheld': gateWhy,
  'lane-deferred': fields<DataOf<'lane-deferred'>>({ lane: text, why: text }),
  'step-begun': fields<DataOf<'step-begun'>>({ ...stepOnly, evidence: stepFacts, by: text }),
  'step-ended': fields<DataOf<'step-ended'>>({ ...stepOnly, result: stepFacts }),
  'step-slow': fields<DataOf<'step-slow'>>({
    ...{ ...stepOnly, afterMs: figure, evidence: list(text), usual: maybe(usual) },
  }),
  'step-failed': stepWhy,
  'step-withdrawn': stepWhy,
  'step-doubted': stepWhy,
  'step-outdated': stepWhy,
  'drain-blocked': fields<DataOf<'drain-blocked'>>({ ...stepOnly, blockers: list(blocker) }),
  'drain-cleared': fields<DataOf<'drain-cleared'>>(stepOnly),
  'drain-proposed': fields<DataOf<'drain-proposed'>>({
    ...{ ...stepOnly, choice: oneOf<Exclude<DrainChoice, 'wait'>>({ leave: true, force: true }) },
    ...said,
  }),
  'drain-decided': fields<DataOf<'drain-decided'>>({
    ...{ ...stepOnly, choice: oneOf<DrainChoice>({ wait: true, leave: true, force: true }) },
    ...{ pods: list(text), workloads: maybe(list(text)), askedBy: text },
    ...said,
  }),
  retried: fields<DataOf<'retried'>>({ subject: text, notBefore: amount, waitMs: maybe(amount), ...said }),
  'soak-shortened': fields<DataOf<'soak-shortened'>>({ ...stepOnly, ...said }),
  skipped: fields<DataOf<'skipped'>>({ lane: text, ...said }),
  'debt-taken': fields<DataOf<'debt-taken'>>({ ...stepOnly, ...said }),
  'handed-over': fields<DataOf<'handed-over'>>({ to: text, ...said }),
  paused: fields<DataOf<'paused'>>({ stays: maybe(yes), ...said }),
  resumed: fields<DataOf<'resumed'>>(said),
  aborted: fields<DataOf<'aborted'>>(said),
  expired: fields<DataOf<'expired'>>({}),
  finished: fields<DataOf<'finished'>>({ outcome, findings: maybe(findings) }),
};
