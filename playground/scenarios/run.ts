// Plays one scenario headless: raises a stage, lets people act, measures, judges.
import type { RunOptions } from '../arguments.ts';
import { CLUSTER, raiseStage, type Stage, type StageSettings } from '../stage.ts';
import type { WorldSettings } from '../world/settings.ts';
import { measure } from './measure.ts';
import type { Measured, Result, Scenario, Series } from './scenario.ts';
import { type Played, playSeries } from './series.ts';
import { Troupe } from './troupe.ts';

/** A scenario takes seconds, so that all of them can be played on every change. */
const PACE = { pullMs: 80, installMs: 80, rebootMs: 200, drainMs: 50 } as const;
/** How often the bot of a scenario looks; scenarios are short, and so are their nodes' lives. */
const POLL_MS = 30;
/** Nothing a person waits for takes longer on a machine that works. */
const PATIENCE_MS = 60_000;

type Reported = Omit<Played, 'ok' | 'missed'>;

export interface RunParts {
  readonly options: RunOptions;
  /** The thread as it grows. */
  readonly say: (line: string) => void;
  /** The bot's log. */
  readonly onLog: (line: string) => void;
  /** Replaces how the bot is started: the negative controls start one with a guard replaced. */
  readonly launch?: NonNullable<StageSettings['launch']>;
  /** How long people wait for anything, in milliseconds. */
  readonly patienceMs?: number;
  /** Milliseconds between two looks of the bot. */
  readonly pollMs?: number;
}

function worldOf(scenario: Scenario, options: RunOptions): Partial<WorldSettings> {
  return {
    ...PACE,
    seed: options.seed,
    ...scenario.world,
    ...(options.size === null ? {} : options.size),
    ...(options.rebootMs === null ? {} : { rebootMs: options.rebootMs }),
  };
}

/** Rejects only when a stage cannot be raised; whatever happens on it is a result. */
export async function runScenario(scenario: Scenario | Series, parts: RunParts): Promise<Result> {
  if ('legs' in scenario) return playSeries(scenario, parts, playOne);
  return { schema: 1, scenario: scenario.name, ...(await playOne(scenario, parts)) };
}

async function playOne(scenario: Scenario, parts: RunParts): Promise<Played> {
  const stage = await raiseStage({
    world: worldOf(scenario, parts.options),
    port: 0,
    pollMs: parts.pollMs ?? POLL_MS,
    ...(scenario.policy === undefined ? {} : { policy: scenario.policy }),
    ...(scenario.limits === undefined ? {} : { limits: scenario.limits }),
    ...(scenario.entry === undefined ? {} : { entry: scenario.entry }),
    ...(scenario.certificateMs === undefined ? {} : { certificateMs: scenario.certificateMs }),
    ...(scenario.ownPod === undefined ? {} : { ownPod: scenario.ownPod }),
    ...(scenario.healthChecks === undefined ? {} : { healthChecks: scenario.healthChecks }),
    ...(scenario.cast === undefined ? {} : { cast: scenario.cast }),
    ...(scenario.redis === undefined ? {} : { redis: scenario.redis }),
    onLine: parts.onLog,
    ...(parts.launch === undefined ? {} : { launch: parts.launch }),
  });
  try {
    return await perform(scenario, parts, stage);
  } finally {
    await stage.stop();
  }
}

async function perform(scenario: Scenario, parts: RunParts, stage: Stage): Promise<Played> {
  const troupe = new Troupe(stage, parts.say, parts.patienceMs ?? PATIENCE_MS);
  const opening = { snapshot: stage.cluster.world.snapshot() };
  const trouble = await scenario.play(troupe).then(
    () => null,
    async (error: unknown) =>
      `${error instanceof Error ? error.message : String(error)}${await standing(troupe)}`,
  );
  troupe.read();
  const all = await measure(troupe, opening).catch((error: unknown) => {
    // What kept the play from getting so far says more.
    throw trouble === null ? error : new Error(trouble);
  });
  const missed = [
    ...(trouble === null ? [] : [`the play went on to its end (${trouble})`]),
    ...scenario.expect(all).flatMap(([sentence, holds]) => (holds ? [] : [sentence])),
  ];
  return { ok: missed.length === 0, ...reported(all), missed };
}

/** What the nodes were last said to be doing, for whoever reads why a play did not go on. */
async function standing(troupe: Troupe): Promise<string> {
  const rollout = await troupe.rollout();
  const notes = rollout === null ? {} : await troupe.stage.journal.notes(CLUSTER, rollout.id);
  return Object.entries(notes)
    .map(([node, { sentence }]) => `; ${node}: ${sentence}`)
    .join('');
}

/** Without what only expectations need. */
function reported({
  firstLeader: _firstLeader,
  approvers: _approvers,
  overrides: _overrides,
  touches: _touches,
  archived: _archived,
  factory: _factory,
  ...rest
}: Measured): Reported {
  return rest;
}
