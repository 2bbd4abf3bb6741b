// Tells one person something: where they typed it when that is still possible, else in the channel, else directly.
import type { RespondArguments } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Clock } from '../engine/ports/clock.ts';
import type { Log } from '../engine/ports/log.ts';
import { promptly } from './promptly.ts';
import type { Message } from './views/blocks.ts';
import { askedToWaitMs, whenAllowed } from './when-allowed.ts';

/** Bolt's way to a response_url. */
export type Respond = (message: RespondArguments) => Promise<unknown>;

export interface Ear {
  readonly user: string;
  /** Where the person can see it; null for the App Home. */
  readonly channel: string | null;
  readonly thread?: string | null;
  /** Null when there is no response_url, or it is too old. */
  readonly respond: Respond | null;
}

export interface PrivateParts {
  readonly client: WebClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** False when the person could not be told in any way. Never rejects. */
export type Tell = (ear: Ear, message: Message) => Promise<boolean>;

/** A response_url has no time limit of its own. */
const RESPOND_MS = 5_000;

export function teller(parts: PrivateParts): Tell {
  return async (ear, message) => {
    const told = await whenAllowed(parts.clock, () => oneWay(parts, ear, message)).then(
      () => true,
      () => false,
    );
    if (!told) parts.log.error('a person could not be told privately', { user: ear.user });
    return told;
  };
}

/** The first way that works. Rejects with the shortest wait that Slack asked for, if it asked for one, else with the last failure. */
async function oneWay(parts: PrivateParts, ear: Ear, message: Message): Promise<void> {
  let failed: unknown = null;
  for (const way of ways(parts, ear, message)) {
    try {
      await way();
      return;
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      parts.log.warn('a private answer did not get through this way', { user: ear.user, failure });
      failed = sooner(failed, error);
    }
  }
  throw failed;
}

function sooner(before: unknown, error: unknown): unknown {
  const [known, now] = [askedToWaitMs(before), askedToWaitMs(error)];
  return known !== null && (now === null || known <= now) ? before : error;
}

function ways(
  { client, clock }: PrivateParts,
  ear: Ear,
  message: Message,
): readonly (() => Promise<unknown>)[] {
  const { user, channel, respond } = ear;
  const contents = { text: message.text, blocks: message.blocks };
  const thread = ear.thread === undefined || ear.thread === null ? {} : { thread_ts: ear.thread };
  const there =
    respond === null
      ? []
      : [
          () =>
            bounded(
              clock,
              respond({ ...contents, response_type: 'ephemeral', replace_original: false, ...thread }),
            ),
        ];
  const here =
    channel === null ? [] : [() => client.chat.postEphemeral({ channel, user, ...contents, ...thread })];
  return [...there, ...here, () => client.chat.postMessage({ channel: user, ...contents })];
}

async function bounded(clock: Clock, work: Promise<unknown>): Promise<void> {
  const answer = await promptly(clock, work, RESPOND_MS);
  if (answer.kind === 'later') throw new Error(`no answer within ${RESPOND_MS} ms`);
}
