// Draws the phases of a rollout from the code: node scripts/draw-phases.ts (prints), … --write (puts it into docs/rollout.md).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decide } from '../src/rollout/decide.ts';
import type { Entry, RolloutEvent } from '../src/rollout/event.ts';
import { evolve } from '../src/rollout/evolve.ts';
import type { Proof } from '../src/rollout/gate.ts';
import type { Intent } from '../src/rollout/intent.ts';
import { next, type Task } from '../src/rollout/next.ts';
import { gated, laneOf } from '../src/rollout/plan/lanes.ts';
import type { Lane, Plan } from '../src/rollout/plan.ts';
import type { Limits, Policy } from '../src/rollout/policy.ts';
import { outcomeOf, type Rollout } from '../src/rollout/rollout.ts';
import type { StepKind } from '../src/rollout/step.ts';

/** The small plan below has a few thousand states; more means that something grows without end. */
const MOST_STATES = 50_000;
/** After every expiry and every wait. */
const FAR_AHEAD = 1e12;
const SOMEBODY = 'U1';

const LIMITS: Limits = {
  ...{ pullMs: 1, snapshotMs: 1, drainMs: 1, installMs: 1, rebootMs: 1, returnMs: 1 },
  ...{ proveMs: 1, flightMs: 1 },
};
const POLICY: Policy = {
  ...{ operators: [SOMEBODY], approvers: [SOMEBODY], approvals: 1, selfApproval: 'allowed', start: 'ask' },
  ...{
    rebootMode: 'default',
    checks: {},
    parallelWorkers: 2,
    proposalExpiryMs: 1_000,
    gateExpiryMs: 1_000,
    limits: LIMITS,
  },
};
const PROOF: Proof = {
  ...{ kind: 'healthy', sentence: '', voters: 3, quorum: 2, votersLeft: 2, leader: null, maxLag: 0 },
};

/** As little as shows everything: two lanes side by side, a debt, acts that may fall in doubt, and a gate. */
function smallPlan(): Plan {
  const goal = { kind: 'upgrade-talos', version: 'v2.0.0' } as const;
  const lane = (number: number, node: string, kinds: readonly StepKind[]): Lane =>
    laneOf(number, { node, role: 'worker', steps: kinds.map((kind) => ({ kind, params: {} })) }, LIMITS);
  const assumed = { goal, nodes: [], etcdMembers: [] };
  const last = gated({ ...lane(3, 'c', ['reboot']), role: 'control-plane' }, 'healthy', assumed);
  const workers = [lane(1, 'a', ['cordon', 'uncordon']), lane(2, 'b', ['reboot'])];
  return {
    ...{ goal, success: 'upgraded', nodes: [], etcdMembers: [] },
    stages: [
      { id: 'workers', title: 'Workers', width: 2, lanes: workers },
      { id: 'control-plane', title: 'Control plane', width: 1, lanes: [last] },
    ],
  };
}

const PLAN = smallPlan();

function add(before: Rollout | null, event: RolloutEvent): Rollout {
  const n = (before?.version ?? 0) + 1;
  const entry: Entry = { n, at: n, by: { kind: 'clock' }, v: 1, event };
  return evolve(before, entry);
}

/** Everything that may be written down next, at once each: by the driver for each task, and by a person for each button. */
function possible(rollout: Rollout): readonly Written[] {
  const tasks = [rollout.lastAt, FAR_AHEAD].flatMap((now) => next(rollout, now).tasks);
  const facts = tasks.flatMap((task) => factsOf(rollout, task));
  return [...facts.map((fact): Written => [fact]), ...pressed(rollout)];
}

type Written = readonly [RolloutEvent, ...(readonly RolloutEvent[])];

function factsOf(rollout: Rollout, task: Task): readonly RolloutEvent[] {
  switch (task.kind) {
    case 'plan':
      return [
        { kind: 'planned', plan: PLAN, findings: [], expiresAt: rollout.lastAt + POLICY.proposalExpiryMs },
        { kind: 'declined', outcome: 'blocked', sentence: '', findings: [] },
      ];
    case 'step':
      return stepFacts(task);
    case 'open-gate': {
      const gate = task.lane.gate?.id ?? '';
      const expiresAt = rollout.lastAt + POLICY.gateExpiryMs;
      return [
        { kind: 'gate-opened', gate, fingerprint: '', proof: PROOF, needs: POLICY.approvals, expiresAt },
        { kind: 'gate-withheld', gate, why: '' },
      ];
    }
    case 'prove-gate': {
      const gate = task.lane.gate?.id ?? '';
      return [
        { kind: 'gate-passed', gate, proof: PROOF },
        { kind: 'gate-voided', gate, why: '' },
      ];
    }
    case 'expire':
      return rollout.phase.phase === 'at-gate'
        ? [{ kind: 'gate-expired', gate: rollout.phase.gate }]
        : [{ kind: 'expired' }];
    case 'finish': {
      const { phase } = rollout;
      return [
        { kind: 'finished', outcome: phase.phase === 'tidying' ? phase.outcome : outcomeOf(rollout, PLAN) },
      ];
    }
  }
}

