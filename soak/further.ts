// What came to be drawn last, from a third seed, so that everything else stays as it is: lost notes and calls, returning pods, pauses.
import type { Random } from '../playground/world/random.ts';
import { drawDrainers } from './besides.ts';
import { among, type Machines, pick, times } from './choice.ts';
import type { Move } from './move.ts';

/** Each on or off by itself. */
export interface Further {
  /** Whether whoever keeps the thread may look for its own messages. */
  readonly reads: boolean;
  /** Whether places of messages that were posted get lost on their way into the store. */
  readonly unnoted: boolean;
  /** Whether a call that makes a node leave is lost for good, and tries after it are withdrawn. */
  readonly astray: boolean;
  /** Whether pods come back to the node that they were sent away from. */
  readonly returns: boolean;
  /** Whether somebody pauses while a step is in hand that is about to fail. */
  readonly pauses: boolean;
}

export type Turns = 'rollback' | 'disarm' | null;

/** What is known of the round by then. */
export interface Known {
  readonly announced: boolean;
  /** Where boot entries are turned in it; null = nowhere. */
  readonly turns: Turns;
}

export function drawFurther(random: Random, { announced, turns }: Known): Further {
  const reads = random.int(2) === 0 && announced;
  const unnoted = random.int(3) > 0 && announced;
  const astray = random.int(turns === null ? 20 : 3) === 0;
  const returns = random.int(14) === 0;
  const pauses = random.fork('pauses').int(14) === 0;
  return { reads, unnoted, astray, returns, pauses };
}

/** The round's moves with these between them. */
export function withFurther(
  random: Random,
  moves: readonly Move[],
  {
    machines,
    further,
    turns,
  }: { readonly machines: Machines; readonly further: Further; readonly turns: Turns },
): readonly Move[] {
  const astray = further.astray ? [drawAstray(random, turns)] : [];
  // Nodes are drained soon, and a node that is rolled back leaves once.
  const soon = [
    ...(turns === 'rollback' ? astray : []),
    ...(further.returns ? [drawReturning(random, machines)] : []),
    ...(further.pauses ? [drawPaused(random.fork('paused'), machines)] : []),
  ];
  const early = Math.floor(moves.length / EARLY_PART);
  const begun = [...among(random, moves.slice(0, early), soon), ...moves.slice(early)];
  return among(random, begun, [
    ...(turns === 'rollback' ? [] : astray),
    ...(further.unnoted ? times(1 + random.int(4), () => [UNNOTED]) : []),
    ...(further.returns ? times(random.int(3), () => drawReturning(random, machines)) : []),
  ]);
}

const EARLY_PART = 10;

const UNNOTED: Move = { do: 'window', is: 'unnoted', ms: 0 };
const GO: Move = { do: 'press', wish: 'go', user: 0, again: null };
/** Longer than a step that makes a node leave may take, and than a call is in flight, in milliseconds. */
const DOUBTED_MS = 25_000;
const FLOWN_MS = 125_000;

/** It is lost as soon as one is sent, and somebody says "again" when it is in doubt, and once more where that was withdrawn too often. */
function drawAstray(random: Random, turns: Turns): readonly Move[] {
  const is = turns !== null && random.int(4) > 0 ? 'half' : 'gone';
  const again = [GO, { do: 'wait', ms: FLOWN_MS } as const];
  return [
    { do: 'astray', is, withdrawn: pick(random, [0, 1, 2, 5, 5]) },
    ...times(3, () => [GO, { do: 'wait', ms: 3_000 + random.int(4_000) } as const]).flat(),
    { do: 'wait', ms: DOUBTED_MS },
    ...again,
    ...again,
  ];
}

/** Mostly of the node that goes first, some of them so late that the drain is over by then. */
function drawReturning(random: Random, { workers, controlPlanes }: Machines): readonly Move[] {
  const node = workers > 0 && random.int(3) > 0 ? 'w-1' : `cp-${1 + random.int(controlPlanes)}`;
  const ms = pick(random, [200, 200, 2_000, 7_000, 12_000]);
  return [
    { do: 'fault', name: 'pod-returns', params: { node, ms } },
    GO,
    drawDrainers(random),
    { do: 'wait', ms: 5_000 + random.int(15_000) },
    GO,
  ];
}

/** Whoever decides what becomes of it does not resume what somebody else paused. */
function drawPaused(random: Random, { workers }: Machines): readonly Move[] {
  const node = workers > 0 ? 'w-1' : 'cp-1';
  return [
    { do: 'fault', name: 'installer-exits-nonzero', params: { node } },
    ...times(2, () => [GO, { do: 'wait', ms: 500 + random.int(4_000) } as const]).flat(),
    { do: 'press', wish: 'pause', user: 0, again: null },
    { do: 'wait', ms: 4_000 + random.int(8_000) },
    { do: 'press', wish: pick(random, ['retry', 'skip']), user: 0, again: null },
    { do: 'wait', ms: 2_000 + random.int(8_000) },
  ];
}
