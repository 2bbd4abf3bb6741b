// Draws a round from its seed: what kind of cluster and rollout, and what happens to it. The same seed draws the same round.
import { createRandom, type Random } from '../playground/world/random.ts';
import { type Besides, drawBesides, withBesides } from './besides.ts';
import { anyNode, pick } from './choice.ts';
import { drawFurther, type Further, withFurther } from './further.ts';
import type { Move, Wish } from './move.ts';

export type Story =
  | 'upgrade'
  | 'legacy'
  | 'staged'
  | 'staged-legacy'
  | 'extensions'
  | 'rollback'
  | 'stopped'
  | 'beside';

/** What a round is about, as plain data. */
export interface Setup {
  readonly story: Story;
  readonly seed: number;
  readonly controlPlanes: number;
  readonly workers: number;
  readonly parallelWorkers: number;
  readonly approvals: number;
  /** Whether Talos's upgrade mutex is taken. */
  readonly guarded: boolean;
  readonly processes: number;
  /** Milliseconds a card stands. */
  readonly gateExpiryMs: number;
  /** How long machines take: moves that fall into an act are rare where acts are short. */
  readonly installMs: number;
  readonly rebootMs: number;
  /** What it has besides. */
  readonly besides: Besides;
  readonly further: Further;
}

type OwnSetup = Omit<Setup, 'besides' | 'further'>;

export interface Round {
  readonly setup: Setup;
  readonly moves: readonly Move[];
}

const HOUR_MS = 3_600_000;
const STORIES: readonly Story[] = [
  'upgrade',
  'upgrade',
  'upgrade',
  'legacy',
  'legacy',
  'staged',
  'staged-legacy',
  'extensions',
  'rollback',
  'rollback',
  'stopped',
  'beside',
];
/** Long enough for a rollout to meet several of them, short enough for hundreds of rounds in a minute. */
const FEWEST_MOVES = 20;
const MOST_MOVES = 60;

export function drawRound(seed: number, round: number): Round {
  const random = createRandom(seed).fork(`round ${round}`);
  const setup = drawSetup(random);
  const many = FEWEST_MOVES + random.int(MOST_MOVES - FEWEST_MOVES);
  const manner = drawManner(random);
  const moves = Array.from({ length: many }, () => {
    const move = drawMove(random, setup, manner);
    // Somebody presses while it stands: what a proof must see.
    if (move.do === 'fault' && random.int(2) === 0)
      return [move, { do: 'wait', ms: 4_500 + random.int(5_000) } as const, GO];
    return random.int(10) < manner.eager ? [move, GO, { do: 'wait', ms: waitMs(random) } as const] : [move];
  });
  const other = createRandom(seed).fork(`besides round ${round}`);
  const besides = drawBesides(other, { staged: setup.story === 'staged' });
  const all = withBesides(other, moves.flat(), { machines: setup, besides });
  const last = createRandom(seed).fork(`further round ${round}`);
  const turns = setup.story === 'rollback' ? 'rollback' : besides.sequel ? 'disarm' : null;
  const further = drawFurther(last, { announced: besides.announced, turns });
  return {
    setup: { ...setup, besides, further },
    moves: withFurther(last, all, { machines: setup, further, turns }),
  };
}

const GO: Move = { do: 'press', wish: 'go', user: 0, again: null };

function drawSetup(random: Random): OwnSetup {
  const story = pick(random, STORIES);
  const lone = story === 'upgrade' && random.int(4) === 0;
  return {
    story,
    seed: 1 + random.int(1_000_000),
    controlPlanes: lone ? 1 : 3,
    workers: lone ? random.int(3) : 1 + random.int(3),
    parallelWorkers: 1 + random.int(2),
    approvals: random.int(4) === 0 ? 2 : 1,
    guarded: random.int(2) === 0,
    processes: 1 + random.int(2),
    gateExpiryMs: random.int(6) === 0 ? 60_000 : 4 * HOUR_MS,
    installMs: pick(random, [250, 2_000, 6_000]),
    rebootMs: pick(random, [600, 2_000, 6_000]),
  };
}

/** What a whole round is like: not everything can go wrong in each, or nothing would ever be reached. */
interface Manner {
  /** Of ten presses, how many help. */
  readonly help: number;
  /** How often, of ten, somebody presses what helps behind a move. */
  readonly eager: number;
  /** How often something is put in the way, of 100 moves. */
  readonly trouble: number;
  /** Calls that arrive late and people who reboot exclude each other: nobody can tell the one from the other (docs/decisions/0027). */
  readonly strangers: 'late-calls' | 'people';
}

function drawManner(random: Random): Manner {
  return {
    help: 5 + random.int(5),
    eager: pick(random, [0, 3, 6]),
    trouble: 10 + random.int(30),
    strangers: random.int(2) === 0 ? 'late-calls' : 'people',
  };
}

function drawMove(random: Random, setup: OwnSetup, manner: Manner): Move {
  const chance = random.int(100);
  if (chance < 30) return { do: 'wait', ms: waitMs(random) };
  if (chance < 60) return drawPress(random, setup, manner);
  if (chance < 60 + manner.trouble) return drawTrouble(random, setup, manner);
  if (chance < 94) return { do: 'wait', ms: 100 * random.int(60) };
  return { do: 'heal' };
}

function waitMs(random: Random): number {
  const kinds = [
    () => random.int(40),
    () => 50 * random.int(20),
    () => 100 * random.int(100),
    () => 1_000 * random.int(45),
  ];
  return pick(random, kinds)();
}