function stepFacts({ step, begun }: Extract<Task, { kind: 'step' }>): readonly RolloutEvent[] {
  const { id } = step;
  const failed: RolloutEvent = { kind: 'step-failed', step: id, why: '' };
  if (!begun) return [{ kind: 'step-begun', step: id, evidence: {}, by: 'w' }, failed];
  const ended: RolloutEvent = { kind: 'step-ended', step: id, result: {} };
  const doubted: RolloutEvent = { kind: 'step-doubted', step: id, why: '' };
  return step.repeat === 'never' ? [ended, failed, doubted] : [ended, failed];
}

function pressed(rollout: Rollout): readonly Written[] {
  const [gate = ''] = [...rollout.gates].flatMap(([id, state]) => (state.state === 'open' ? [id] : []));
  const intents: readonly Intent[] = [
    ...([{ kind: 'start' }, { kind: 'pause' }, { kind: 'resume' }] as const),
    ...([{ kind: 'retry' }, { kind: 'skip' }, { kind: 'abort' }] as const),
    { kind: 'approve', gate },
    { kind: 'deny', gate, reason: '' },
  ];
  return intents.flatMap((intent) => {
    const asked = { intent, user: SOMEBODY, delivery: 'd' };
    const said = decide(rollout, asked, { policy: POLICY, now: rollout.lastAt });
    const [first, ...others] = said.kind === 'decided' ? said.events : [];
    return first === undefined ? [] : [[first, ...others]];
  });
}

/** A phase's name in the drawing. Running with a halt is a state of its own: people see it as such. */
function nameOf(rollout: Rollout): string {
  const { phase } = rollout;
  return phase.phase === 'running' && phase.halt !== null ? 'stopping' : phase.phase;
}

/** What makes two states the same for the future; times and counts do not. */
function keyOf(rollout: Rollout): string {
  const states = (map: ReadonlyMap<string, { readonly state: string }>): readonly string[] =>
    [...map].map(([id, { state }]) => `${id}=${state}`).sort();
  const { phase, skipped, debtsTaken, doubts, begins } = rollout;
  const where = phase.phase === 'proposed' ? phase.phase : phase;
  const marks = [skipped, debtsTaken, doubts, begins].map((map) => [...map.keys()].sort());
  return JSON.stringify([where, states(rollout.steps), states(rollout.gates), marks]);
}

const ORDER = [
  'asked',
  'proposed',
  'running',
  'stopping',
  'at-gate',
  'paused',
  'held',
  'tidying',
  'finished',
];

interface Turn {
  readonly before: Rollout;
  readonly written: Written;
  readonly after: Rollout;
}

/** Everything that may happen to the small plan, from each of its states. Throws when there are too many. */
export function* turns(): Generator<Turn> {
  const goal = PLAN.goal;
  const asked = { kind: 'asked', rollout: 'r', cluster: 'c', goal, user: SOMEBODY, channel: '' } as const;
  const queue = [add(null, { ...asked, delivery: 'd0' })];
  const seen = new Set<string>();
  for (let rollout = queue.pop(); rollout !== undefined; rollout = queue.pop()) {
    if (seen.has(keyOf(rollout))) continue;
    seen.add(keyOf(rollout));
    if (seen.size > MOST_STATES) throw new Error(`more than ${MOST_STATES} states`);
    for (const written of possible(rollout)) {
      const [first, ...others] = written;
      const after = others.reduce<Rollout>(add, add(rollout, first));
      yield { before: rollout, written, after };
      queue.push(after);
    }
  }
}

/** Every way from one phase to another that the code takes, as `from → to → kinds of facts`. */
export function phaseChanges(): ReadonlyMap<string, ReadonlySet<string>> {
  const changes = new Map<string, Set<string>>();
  for (const { before, written, after } of turns()) {
    const change = `${nameOf(before)} ${nameOf(after)}`;
    if (nameOf(before) !== nameOf(after))
      changes.set(change, (changes.get(change) ?? new Set()).add(written[0].kind));
  }
  return changes;
}

/** A mermaid state diagram; facts that leave the phase as it is are not drawn. */
export function drawing(): string {
  const arrows = [...phaseChanges()].map(([change, kinds]) => {
    const [from = '', to = ''] = change.split(' ');
    return { from, to, kinds: [...kinds].sort().join(', ') };
  });
  const rank = (name: string): number => ORDER.indexOf(name);
  arrows.sort((a, b) => rank(a.from) - rank(b.from) || rank(a.to) - rank(b.to));
  const id = (name: string): string => name.replaceAll('-', '_');
  return [
    'stateDiagram-v2',
    '    at_gate : at-gate',
    '    [*] --> asked : asked',
    ...arrows.map(({ from, to, kinds }) => `    ${id(from)} --> ${id(to)} : ${kinds}`),
    '    finished --> [*]',
  ].join('\n');
}

const DOC = new URL('../docs/rollout.md', import.meta.url);
const FENCED = /```mermaid\n[\s\S]*?\n```/;

/** The document with the drawing as it should be. */
export function withDrawing(document: string): string {
  return document.replace(FENCED, `\`\`\`mermaid\n${drawing()}\n\`\`\``);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) writeFileSync(DOC, withDrawing(readFileSync(DOC, 'utf8')));
  else process.stdout.write(`${drawing()}\n`);
}
