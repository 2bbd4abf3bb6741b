// What commands are carried out with, and for whom.
import type { WebClient } from '@slack/web-api';
import type { Errands } from '../engine/ports/errands.ts';
import type { Submit } from '../engine/submit.ts';
import type { Policy } from '../rollout/policy.ts';
import type { Asks } from './asks.ts';
import type { Around } from './cluster-words.ts';
import type { SetupParts } from './doctor.ts';
import type { HistoryParts } from './history.ts';
import type { Ear } from './private.ts';

export interface BotCluster {
  readonly name: string;
  /** Slack channel id of its threads. */
  readonly channel: string;
  readonly policy: Policy;
}

export interface CommandParts {
  readonly clusters: readonly BotCluster[];
  readonly submit: Submit;
  readonly errands: Errands;
  readonly history: HistoryParts;
  /** Puts files into threads; waits when Slack says so. */
  readonly files: WebClient;
  readonly asks: Asks;
  readonly setup: SetupParts;
  readonly nudge: (cluster: string, rollout: string) => void;
}

export interface Caller {
  readonly ear: Ear;
  readonly around: Around;
  readonly delivery: string;
}