const WISHES: readonly Wish[] = [
  'start',
  'approve',
  'approve',
  'approve',
  'approve',
  'deny',
  'pause',
  'pause',
  'resume',
  'resume',
  'retry',
  'retry',
  'skip',
  'abort',
  'override',
  'ask-rollback',
];

function drawPress(random: Random, { story }: OwnSetup, { help }: Manner): Move {
  const user = random.int(4);
  if (story === 'stopped' && random.int(5) === 0) return { do: 'press', wish: 'override', user, again: null };
  const wish = random.int(10) < help ? 'go' : pick(random, WISHES);
  // "No" for good is rare, or few rollouts would come far.
  const rare = (wish === 'abort' || wish === 'deny') && random.int(4) > 0;
  return {
    do: 'press',
    wish: rare ? 'go' : wish,
    user,
    again: random.int(4) === 0 ? random.int(3) * random.int(2_000) : null,
  };
}

const LATEST_MS = 60_000;

function drawTrouble(random: Random, setup: OwnSetup, manner: Manner): Move {
  const which = random.int(4);
  const kinds: readonly (() => Move)[] = [
    () => ({ do: 'kill', which }),
    () => ({ do: 'start' }),
    () => ({ do: 'stop', which }),
    () => ({ do: 'crash', ahead: 1 + random.int(8), when: random.int(2) === 0 ? 'before' : 'after' }),
    () => ({ do: 'crash', ahead: 1 + random.int(8), when: random.int(2) === 0 ? 'before' : 'after' }),
    () => drawStore(random),
    () => drawStore(random),
    () => ({ do: 'bells', are: pick(random, ['prompt', 'lost', 'doubled', 'late'] as const) }),
    () => ({ do: 'ring' }),
    () => ({ do: 'clock', which, ms: clockMs(random, manner) }),
    () => ({ do: 'streams', are: pick(random, ['silent', 'heard'] as const) }),
    () => ({ do: 'policy', approvers: pick(random, ['all', 'fewer'] as const) }),
    () => drawFault(random, setup, manner),
    () => drawFault(random, setup, manner),
    () => drawFault(random, setup, manner),
    () => drawFault(random, setup, manner),
    () =>
      manner.strangers === 'late-calls'
        ? { do: 'late', ms: 1_000 + random.int(LATEST_MS) }
        : { do: 'fault', name: 'reboot-by-human', params: { node: anyNode(random, setup) } },
  ];
  return pick(random, kinds)();
}

function drawStore(random: Random): Move {
  return {
    do: 'store',
    is: pick(random, ['away', 'deaf', 'full', 'slow'] as const),
    which: random.int(2) === 0 ? null : random.int(2),
    ms: pick(random, [300, 2_000, 5_000, 20_000]),
  };
}

/** A wrong clock shortens the wait for a call in flight by as much as it is wrong, so the two are not drawn together at full size. */
function clockMs(random: Random, { strangers }: Manner): number {
  const sign = random.int(2) === 0 ? -1 : 1;
  return sign * random.int(strangers === 'late-calls' ? 20_000 : 2 * HOUR_MS);
}

/** Whatever may happen to a machine, to etcd or to Kubernetes without anybody's hand. */
const ANYWHERE: readonly string[] = [
  'slow-boot',
  'slow-install',
  'slow-pull',
  'lost-reply',
  'lost-reply',
  'lost-reply',
  'falls-back',
  'installer-exits-nonzero',
  'image-missing',
  'not-ready',
  'unreachable',
  'half-open',
  'falls-back',
  'never-ready',
  'node-down',
  'service-sick',
];
const CONTROL_PLANE: readonly string[] = [
  'service-sick',
  'etcd-alarm',
  'etcd-learner',
  'etcd-disagrees',
  'leader-moves',
  'node-down',
];
const CLUSTER_WIDE: readonly string[] = [
  'pdb-blocks',
  'kubernetes-away',
  'factory-missing',
  'factory-unavailable',
];

function drawFault(random: Random, setup: OwnSetup, { strangers }: Manner): Move {
  const among = pick(random, [ANYWHERE, ANYWHERE, CONTROL_PLANE, CLUSTER_WIDE]);
  const name = pick(random, among);
  const node = anyNode(random, setup);
  const member = `cp-${1 + random.int(setup.controlPlanes)}`;
  const fault = (params: Extract<Move, { do: 'fault' }>['params']): Move => ({ do: 'fault', name, params });
  switch (name) {
    case 'pdb-blocks':
    case 'kubernetes-away':
    case 'factory-missing':
    case 'factory-unavailable':
      return fault({});
    case 'leader-moves':
      return fault({ to: member });
    case 'etcd-disagrees':
      return fault({ node: member, missing: `cp-${1 + random.int(setup.controlPlanes)}` });
    case 'etcd-alarm':
    case 'etcd-learner':
      return fault({ node: member });
    case 'service-sick':
      return fault({ node: random.int(2) === 0 ? member : node });
    case 'lost-reply':
      return fault({ node, method: pick(random, ['Reboot', 'Upgrade', 'Rollback']) });
    case 'slow-boot':
    case 'slow-install':
    case 'slow-pull':
      return fault({ node, ms: 1_000 * random.int(30) });
    case 'node-down': {
      const down = { node, ms: 1_000 * random.int(60) };
      // A machine that dies by itself restarts as one that a person restarts.
      return strangers === 'late-calls'
        ? { do: 'fault', name: 'unreachable', params: { node } }
        : fault(down);
    }
    default:
      return fault({ node });
  }
}
