// What a round has besides its own moves, drawn from a seed of its own so that those stay as they are: budgets, soaks, a Lease, people who take turns.
import type { Random } from '../playground/world/random.ts';
import type { DrainChoice } from '../src/rollout/blockade.ts';
import { ORDERS, type Order } from '../src/rollout/policy.ts';
import { among, anyNode, type Machines, pick, times } from './choice.ts';
import type { Move, Wish } from './move.ts';

export interface Soaks {
  readonly order: Order;
  readonly workersMs: number;
  readonly canaryMs: number;
  readonly stagesMs: number;
  /** Whether the canary restarts through its firmware. */
  readonly cold: boolean;
}

/** Each on or off by itself. */
export interface Besides {
  /** Budgets guard the pods, so that drains can be blocked, and people choose what becomes of them. */
  readonly budgets: boolean;
  /** The policy's order and how long what was upgraded is watched; null = as ever. */
  readonly soaks: Soaks | null;
  /** Whether the advisory Lease is taken. */
  readonly leased: boolean;
  /** Whether somebody keeps the thread in a Slack that can not be relied upon. */
  readonly announced: boolean;
  /** Whether one person hands the rollout over to another now and then. */
  readonly turns: boolean;
  /** Whether it is given up, and what it left armed is settled by another rollout. */
  readonly sequel: boolean;
}

const MINUTE_MS = 60_000;

/** `staged`: whether nodes are left armed when it is given up. */
export function drawBesides(random: Random, { staged }: { readonly staged: boolean }): Besides {
  const budgets = random.int(5) === 0;
  const soaks = random.int(6) === 0 ? drawSoaks(random) : null;
  const leased = random.int(6) === 0;
  const announced = random.int(8) === 0;
  const turns = random.int(6) === 0;
  const sequel = staged && random.int(5) > 0;
  return { budgets, soaks, leased, announced, turns, sequel };
}

function drawSoaks(random: Random): Soaks {
  return {
    order: pick(random, ORDERS),
    workersMs: pick(random, [0, 20_000, MINUTE_MS]),
    canaryMs: pick(random, [20_000, MINUTE_MS, 10 * MINUTE_MS]),
    stagesMs: pick(random, [0, 20_000, 2 * MINUTE_MS]),
    cold: random.int(3) === 0,
  };
}

/** The round's own moves with those of its besides between them. */
export function withBesides(
  random: Random,
  moves: readonly Move[],
  { machines, besides }: { readonly machines: Machines; readonly besides: Besides },
): readonly Move[] {
  const groups = [
    ...(besides.budgets ? times(4 + random.int(5), () => drawBlockade(random, machines)) : []),
    ...(besides.soaks === null ? [] : times(1 + random.int(4), () => drawSoaking(random))),
    ...(besides.leased ? times(2 + random.int(4), () => [drawLease(random)]) : []),
    ...(besides.announced ? times(4 + random.int(8), () => [drawWindow(random)]) : []),
    ...(besides.turns ? times(2 + random.int(4), () => [press(random, drawTurn(random))]) : []),
  ];
  const all = among(random, moves, groups);
  if (!besides.sequel) return all;
  // What was drawn for the rest of the first one happens to the second.
  const at = Math.floor(all.length * (0.05 + 0.4 * random.next()));
  return [...all.slice(0, at), drawSettling(random), ...drawSecondAct(random, machines), ...all.slice(at)];
}

function press(random: Random, wish: Wish): Move {
  const again = random.int(4) === 0 ? random.int(3) * random.int(8_000) : null;
  return { do: 'press', wish, user: random.int(4), again };
}

const CHOICES: readonly DrainChoice[] = ['wait', 'leave', 'leave', 'force', 'force'];
const STUCK: readonly string[] = [
  'pdb-blocks',
  'pdb-blocks',
  'pod-held',
  'pod-slow',
  'pod-alone',
  'pdb-double',
];

/** Mostly of the node that goes first, or it would seldom be in the way of anything. */
function drawStuck(random: Random, machines: Machines): Move {
  const name = pick(random, STUCK);
  const node = machines.workers > 0 && random.int(2) === 0 ? 'w-1' : anyNode(random, machines);
  return { do: 'fault', name, params: name.startsWith('pod-') ? { node } : {} };
}

