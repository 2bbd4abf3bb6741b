// Starts the process that simulates a cluster, and talks to it.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorldSettings } from '../playground/world/settings.ts';
import { readTalosconfig, type TalosContext } from '../src/talos/talosconfig.ts';
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
  const child = fork(PROGRAM, [], {
    execArgv: ['--disable-warning=DEP0123'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const started = await asked(child, { kind: 'start', settings }, 'started');
    const { talosconfig, kubeconfig, addresses, port } = started;
    return {
      ...{ talosconfig, kubeconfig, addresses, port },
      prepare: async (manners) => {
        await asked(child, { kind: 'prepare', manners }, 'prepared');
      },
      heard: async () => new Map(Object.entries((await asked(child, { kind: 'tell' }, 'tally')).heard)),
      stop: () => ended(child),
    };
  } catch (error) {
    await ended(child);
    throw error;
  }
}

/** The context of a talosconfig's text. Throws for one that cannot be used: a simulated cluster writes none. */
export function contextOf(talosconfig: string): TalosContext {
  const reading = readTalosconfig(talosconfig, { nowMs: Date.now() });
  if (reading.kind === 'mistaken') throw new Error(reading.sentences.join(' '));
  return reading.context;
}

/** One question at a time: whoever measures has no other. */
function asked<K extends Reply['kind']>(
  child: ChildProcess,
  request: Request,
  kind: K,
): Promise<Extract<Reply, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(late);
      child.off('message', hear);
      child.off('exit', gone);
      settle();
    };
    const fail = (why: string): void => end(() => reject(new Error(`the simulated cluster ${why}`)));
    const hear = (reply: Reply): void => {
      if (reply.kind === kind) end(() => resolve(reply as Extract<Reply, { kind: K }>));
      else
        fail(reply.kind === 'failed' ? `failed: ${reply.why}` : `answered ${reply.kind} to ${request.kind}`);
    };
    const gone = (): void => fail('ended before it answered');
    const late = setTimeout(
      () => fail(`did not answer within ${ANSWER_LIMIT_MS / 1_000} s`),
      ANSWER_LIMIT_MS,
    );
    child.on('message', hear);
    child.on('exit', gone);
    child.send(request);
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
