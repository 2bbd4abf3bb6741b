// `/talos doctor`: what set-up lacks, as the bot itself can see it, and as a worker sees each cluster.
import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import type { Clock } from '../engine/ports/clock.ts';
import type { SetupLine } from '../engine/ports/errands.ts';
import { faultOf } from '../engine/ports/fault.ts';
import type { StoreDoctor, StoreHealth } from '../engine/ports/store-health.ts';
import type { BotCluster, CommandParts } from './command-parts.ts';
import type { Ear } from './private.ts';
import { CONNECTIONS } from './sockets.ts';
import type { Message } from './views/blocks.ts';
import { doctorMessage, type SetupGroup } from './views/doctor.ts';
import { duration, plainWords } from './views/text.ts';

export interface SetupParts {
  readonly client: WebClient;
  readonly clock: Clock;
  /** How many sockets are open now. */
  readonly sockets: () => number;
  /** Absent: nothing is said about the store. */
  readonly store?: StoreDoctor;
}

/** What manifest.yml asks for; a test holds the two together. */
export const SCOPES = ['commands', 'chat:write', 'files:write'] as const;
/** Either says whether we are in a channel; neither is asked for, and whoever granted one is believed. */
const READING = ['channels:read', 'groups:read'];
/** Clusters looked at in one answer; more would not fit a message. */
const MOST_CLUSTERS = 5;
/** A cluster that does not answer makes the checks wait for their own limits (commands.ts). */
const SETUP_MS = 60_000;
/** Journals carry the store's clock and buttons expire by ours: further apart, what people read is confusing. */
const MOST_SKEW_MS = 2_000;

/** Never rejects: what does not answer is a line that says so. */
export async function doctor(parts: CommandParts, cluster: string | null, ear: Ear): Promise<Message> {
  const asked = parts.clusters.filter(({ name }) => cluster === null || name === cluster);
  const shown = asked.slice(0, MOST_CLUSTERS);
  const token = await tokenOf(parts.setup);
  const [store, ...clusters] = await Promise.all([
    storeLines(parts.setup),
    ...shown.map((one) => clusterGroup(parts, one, { ear, token })),
  ]);
  const groups: readonly SetupGroup[] = [
    { title: 'Slack', lines: [...tokenLines(token), socketLine(parts.setup)] },
    ...(store.length === 0 ? [] : [{ title: 'Redis', lines: store }]),
    ...clusters,
  ];
  return doctorMessage(groups, asked.length - shown.length);
}

function line(
  what: string,
  state: SetupLine['state'],
  sentence: string,
  advice: string | null = null,
): SetupLine {
  return { what, state, sentence, advice };
}

/** What Slack says of our token: a refusal, or the scopes it comes with (facts/slack.md: the header x-oauth-scopes). */
type Token =
  | { readonly kind: 'taken'; readonly scopes: readonly string[] | undefined }
  | { readonly kind: 'refused'; readonly code: string };

async function tokenOf({ client }: SetupParts): Promise<Token> {
  try {
    const { response_metadata: metadata } = await client.auth.test();
    return { kind: 'taken', scopes: metadata?.scopes };
  } catch (error) {
    return { kind: 'refused', code: codeOf(error) };
  }
}

function tokenLines(token: Token): readonly SetupLine[] {
  if (token.kind === 'taken')
    return [line('Bot token', 'ok', 'Slack takes the bot token.'), scopeLine(token.scopes)];
  const advice = 'Install the app again and put its token into SLACK_BOT_TOKEN.';
  return [line('Bot token', 'lacks', `Slack does not take the bot token: ${token.code}.`, advice)];
}

function scopeLine(granted: readonly string[] | undefined): SetupLine {
  if (granted === undefined) return line('Scopes', 'unknown', 'Slack did not say which scopes we have.');
  const missing = SCOPES.filter((scope) => !granted.includes(scope));
  if (missing.length > 0) {
    const advice = 'Put manifest.yml into the app (App Manifest) and install it again.';
    return line('Scopes', 'lacks', `The app lacks ${missing.join(' and ')}.`, advice);
  }
  const more = granted.filter((scope) => !SCOPES.some((one) => one === scope));
  const spare = more.length === 0 ? '' : ` It has more than it needs: ${more.slice(0, 10).join(', ')}.`;
  return line('Scopes', 'ok', `The app has ${SCOPES.join(' and ')}.${spare}`);
}

function socketLine({ sockets }: SetupParts): SetupLine {
  const open = sockets();
  const sentence = `${open} of ${CONNECTIONS} connections to Slack are open.`;
  if (open >= CONNECTIONS) return line('Sockets', 'ok', sentence);
  return line(
    'Sockets',
    'lacks',
    sentence,
    'They are made again by themselves; if not, look at the log and at SLACK_APP_TOKEN.',
  );
}

interface Asker {
  readonly ear: Ear;
  readonly token: Token;
}

