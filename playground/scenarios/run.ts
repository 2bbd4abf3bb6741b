// Plays one scenario headless: raises a stage, lets people act, measures, judges.
import type { RunOptions } from '../arguments.ts';
import { raiseStage, type Stage, type StageSettings } from '../stage.ts';
import type { WorldSettings } from '../world/settings.ts';
import { measure } from './measure.ts';
import type { Measured, Result, Scenario } from './scenario.ts';
import { Troupe } from './troupe.ts';

/** A scenario takes seconds, so that all of them can be played on every change. */
const PACE = { pullMs: 80, installMs: 80, rebootMs: 200, drainMs: 50 } as const;
/** How often the bot of a scenario looks; scenarios are short, and so are their nodes' lives. */
const POLL_MS = 30;
/** Nothing a person waits for takes longer on a machine that works. */
const PATIENCE_MS = 60_000;

type Reported = Omit<Result, 'schema' | 'scenario' | 'ok' | 'missed'>;

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
}

export function worldOf(scenario: Scenario, options: RunOptions): Partial<WorldSettings> {
  return {
    ...PACE,
    seed: options.seed,
    ...scenario.world,
    ...(options.size === null ? {} : options.size),
    ...(options.rebootMs === null ? {} : { rebootMs: options.rebootMs }),
  };
}

/** Rejects only when the stage cannot be raised; whatever happens on it is a result. */
export async function runScenario(scenario: Scenario, parts: RunParts): Promise<Result> {
  const stage = await raiseStage({
    world: worldOf(scenario, parts.options),
    port: 0,
    pollMs: POLL_MS,
    ...(scenario.policy === undefined ? {} : { policy: scenario.policy }),
    ...(scenario.limits === undefined ? {} : { limits: scenario.limits }),
    onLine: parts.onLog,
    ...(parts.launch === undefined ? {} : { launch: parts.launch }),
  });
  try {
    return await perform(scenario, parts, stage);
  } finally {
    await stage.stop();
  }
}

async function perform(scenario: Scenario, parts: RunParts, stage: Stage): Promise<Result> {
  const troupe = new Troupe(stage, parts.say, parts.patienceMs ?? PATIENCE_MS);
  const opening = { snapshot: stage.cluster.world.snapshot() };
  const trouble = await scenario.play(troupe).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  troupe.read();
  const all = await measure(troupe, opening);
  const missed = [
    ...(trouble === null ? [] : [`the play went on to its end (${trouble})`]),
    ...scenario.expect(all).flatMap(([sentence, holds]) => (holds ? [] : [sentence])),
  ];
  return { schema: 1, scenario: scenario.name, ok: missed.length === 0, ...reported(all), missed };
}

/** Without what only expectations need. */
function reported({
  firstLeader: _firstLeader,
  requester: _requester,
  touches: _touches,
  archived: _archived,
  ...rest
}: Measured): Reported {
  return rest;
}
