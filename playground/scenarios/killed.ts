// Workers that are killed at the worst moments: another one drives again within seconds, and nothing is sent twice.
import type { Member } from '../crew.ts';
import type { WorldSettings } from '../world/settings.ts';
import type { NodeView } from '../world/snapshot.ts';
import { drivenAgain, nothingInDoubt, upgradedWell } from './expectations.ts';
import { type Hang, hanging } from './hanging.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
const WORKER = 'w-1';

const TWO_WORKERS: readonly Member[] = [
  { name: 'bot', role: 'bot' },
  { name: 'worker-1', role: 'worker' },
  { name: 'worker-2', role: 'worker' },
];

/** A scenario of its own each, so that each takes seconds. */
interface Moment {
  readonly name: string;
  readonly sentence: string;
  readonly world: Partial<WorldSettings>;
  /** What keeps the first node in this moment until the worker is dead, so that it is not missed. */
  readonly hangs: Hang;
  readonly has: (node: NodeView) => boolean;
}

const MOMENTS: readonly Moment[] = [
  {
    name: 'kill-worker',
    sentence:
      'The worker that drives is killed in the middle of the stream of an installation, which runs on: another one drives again within seconds, finds its end in the log, and nothing is done twice.',
    world: { workers: 1 },
    hangs: 'slow-install',
    has: ({ phase }) => phase === 'installing',
  },
  {
    name: 'kill-worker-reboot',
    sentence:
      'The worker that drives is killed right after the call that restarts a node was sent: the restart is observed, not repeated.',
    world: { workers: 1 },
    hangs: 'slow-boot',
    has: ({ counters }) => counters.reboots === 1,
  },
  {
    name: 'kill-worker-drain',
    sentence:
      'The worker that drives is killed while pods are evicted: those that are left are evicted by the next one.',
    // With one worker nothing could go anywhere, and nothing would be drained.
    world: { workers: 2, drainMs: 150 },
    hangs: 'pod-held',
    has: ({ counters }) => counters.evictions > 0,
  },
];

/** The node of the cluster that goes first, as the simulator sees it. */
export function nodeOf(troupe: Troupe, name: string): NodeView {
  const node = troupe.stage.cluster.world.snapshot().nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`there is no node ${name}`);
  return node;
}

/** kill -9 of whoever drives now; resolves with its name. */
export async function killDriver(troupe: Troupe): Promise<string> {
  const name = await troupe.driver();
  if (name === null) throw new Error('nobody drives');
  await troupe.stage.crew.kill(name);
  return name;
}

function scenarioOf({ name, sentence, world, hangs, has }: Moment): Scenario {
  return {
    name,
    sentence,
    world: { talosVersion: FROM, controlPlanes: 1, ...world },
    cast: TWO_WORKERS,
    play: async (troupe) => {
      const letGo = await hanging(troupe, WORKER, hangs);
      await begin(troupe, TO);
      await troupe.until(`the moment of ${name}`, () => has(nodeOf(troupe, WORKER)));
      await killDriver(troupe);
      await letGo();
      await troupe.approveAll(controlPlaneOf(troupe));
      await troupe.end();
    },
    expect: (measured) => [...upgradedWell(measured, TO), drivenAgain(measured), nothingInDoubt(measured)],
  };
}

export const killings: readonly Scenario[] = MOMENTS.map(scenarioOf);
