// Starts the processes that simulate a fleet of clusters, and asks them how the clusters stand.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorldSettings } from '../playground/world/settings.ts';
import type { Door, FleetReply, FleetRequest, Standing } from './programs/fleet-talk.ts';

export interface Crowd {
  readonly doors: readonly Door[];
  standings(): Promise<readonly Standing[]>;
  /** Ends the processes; resolves when they are gone. */
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('programs/fleet.ts', import.meta.url));
/** Clusters of one process: the more of them, the later each of them answers. */
const MOST_TOGETHER = 25;
/** A cluster is certified and listens within a fraction of a second; on a machine with much else to do, not all of them are. */
const ANSWER_LIMIT_MS = 300_000;

/** Rejects when one of them does not start. */
export async function gatherCrowd(
  names: readonly string[],
  settings: Partial<WorldSettings>,
): Promise<Crowd> {
  const groups = Array.from({ length: Math.ceil(names.length / MOST_TOGETHER) }, (_, at) =>
    names.slice(at * MOST_TOGETHER, (at + 1) * MOST_TOGETHER),
  );
  const children = groups.map(() =>
    fork(PROGRAM, [], {
      execArgv: ['--disable-warning=DEP0123'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(ended));
  };
  const askAll = (requestOf: (at: number) => FleetRequest): Promise<readonly FleetReply[]> =>
    Promise.all(children.map((child, at) => asked(child, requestOf(at))));
  try {
    const started = await askAll((at) => ({ kind: 'start', names: groups[at] ?? [], settings }));
    return {
      doors: started.flatMap((reply) => (reply.kind === 'started' ? reply.doors : [])),
      standings: async () => {
        const stands = await askAll(() => ({ kind: 'tell' }));
        return stands.flatMap((reply) => (reply.kind === 'stands' ? reply.standings : []));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One question at a time: whoever measures has no other. */
function asked(child: ChildProcess, request: FleetRequest): Promise<FleetReply> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(late);
      child.off('message', hear);
      child.off('exit', gone);
      settle();
    };
    const fail = (why: string): void => end(() => reject(new Error(`the simulated clusters ${why}`)));
    const hear = (reply: FleetReply): void =>
      reply.kind === 'failed' ? fail(`failed: ${reply.why}`) : end(() => resolve(reply));
    const gone = (): void => fail('ended before they answered');
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
