// What a stored plan must look like. Everything after it is decided by it, so its parts must also agree with each other.

import type { Role } from '../../cluster/node.ts';
import type { RebootMode } from '../../cluster/reboot-mode.ts';
import { readRebootMode } from '../../cluster/reboot-mode.ts';
import type { SchematicWish } from '../../cluster/schematic.ts';
import type { Gate, ProofKind } from '../gate.ts';
import type { Goal } from '../goal.ts';
import type { Batch, Lane, Plan, PlannedNode, Stage } from '../plan.ts';
import type { Step, StepFacts, StepKind, StepValue } from '../step.ts';
import {
  agreeing,
  amount,
  type Flaw,
  fields,
  list,
  maybe,
  oneOf,
  orNull,
  record,
  type Shape,
  some,
  text,
  truth,
  variants,
  yes,
} from './shape.ts';

const role = oneOf<Role>({ 'control-plane': true, worker: true });

export const proofKind = oneOf<ProofKind>({ healthy: true, repair: true, outage: true, dead: true });

const rebootMode = oneOf<RebootMode>({ default: true, powercycle: true, force: true });

const schematicWish = variants<SchematicWish>({
  keep: fields({}),
  id: fields<{ readonly id: string }>({ id: text }),
  change: fields<{ readonly add: readonly string[]; readonly remove: readonly string[] }>({
    add: list(text),
    remove: list(text),
  }),
});

type GoalFields<K extends Goal['kind']> = Omit<Extract<Goal, { readonly kind: K }>, 'kind'>;

export const goal = variants<Goal>({
  'upgrade-talos': fields<GoalFields<'upgrade-talos'>>({
    version: text,
    schematic: maybe(schematicWish),
    staged: maybe(yes),
    rebootMode: maybe(rebootMode),
  }),
  'rollback-node': fields<GoalFields<'rollback-node'>>({ node: text }),
  'finish-node': fields<GoalFields<'finish-node'>>({ node: text }),
  'disarm-node': fields<GoalFields<'disarm-node'>>({ node: text }),
});

const stepValue: Shape<StepValue> = (value) =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
    ? null
    : { at: '', found: value, expected: 'a text, a number, true, false or null' };

export const stepFacts: Shape<StepFacts> = record(stepValue);

const stepKind = oneOf<StepKind>({
  ...{ pull: true, snapshot: true, backup: true, suspend: true, cordon: true, drain: true, install: true },
  ...{ forfeit: true, reboot: true, 'upgrade-legacy': true, rollback: true, return: true, uncordon: true },
  ...{ soak: true, resume: true },
});

const step = fields<Step>({
  id: text,
  kind: stepKind,
  node: text,
  limitMs: amount,
  repeat: oneOf<Step['repeat']>({ freely: true, never: true }),
  presence: oneOf<Step['presence']>({ stays: true, departs: true }),
  owes: orNull(text),
  params: stepFacts,
});

const gate = fields<Gate>({ id: text, node: text, proof: proofKind, fingerprint: text });

const lane = fields<Lane>({
  id: text,
  node: text,
  role: orNull(role),
  gate: orNull(gate),
  steps: list(step),
});

const stage = fields<Stage>({
  id: text,
  title: text,
  width: some,
  lanes: list(lane),
  why: maybe(text),
  batches: maybe(list(fields<Batch>({ lanes: list(text), why: list(text) }))),
});

const node = fields<PlannedNode>({
  name: text,
  address: text,
  role,
  from: text,
  to: orNull(text),
  schematic: orNull(text),
  extensions: maybe(list(text)),
  becomes: maybe(
    fields<NonNullable<PlannedNode['becomes']>>({
      schematic: orNull(text),
      extensions: orNull(list(text)),
      digest: orNull(text),
    }),
  ),
  image: orNull(text),
  touched: truth,
});

export const plan: Shape<Plan> = agreeing(
  fields<Plan>({
    goal,
    success: oneOf<Plan['success']>({ upgraded: true, 'rolled-back': true, disarmed: true }),
    nodes: list(node),
    etcdMembers: list(text),
    stages: list(stage),
  }),
  disagreement,
);

/** What is asked of a plan while it is walked has one answer: ids are unique, and what is named is there. */
function disagreement({ stages }: Plan): Flaw | null {
  const ids = { lane: new Set<string>(), step: new Set<string>(), gate: new Set<string>() };
  const steps = new Set(stages.flatMap(({ lanes }) => lanes.flatMap((one) => one.steps.map(({ id }) => id))));
  for (const [s, { lanes, width, batches }] of stages.entries()) {
    const at = `stages[${s}]`;
    if (width > 1 && lanes.some((one) => one.gate !== null))
      return { at: `${at}.width`, found: width, expected: '1, as a stage with a gate has' };
    if (batches !== undefined && !coversOnce(batches, lanes))
      return { at: `${at}.batches`, found: batches, expected: 'all lanes of the stage, each once' };
    for (const [l, one] of lanes.entries()) {
      const wrong = laneFlaw(one, { at: `${at}.lanes[${l}]`, ids, steps });
      if (wrong !== null) return wrong;
    }
  }
  return null;
}

function coversOnce(batches: readonly Batch[], lanes: readonly Lane[]): boolean {
  const named = batches.flatMap((batch) => batch.lanes);
  return named.length === lanes.length && lanes.every(({ id }) => named.includes(id));
}

interface Around {
  readonly at: string;
  /** Those seen so far. */
  readonly ids: { readonly lane: Set<string>; readonly step: Set<string>; readonly gate: Set<string> };
  /** All of the plan. */
  readonly steps: ReadonlySet<string>;
}

function laneFlaw(one: Lane, { at, ids, steps }: Around): Flaw | null {
  if (!isFirst(ids.lane, one.id)) return { at: `${at}.id`, found: one.id, expected: 'an id of its own' };
  if (one.gate !== null && !isFirst(ids.gate, one.gate.id))
    return { at: `${at}.gate.id`, found: one.gate.id, expected: 'an id of its own' };
  if (one.gate !== null && one.gate.node !== one.node)
    return { at: `${at}.gate.node`, found: one.gate.node, expected: 'the node of its lane' };
  for (const [i, each] of one.steps.entries()) {
    const where = `${at}.steps[${i}]`;
    if (!isFirst(ids.step, each.id))
      return { at: `${where}.id`, found: each.id, expected: 'an id of its own' };
    if (each.node !== one.node)
      return { at: `${where}.node`, found: each.node, expected: 'the node of its lane' };
    if (each.owes !== null && !steps.has(each.owes))
      return { at: `${where}.owes`, found: each.owes, expected: 'a step of the plan' };
    const wrong = paramFlaw(each);
    if (wrong !== null) return { ...wrong, at: `${where}.params.${wrong.at}` };
  }
  return null;
}

/** Of the figures of a step those by which it is decided whether, and how, it is sent. */
function paramFlaw({ kind, presence, params }: Step): Flaw | null {
  const { mode, ms } = params;
  if (presence === 'departs' && mode !== undefined && readRebootMode(mode) === null)
    return { at: 'mode', found: mode, expected: 'a reboot mode' };
  const wrong = kind === 'soak' ? amount(ms) : null;
  return wrong === null ? null : { ...wrong, at: 'ms' };
}

function isFirst(seen: Set<string>, id: string): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}
