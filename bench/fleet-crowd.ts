// Starts the processes that simulate a fleet of clusters, and asks them how the clusters stand.
import { fileURLToPath } from 'node:url';
import type { WorldSettings } from '../playground/world/settings.ts';
import { Child } from './child.ts';
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
  const manner = { name: 'the simulated clusters', limitMs: ANSWER_LIMIT_MS };
  const processes = groups.map((group) => ({
    group,
    child: new Child<FleetRequest, FleetReply>(PROGRAM, manner),
  }));
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map(({ child }) => child.stop()));
  };
  try {
    const started = await Promise.all(
      processes.map(({ group, child }) => child.ask({ kind: 'start', names: group, settings }, 'started')),
    );
    return {
      doors: started.flatMap(({ doors }) => doors),
      standings: async () => {
        const stands = await Promise.all(processes.map(({ child }) => child.ask({ kind: 'tell' }, 'stands')));
        return stands.flatMap(({ standings }) => standings);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
