// `/talos doctor`: what set-up lacks, as the bot itself can see it, and as a worker sees each cluster.
import type { WebClient } from '@slack/web-api';
import type { Clock } from '../engine/ports/clock.ts';
import type { SetupLine } from '../engine/ports/errands.ts';
import type { StoreDoctor } from '../engine/ports/store-health.ts';
import { mayApprove } from '../rollout/approval.ts';
import type { BotCluster, CommandParts } from './command-parts.ts';
import { storeLines } from './doctor-store.ts';
import type { Ear } from './private.ts';
import { line } from './setup-line.ts';
import { codeOf } from './slack-code.ts';
import { CONNECTIONS } from './sockets.ts';
import type { Message } from './views/blocks.ts';
import { doctorMessage, type SetupGroup } from './views/doctor.ts';

export interface SetupParts {
  readonly client: WebClient;
  readonly clock: Clock;
  /** How many sockets are open now. */
  readonly sockets: () => number;
  /** Slack's code when it did not take the app token the last time a socket was to be opened. */
  readonly refusal: () => string | null;
  /** Absent: nothing is said about the store. */
  readonly store?: StoreDoctor;
}

/** What manifest.yml asks for; a test holds the two together. */
export const SCOPES = ['commands', 'chat:write', 'files:write'] as const;
/** Optional: with one of them a lost post is found again instead of doubled. */
export const HISTORY: readonly string[] = ['channels:history', 'groups:history'];
/** Either says whether we are in a channel; neither is asked for, and whoever granted one is believed. */
const READING = ['channels:read', 'groups:read'];
/** Clusters looked at in one answer; more would not fit a message. */
const MOST_CLUSTERS = 5;
/** A cluster that does not answer makes the checks wait for their own limits (questions.ts). */
const SETUP_MS = 60_000;

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
    return [
      line('Bot token', 'ok', 'Slack takes the bot token.'),
      scopeLine(token.scopes),
      markLine(token.scopes),
    ];
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
  const more = granted.filter((scope) => ![...SCOPES, ...HISTORY].some((one) => one === scope));
  const spare = more.length === 0 ? '' : ` It has more than it needs: ${more.slice(0, 10).join(', ')}.`;
  return line('Scopes', 'ok', `The app has ${SCOPES.join(' and ')}.${spare}`);
}

/** Nothing is lost without them, and reading a channel is much to ask for so little: it is people's choice. */
function markLine(granted: readonly string[] | undefined): SetupLine {
  const what = 'Lost answers';
  const reads = HISTORY.filter((scope) => granted?.includes(scope) === true);
  if (reads.length > 0)
    return line(
      what,
      'ok',
      `A message whose posting was never answered is found again (${reads.join(', ')}).`,
    );
  return line(
    what,
    'ok',
    'A message whose posting was never answered is posted once more: after a crash or an outage one may stand twice. Optional scopes would find it again: channels:history, and groups:history for private channels.',
  );
}

function socketLine({ sockets, refusal }: SetupParts): SetupLine {
  const open = sockets();
  const sentence = `${open} of ${CONNECTIONS} connections to Slack are open.`;
  if (open >= CONNECTIONS) return line('Sockets', 'ok', sentence);
  const code = refusal();
  if (code !== null) {
    const advice =
      'Look at the app-level token of the app and put it into SLACK_APP_TOKEN: what is still open lasts for hours at most.';
    return line('Sockets', 'lacks', `${sentence} Slack does not take the app token: ${code}.`, advice);
  }
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
  const { operators, approvers, approvals } = policy;
  const stuck = operators.filter((operator) => mayApprove(policy, operator).length < approvals);
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
