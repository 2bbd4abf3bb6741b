// Starts the worker that is measured: the real program as `npm start` starts it, which tells what it takes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { startBotProcess } from '../playground/bot-process.ts';
import { APPROVER, REQUESTER } from '../test/builders/plan.ts';
import { START_ENVIRONMENT, startFlags } from './as-started.ts';
import type { Door } from './programs/fleet-talk.ts';
import type { Told } from './programs/telling.ts';

export const CHANNEL = 'C0FLEET';
const TELLING = fileURLToPath(new URL('programs/telling.ts', import.meta.url));
/** Nobody is spoken to by a worker: no token is given to it. */
const NO_SLACK = { apiUrl: '', botToken: '', appToken: '' } as const;

export interface Surroundings {
  readonly folder: string;
  readonly doors: readonly Door[];
  readonly redis: { readonly url: string; readonly prefix: string };
  /** Where the lists of releases are asked for. */
  readonly github: string;
  readonly say: (line: string) => void;
}

export interface MeasuredWorker {
  /** What it told last. */
  told(): Told;
  /** Errors in its log so far: on a busy machine Redis is not heard in time, and what asked it is started again. */
  errors(): number;
  /** Whether it lives, and its last words of trouble: for whoever reads why a fleet did not get there. */
  standing(): string;
  /** In good order; resolves when it is gone, and has told what it took at its end. */
  stop(): Promise<void>;
}

/** Resolves when it is ready, and rejects when it does not start. Throws from `told` before it told anything. */
export async function startMeasuredWorker(given: Surroundings): Promise<MeasuredWorker> {
  const { folder, say } = given;
  const tells = join(folder, 'told');
  let errors = 0;
  let trouble = 'nothing';
  let end: string | null = null;
  const worker = await startBotProcess({
    name: 'worker',
    role: 'worker',
    folder,
    config: configOf(given),
    slack: NO_SLACK,
    redisUrl: given.redis.url,
    flags: [...startFlags(), `--import=${TELLING}`],
    environment: { ...START_ENVIRONMENT, BENCH_TELLS: tells },
    onLine: (line) => {
      if (/"level":[56]0/.test(line)) errors += 1;
      if (!/"level":[123]0/.test(line)) trouble = line;
    },
    onDeath: (code) => {
      end = `ended by itself with code ${code ?? 'none'}`;
      say(`the worker ${end}`);
    },
  });
  return {
    told: () => {
      const last = readFileSync(tells, 'utf8').trim().split('\n').at(-1);
      return JSON.parse(last ?? '') as Told;
    },
    errors: () => errors,
    standing: () => `the worker ${end ?? 'lives'}; its last trouble: ${trouble}`,
    stop: () => worker.stop(),
  };
}

/** The configuration's text; writes the talosconfigs it names. */
export function configOf({ folder, doors, redis, github }: Omit<Surroundings, 'say'>): string {
  return stringify({
    onlyLoopback: true,
    redis: { prefix: redis.prefix },
    releases: { github },
    archive: { folder: join(folder, 'archive') },
    clusters: Object.fromEntries(
      doors.map(({ name, talosconfig, port, factory }) => {
        const config = join(folder, `${name}.talosconfig`);
        writeFileSync(config, talosconfig, { mode: 0o600 });
        const entry = {
          channel: CHANNEL,
          operators: [REQUESTER],
          approvers: [REQUESTER, APPROVER],
          talos: { config, port },
          factory: { host: factory.host, mirrors: { 'ghcr.io': factory.url } },
        };
        return [name, entry];
      }),
    ),
  });
}
