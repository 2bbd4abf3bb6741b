// What people read and press on the way over several versions: the next hop, and what they do for it themselves.
import type { Button, KnownBlock } from '@slack/types';
import { type HopTime, type Path, type PathTarget, TITLE } from '../../cluster/path.ts';
import { destinationOf, type HopAhead, hopAfter, kubernetesCommand } from '../../rollout/journey.ts';
import { endingOf } from '../../rollout/phase.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { encodeOnward } from '../button-value.ts';
import { actions, button, type Message, message, section } from './blocks.ts';
import { hopTimeLine, hopTimeWord } from './hop-time.ts';
import { privateMessage } from './refusal.ts';
import { bold, code, duration, lines, type Mrkdwn, mrkdwn, plural, spoken } from './text.ts';

function hopName({ kind, to }: HopAhead): string {
  return `${TITLE[kind]} ${to}`;
}

/** "Part of the way to Talos v1.14.1: hop 2 of about 6", and what comes after it unless it ends otherwise than upgraded; null for a wish of its own. */
export function journeyLine({ journey, phase }: Rollout): Mrkdwn | null {
  if (journey === null) return null;
  const ends = endingOf(phase);
  const place = mrkdwn`Part of the way to ${destinationOf(journey.to)}: hop ${journey.hop} of about ${journey.of}`;
  const { ahead, hopTime } = journey;
  const talos = ahead.filter(({ kind }) => kind === 'talos').length;
  if (hopTime === undefined || talos === 0 || (ends !== null && ends !== 'upgraded')) return place;
  return mrkdwn`${place}. After it ${plural(talos, 'hop')} of Talos, about ${duration(hopTime.ms)} each`;
}

/** "Next on the way to Talos v1.14.1: Kubernetes v1.31.14 (3 of about 6)"; null where nothing follows. */
export function nextLine(rollout: Rollout): Mrkdwn | null {
  const next = hopAfter(rollout);
  if (next === null || rollout.journey === null) return null;
  const { to, of } = rollout.journey;
  const time = next.kind === 'talos' ? `, about ${duration(tookMs(rollout))} as this one` : '';
  return mrkdwn`Next on the way to ${destinationOf(to)}: ${bold(hopName(next))} (${next.number} of about ${of})${time}`;
}

/** Without the time that people took. */
function tookMs({ askedAt, lastAt, peopleMs }: Rollout): number {
  return lastAt - askedAt - peopleMs;
}

/** What a rollout that is over offers next on its way. */
export interface Onward {
  /** What a person does for it by hand; null for a hop that the bot makes by itself. */
  readonly said: Mrkdwn | null;
  readonly buttons: readonly Button[];
}

/** Null where nothing follows: no way, its end, or a hop that did not end well. */
export function onwardFrom(rollout: Rollout): Onward | null {
  const { cluster, id, journey, way, goal } = rollout;
  const next = hopAfter(rollout);
  if (journey !== null && next !== null)
    return onward({ cluster, from: id, to: journey.to }, next, 'Continue');
  const [first] = way?.hops ?? [];
  if (first === undefined || goal.kind !== 'upgrade-talos') return null;
  const to = journey?.to ?? { talos: goal.version, kubernetes: null };
  return onward({ cluster, from: id, to }, first, labelOf(first));
}

function onward(at: From, next: HopAhead, label: string): Onward {
  return { said: byHand(next), buttons: [onwardButton(at, next, label)] };
}

/** Below a summary: the next hop and its button, or that this was the last one. */
export function onwardBlocks(rollout: Rollout): readonly KnownBlock[] {
  const { journey, phase } = rollout;
  if (journey === null || phase.phase !== 'finished' || phase.outcome !== 'upgraded') return [];
  const said = nextLine(rollout);
  const next = onwardFrom(rollout);
  if (next === null || said === null)
    return [section(mrkdwn`That was the last hop of the way to ${destinationOf(journey.to)}.`)];
  return [section(lines(said, next.said)), rowOf(next.buttons)];
}

/** Below the card of a wish that is too far for one hop: every hop, and the button for the first. */
export function wayBlocks(rollout: Rollout): readonly KnownBlock[] {
  const { cluster, goal, journey, way } = rollout;
  const next = onwardFrom(rollout);
  if (way === null || next === null || goal.kind !== 'upgrade-talos') return [];
  const to = journey?.to ?? { talos: goal.version, kubernetes: null };
  return [section(lines(wayLine(cluster, to, way), next.said)), rowOf(next.buttons)];
}

/** "prod gets to Talos v1.14.1 in 6 hops: Kubernetes v1.30.14 → Talos v1.12.11 → …". */
export function wayLine(cluster: string, to: PathTarget, { hops, hopTime }: Path): Mrkdwn {
  const took = hopTime ?? null;
  const names = hops.slice(0, MOST_HOPS).map((one) => namedWithTime(one, took));
  const more = hops.length > MOST_HOPS ? ` → ${hops.length - MOST_HOPS} more` : '';
  return lines(
    mrkdwn`${bold(cluster)} gets to ${destinationOf(to)} in ${bold(plural(hops.length, 'hop'))}: ${names.join(' → ')}${more}.`,
    hopTimeLine(hops, took),
  );
}

function namedWithTime(hop: HopAhead, took: HopTime | null): string {
  const time = hopTimeWord(hop, took);
  return time === '' ? hopName(hop) : `${hopName(hop)} (${time})`;
}

/** Hops named in one line. */
const MOST_HOPS = 20;

/** Null for a hop that the bot makes by itself. */
function byHand({ kind, to }: HopAhead): Mrkdwn | null {
  if (kind === 'talos') return null;
  return mrkdwn`I do not upgrade Kubernetes yet: run ${code(kubernetesCommand(to))}, then press Continue.`;
}

function labelOf(first: HopAhead): string {
  return first.kind === 'talos' ? `Begin: ${hopName(first)}` : 'Continue';
}

/** Where a way goes on from; `from` names what its button stands below. */
interface From {
  readonly cluster: string;
  readonly from: string;
  readonly to: PathTarget;
}

/** The button below a private answer to `/talos path`. */
export function beginRow(at: From, { hops }: Path): KnownBlock | null {
  const [first] = hops;
  return first === undefined ? null : rowOf([onwardButton(at, first, labelOf(first))]);
}

function onwardButton(at: From, next: HopAhead, label: string): Button {
  const doing = next.kind === 'talos' ? 'Propose' : 'Go on after';
  return button({
    label,
    spoken: `${doing} ${hopName(next)} for ${at.cluster}`,
    action: 'journey:continue',
    value: encodeOnward(at),
    style: 'primary',
  });
}

function rowOf(buttons: readonly Button[]): KnownBlock {
  const row = actions('journey', buttons);
  if (row === null) throw new Error('a row with a button is never empty');
  return row;
}

/** Told to whoever pressed, while Kubernetes is not where the next hop of Talos needs it. */
export function kubernetesFirst(at: From, hop: HopAhead, runs: string | null): Message {
  const { cluster, to } = at;
  const text = mrkdwn`The next hop of ${bold(cluster)} to ${destinationOf(to)} is ${bold(hopName(hop))}, and ${runs === null ? 'nobody says which Kubernetes runs' : `Kubernetes ${runs} runs`}. Run ${code(kubernetesCommand(hop.to))}, then press Continue again.`;
  return message(spoken(text), [section(text)]);
}

export function lookingOnward({ cluster, to }: From): Message {
  return privateMessage(
    mrkdwn`Looking at ${bold(cluster)} for the next hop on the way to ${destinationOf(to)}. Its plan will be in the channel; nothing starts before people agree.`,
  );
}
