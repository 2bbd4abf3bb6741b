// "Continue" on a way over several versions: looks at the cluster afresh, and asks for the next hop like anybody else would.
import { createHash } from 'node:crypto';
import type { HopTime, Path, PathHop } from '../cluster/path.ts';
import type { PathReport } from '../engine/ports/errands.ts';
import { UnreadableEntry } from '../engine/ports/journal.ts';
import { unreadableSentence } from '../engine/unreadable.ts';
import { decide } from '../rollout/decide.ts';
import type { Goal } from '../rollout/goal.ts';
import { type Asked, refuse } from '../rollout/intent.ts';
import { journeyOn, progressWith } from '../rollout/journey.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { decodeOnward, type OnwardValue } from './button-value.ts';
import type { Press } from './buttons.ts';
import type { CommandParts } from './command-parts.ts';
import { readRollout } from './history.ts';
import type { Ear } from './private.ts';
import type { Message } from './views/blocks.ts';
import { kubernetesFirst, lookingOnward } from './views/journey.ts';
import { pathMessage } from './views/path.ts';
import { privateMessage, refusalMessage } from './views/refusal.ts';
import { channelLink, mrkdwn } from './views/text.ts';
import { capital, nounOf, phaseLine } from './views/words.ts';

/** A cluster that does not answer makes the look wait for its own limits (questions.ts). */
const LOOK_MS = 60_000;
/** More tries from one button than anybody has patience for; after that `/talos upgrade` begins anew. */
const MOST_TRIES = 20;

export interface Onward {
  /** Said at once: looking takes seconds. */
  readonly first: Message;
  /** What is left to say; null when the thread says it. Rejects with the store's Fault; every "no" is a message. */
  readonly last: Promise<Message | null>;
}

/** A press of "Begin" or "Continue". Who may not ask, and a button that we did not make, hear so at once. */
export function goOn(parts: CommandParts, pressed: Press, ear: Ear): Onward | Message {
  const value = decodeOnward(pressed.value);
  if (value === null)
    return no('bad-input', 'This button is from another version of me. Ask with `/talos path`.');
  const cluster = parts.clusters.find(({ name }) => name === value.cluster);
  if (cluster === undefined) return no('unknown-cluster', `No cluster is called ${value.cluster} any more.`);
  const wish = askedOf(
    value,
    { kind: 'upgrade-talos', version: '' },
    { id: '', channel: cluster.channel, pressed },
  );
  const allowed = decide(null, wish, { policy: cluster.policy, now: 0 });
  if (allowed.kind === 'refusal') return refusalMessage(allowed);
  const last = proposeNext(parts, value, { pressed, ear }).catch((error: unknown) => {
    if (error instanceof UnreadableEntry) return no('journal-unreadable', unreadableSentence(error));
    throw error;
  });
  return { first: lookingOnward(value), last };
}

function no(code: 'bad-input' | 'unknown-cluster' | 'journal-unreadable', sentence: string): Message {
  return refusalMessage(refuse(code, sentence));
}

interface Who {
  readonly pressed: Press;
  readonly ear: Ear;
}

async function proposeNext(parts: CommandParts, value: OnwardValue, who: Who): Promise<Message | null> {
  const { cluster, from } = value;
  const { journal } = parts.history;
  // Before the look: whoever pressed while another press was being answered means the same hop.
  const attempt = await attemptFor(parts, value, who.pressed.delivery);
  if (attempt.kind === 'made') return already(parts, attempt.rollout);
  const [report, before] = await Promise.all([
    parts.errands.run({ kind: 'path', cluster, target: value.to }, LOOK_MS),
    readRollout(journal, cluster, from),
  ]);
  if (report.kind !== 'path')
    return privateMessage(
      mrkdwn`The next hop of ${cluster} is not known: ${report.kind === 'failed' ? report.sentence : 'the worker answered something else.'}`,
    );
  const { found, runs } = report;
  const [hop] = found.kind === 'found' ? found.path.hops : [];
  if (hop === undefined) return pathMessage(cluster, report);
  if (hop.kind === 'kubernetes') return kubernetesFirst(value, hop, runs.kubernetes?.oldest ?? null);
  return askFor(parts, value, { ...who, id: attempt.id, hop, report, before });
}

interface Found extends Who {
  readonly id: string;
  readonly hop: PathHop;
  readonly report: Extract<PathReport, { kind: 'path' }>;
  readonly before: Rollout | null;
}

async function askFor(parts: CommandParts, value: OnwardValue, found: Found): Promise<Message | null> {
  const { id, hop, report, before, pressed, ear } = found;
  const { cluster } = value;
  const channel = parts.clusters.find(({ name }) => name === cluster)?.channel ?? '';
  // What somebody said about how (staged, extensions) holds for the whole way.
  const manner = before?.goal.kind === 'upgrade-talos' ? before.goal : { kind: 'upgrade-talos' as const };
  const path = report.found.kind === 'found' ? timed(report.found.path, report.hop ?? null) : null;
  const journey =
    path === null ? null : journeyOn(path, value.to, before === null ? null : progressWith(before));
  const plain = askedOf(value, { ...manner, version: hop.to }, { id, channel, pressed });
  const asked: Asked =
    journey === null || plain.intent.kind !== 'ask'
      ? plain
      : { ...plain, intent: { ...plain.intent, journey } };
  parts.asks.remember(id, ear);
  const submitted = await parts.submit({ cluster, rollout: id }, asked);
  if (submitted.kind === 'refusal') return refusalMessage(submitted);
  if (submitted.kind === 'already') return already(parts, submitted.rollout);
  parts.nudge(cluster, id);
  return null;
}

function timed(path: Path, took: HopTime | null): Path {
  return took === null ? path : { ...path, hopTime: took };
}

interface At {
  readonly id: string;
  readonly channel: string;
  readonly pressed: Press;
}

function askedOf({ cluster }: OnwardValue, goal: Goal, { id, channel, pressed }: At): Asked {
  const { user, delivery } = pressed;
  return { intent: { kind: 'ask', rollout: id, cluster, goal, channel }, user, delivery };
}

function already({ setup }: CommandParts, rollout: Rollout): Message {
  const noun = capital(nounOf(rollout.cluster, rollout.goal));
  return privateMessage(
    mrkdwn`${noun} was asked for already, see ${channelLink(rollout.channel)}. ${phaseLine(rollout, setup.clock.now())}.`,
  );
}

type Attempt =
  | { readonly kind: 'free'; readonly id: string }
  | { readonly kind: 'made'; readonly rollout: Rollout };

/**
 * One button, one next hop: its rollout's id follows from what the button stands below, so that two presses, however late, are one
 * rollout. What ended without having upgraded anything may be asked again.
 */
async function attemptFor(parts: CommandParts, value: OnwardValue, delivery: string): Promise<Attempt> {
  let last: Rollout | null = null;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const id = hopIdOf(value.from, tries);
    const rollout = await readRollout(parts.history.journal, value.cluster, id);
    if (rollout === null) return { kind: 'free', id };
    last = rollout;
    const { phase } = rollout;
    const walked = phase.phase !== 'finished' || phase.outcome === 'upgraded';
    if (walked || rollout.deliveries.has(delivery)) break;
  }
  if (last === null) throw new Error('at least one try was looked at');
  return { kind: 'made', rollout: last };
}

/** The nth try of the hop that follows on a rollout. */
function hopIdOf(from: string, tries: number): string {
  return `r${createHash('sha256').update(`${from} next ${tries}`).digest('hex').slice(0, 10)}`;
}