/** A word that only the asker sees is the one way to find out that needs no further scope: it is written, or refused. */
async function channelLine(
  { client }: SetupParts,
  { channel }: BotCluster,
  { ear, token }: Asker,
): Promise<SetupLine> {
  const what = 'Channel';
  const invite = 'Invite me there with /invite.';
  try {
    if (token.kind === 'taken' && token.scopes?.some((scope) => READING.includes(scope)) === true) {
      const answer = await client.conversations.info({ channel });
      return answer.channel?.is_member === true
        ? line(what, 'ok', 'I am in its channel.')
        : line(what, 'lacks', `I am not in its channel (${channel}), so no plan can be shown there.`, invite);
    }
    await client.chat.postEphemeral({
      channel,
      user: ear.user,
      text: 'I may write here. Only you see this.',
    });
    return line(what, 'ok', 'I may write in its channel.');
  } catch (error) {
    const code = codeOf(error);
    // Slack looks at us first: who is refused for the person may write.
    if (code === 'user_not_in_channel')
      return line(what, 'ok', 'I may write in its channel; you are not in it.');
    if (code === 'not_in_channel' || code === 'channel_not_found') {
      const sentence = `I may not write in its channel (${channel}: ${code}), so no plan can be shown there.`;
      return line(what, 'lacks', sentence, invite);
    }
    return line(what, 'unknown', `Whether I may write in its channel (${channel}) is not known: ${code}.`);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof WebAPIPlatformError) return error.data.error;
  return 'it did not answer';
}

async function storeLines({ store, clock }: SetupParts): Promise<readonly SetupLine[]> {
  if (store === undefined) return [];
  try {
    const before = clock.now();
    const health = await store.look();
    return [evictionLine(health), persistenceLine(health), skewLine(health.at, before, clock.now())];
  } catch (error) {
    return [
      line(
        'Answer',
        'lacks',
        plainWords(faultOf(error).message, 300),
        'Bring it back: nothing is decided without it.',
      ),
    ];
  }
}

function evictionLine({ evictionPolicy }: StoreHealth): SetupLine {
  const what = 'maxmemory-policy';
  if (evictionPolicy === null)
    return line(what, 'unknown', 'Redis does not say what it throws away when memory gets short.');
  return evictionPolicy === 'noeviction'
    ? line(what, 'ok', 'Nothing is thrown away when memory gets short (noeviction).')
    : line(
        what,
        'lacks',
        `Journals may be thrown away: it is ${evictionPolicy}.`,
        'Set maxmemory-policy to noeviction.',
      );
}

const PERSISTENCE: Readonly<
  Record<StoreHealth['persistence'], readonly [SetupLine['state'], string, string | null]>
> = {
  appended: ['ok', 'Every fact is written to disk (appendonly yes).', null],
  snapshots: [
    'lacks',
    'Only snapshots are kept: the newest facts are lost with a crash.',
    'Set appendonly yes.',
  ],
  none: ['lacks', 'Nothing is kept on disk: a restart forgets every rollout.', 'Set appendonly yes.'],
  unknown: [
    'unknown',
    'Redis does not say how it keeps things.',
    'Ask whoever runs it: a lost journal is a lost rollout.',
  ],
};

function persistenceLine({ persistence }: StoreHealth): SetupLine {
  const [state, sentence, advice] = PERSISTENCE[persistence];
  return line('Persistence', state, sentence, advice);
}

/** The question took a while: its time counts for the store. */
function skewLine(at: number, beforeMs: number, afterMs: number): SetupLine {
  const apartMs = Math.max(0, beforeMs - at, at - afterMs);
  const sentence = `Its clock and mine are ${apartMs < 1_000 ? 'less than a second' : duration(apartMs)} apart.`;
  return apartMs <= MOST_SKEW_MS
    ? line('Clock', 'ok', sentence)
    : line('Clock', 'lacks', sentence, 'Let both machines ask a time server.');
}

async function clusterGroup(parts: CommandParts, cluster: BotCluster, asker: Asker): Promise<SetupGroup> {
  const [channel, report] = await Promise.all([
    channelLine(parts.setup, cluster, asker),
    parts.errands.run({ kind: 'setup', cluster: cluster.name }, SETUP_MS),
  ]);
  const seen =
    report.kind === 'setup'
      ? report.lines
      : [
          line(
            'Worker',
            'lacks',
            report.kind === 'failed' ? report.sentence : 'It answered something else.',
            'Look at its log.',
          ),
        ];
  return { title: cluster.name, lines: [channel, peopleLine(cluster), ...seen] };
}

/** One person alone cannot agree with themselves: better said now than at the first gate. */
function peopleLine({ policy }: BotCluster): SetupLine {
  const { operators, approvers, approvals, selfApproval } = policy;
  const able = (operator: string): number =>
    approvers.filter((user) => selfApproval === 'allowed' || user !== operator).length;
  const stuck = operators.filter((operator) => able(operator) < approvals);
  const counted = `${operators.length} may ask, ${approvers.length} may approve, ${approvals} must.`;
  if (operators.length === 0)
    return line('People', 'lacks', 'Nobody may ask for anything.', 'Name operators in the configuration.');
  if (stuck.length === 0) return line('People', 'ok', counted);
  const advice = 'Name more approvers, ask for fewer approvals, or set selfApproval.';
  return line(
    'People',
    'lacks',
    `${counted} What ${stuck.length === operators.length ? 'anybody' : 'some of them'} asks for cannot be approved.`,
    advice,
  );
}