/** What two people, or one of them, make of drains that ask. */
export function drawDrainers(random: Random): Move {
  return { do: 'drainers', choose: pick(random, CHOICES), alone: random.int(3) === 0 };
}

/** Something in the way of a drain and people who make up their minds about it, something more, or one who presses by himself. */
function drawBlockade(random: Random, machines: Machines): readonly Move[] {
  const stuck = (): readonly Move[] => [
    drawStuck(random, machines),
    drawDrainers(random),
    { do: 'wait', ms: 1_000 * random.int(25) },
  ];
  switch (random.int(5)) {
    case 0:
      return [press(random, pick(random, ['drain-wait', 'drain-leave', 'drain-force'] as const))];
    case 1:
      return [{ do: 'drainers', choose: null, alone: false }];
    case 2:
      return drawOvertaken(random);
    default:
      return stuck();
  }
}

/** One person made up his mind, and then something more gets stuck. */
function drawOvertaken(random: Random): readonly Move[] {
  const choose = pick(random, ['leave', 'force'] as const);
  return [
    { do: 'fault', name: 'pdb-blocks', params: {} },
    { do: 'drainers', choose, alone: true },
    { do: 'wait', ms: 15_000 + 1_000 * random.int(10) },
    { do: 'fault', name: 'pod-held', params: { node: 'w-1' } },
    { do: 'wait', ms: 12_000 + 1_000 * random.int(10) },
    { do: 'drainers', choose, alone: false },
    { do: 'wait', ms: 1_000 * random.int(20) },
  ];
}

/** A soak is longer than most waits: it is waited for, cut short, or disturbed. */
function drawSoaking(random: Random): readonly Move[] {
  switch (random.int(4)) {
    case 0:
      return [press(random, 'continue')];
    case 1:
      return [{ do: 'wait', ms: 10_000 * random.int(30) }];
    default:
      return [{ do: 'wait', ms: 10_000 * random.int(12) }];
  }
}

function drawLease(random: Random): Move {
  return random.int(4) === 0
    ? { do: 'fault', name: 'kubernetes-away', params: {} }
    : { do: 'lease', ms: 1_000 * (1 + random.int(180)) };
}

const MOODS = ['well', 'busy', 'silent', 'deaf', 'deaf', 'hiccup', 'killed', 'killed', 'second'] as const;

function drawWindow(random: Random): Move {
  const is = pick(random, MOODS);
  return { do: 'window', is, ms: pick(random, [200, 2_000, MINUTE_MS, 10 * MINUTE_MS]) };
}

function drawTurn(random: Random): Wish {
  return pick(random, ['take-over', 'hand-over', 'hand-over', 'hand-to-anybody'] as const);
}

function drawSettling(random: Random): Move {
  const goal = pick(random, ['finish-node', 'disarm-node'] as const);
  return { do: 'settle', goal, which: random.int(6) };
}

const SECOND_ACT = 12;

/** Mostly people who want it, with a little in the way. */
function drawSecondAct(random: Random, machines: Machines): readonly Move[] {
  return times(SECOND_ACT, () => {
    const chance = random.int(10);
    if (chance < 4) return press(random, 'go');
    if (chance < 8) return { do: 'wait' as const, ms: 100 * random.int(80) };
    if (chance < 9)
      return press(random, pick(random, ['pause', 'resume', 'retry', 'abort', 'deny'] as const));
    return pick<() => Move>(random, [
      () => ({ do: 'crash', ahead: 1 + random.int(8), when: random.int(2) === 0 ? 'before' : 'after' }),
      () => ({
        ...{ do: 'fault', name: 'lost-reply' },
        params: { node: anyNode(random, machines), method: pick(random, ['Reboot', 'Rollback']) },
      }),
      () => ({ do: 'late', ms: 1_000 + random.int(MINUTE_MS) }),
      () => ({
        do: 'fault',
        name: 'etcd-learner',
        params: { node: `cp-${1 + random.int(machines.controlPlanes)}` },
      }),
      () => ({ do: 'kill', which: random.int(4) }),
      () => ({ do: 'start' }),
    ])();
  });
}
