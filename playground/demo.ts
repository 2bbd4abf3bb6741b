// The demo: a whole playground with a page to click in, at a speed a person can follow.
import type { RunOptions } from './arguments.ts';
import { raiseStage } from './stage.ts';
import { untilSignal } from './until-signal.ts';

/** Slow enough to watch, fast enough not to wait: a whole upgrade takes about a minute of machine time. */
const PACE = { pullMs: 2_500, installMs: 2_500, rebootMs: 5_000, drainMs: 1_500 } as const;
const POLL_MS = 250;

export interface DemoSettings {
  readonly options: RunOptions;
  readonly port: number;
  readonly print: (line: string) => void;
}

export async function demo({ options, port, print }: DemoSettings): Promise<number> {
  const stage = await raiseStage({
    world: {
      ...PACE,
      seed: options.seed,
      talosVersion: 'v1.13.4',
      ...(options.size === null ? {} : options.size),
      ...(options.rebootMs === null ? {} : { rebootMs: options.rebootMs }),
    },
    port,
    pollMs: POLL_MS,
    onLine: (line) => process.stderr.write(`${line}\n`),
  });
  print(`Playground: ${stage.slack.url}`);
  print('Open it and type /talos upgrade v1.13.5 in #platform. Ctrl+C stops everything.');
  await untilSignal();
  await stage.stop();
  return 0;
}
