// Starts the process that simulates a cluster, and talks to it.
import { fileURLToPath } from 'node:url';
import type { WorldSettings } from '../playground/world/settings.ts';
import { readTalosconfig, type TalosContext } from '../src/talos/talosconfig.ts';
import { Child } from './child.ts';
import type { Heard, Manners, Reply, Request } from './programs/cluster-talk.ts';

export interface ClusterProcess {
  readonly talosconfig: string;
  readonly kubeconfig: string;
  readonly addresses: Readonly<Record<string, string>>;
  readonly port: number;
  /** From now on the machines behave so, and nothing was heard yet. */
  prepare(manners: Manners): Promise<void>;
  /** What the servers heard since, by the machine's name. */
  heard(): Promise<ReadonlyMap<string, Heard>>;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('programs/cluster.ts', import.meta.url));
/** A hundred servers with a certificate each take seconds; more than this means that it hangs. */
const ANSWER_LIMIT_MS = 120_000;

/** Rejects when the process does not start its cluster. */
export async function startClusterProcess(settings: Partial<WorldSettings>): Promise<ClusterProcess> {
  const child = new Child<Request, Reply>(PROGRAM, {
    name: 'the simulated cluster',
    limitMs: ANSWER_LIMIT_MS,
  });
  try {
    const { talosconfig, kubeconfig, addresses, port } = await child.ask(
      { kind: 'start', settings },
      'started',
    );
    return {
      ...{ talosconfig, kubeconfig, addresses, port },
      prepare: async (manners) => {
        await child.ask({ kind: 'prepare', manners }, 'prepared');
      },
      heard: async () => new Map(Object.entries((await child.ask({ kind: 'tell' }, 'tally')).heard)),
      stop: () => child.stop(),
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** The context of a talosconfig's text. Throws for one that cannot be used: a simulated cluster writes none. */
export function contextOf(talosconfig: string): TalosContext {
  const reading = readTalosconfig(talosconfig, { nowMs: Date.now() });
  if (reading.kind === 'mistaken') throw new Error(reading.sentences.join(' '));
  return reading.context;
}
