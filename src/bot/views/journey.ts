// What people read and press on the way over several versions: the next hop, and what they do for it themselves.
import type { KnownBlock } from '@slack/types';
import type { Path, PathTarget, Product } from '../../cluster/path.ts';
import { destinationOf, type HopAhead, hopAfter, kubernetesCommand } from '../../rollout/journey.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { encodeOnward } from '../button-value.ts';
import { actions, button, type Message, message, section } from './blocks.ts';
import { privateMessage } from './refusal.ts';
import { bold, code, lines, type Mrkdwn, mrkdwn, plural, spoken } from './text.ts';

const TITLE: Readonly<Record<Product, string>> = { talos: 'Talos', kubernetes: 'Kubernetes' };

function hopName({ kind, to }: HopAhead): string {
  return `${TITLE[kind]} ${to}`;
}

/** "Part of the way to Talos v1.14.1: hop 2 of about 6"; null for a wish of its own. */
export function journeyLine({ journey }: Rollout): Mrkdwn | null {
  if (journey === null) return null;
  return mrkdwn`Part of the way to ${destinationOf(journey.to)}: hop ${journey.hop} of about ${journey.of}`;
}

/** "Next on the way to Talos v1.14.1: Kubernetes v1.31.14 (3 of about 6)"; null where nothing follows. */
export function nextLine(rollout: Rollout): Mrkdwn | null {
  const next = hopAfter(rollout);
  if (next === null || rollout.journey === null) return null;
  const { to, of } = rollout.journey;
  return mrkdwn`Next on the way to ${destinationOf(to)}: ${bold(hopName(next))} (${next.number} of about ${of})`;
}

/** Below a summary: the next hop and its button, or that this was the last one. */
export function onwardBlocks(rollout: Rollout): readonly KnownBlock[] {
  const { journey, phase, cluster, id } = rollout;
  if (journey === null || phase.phase !== 'finished' || phase.outcome !== 'upgraded') return [];
  const next = hopAfter(rollout);
  const said = nextLine(rollout);
  if (next === null || said === null)
    return [section(mrkdwn`That was the last hop of the way to ${destinationOf(journey.to)}.`)];
  const row = onwardRow({ cluster, from: id, to: journey.to }, next, 'Continue');
  return [section(lines(said, byHand(next))), row];
}

/** Below the card of a wish that is too far for one hop: every hop, and the button for the first. */
export function wayBlocks({ cluster, id, goal, journey, way }: Rollout): readonly KnownBlock[] {
  const [first] = way?.hops ?? [];
  if (way === null || first === undefined || goal.kind !== 'upgrade-talos') return [];
  const to = journey?.to ?? { talos: goal.version, kubernetes: null };
  return [
    section(lines(wayLine(cluster, to, way), byHand(first))),
    onwardRow({ cluster, from: id, to }, first, labelOf(first)),
  ];
}

/** "prod gets to Talos v1.14.1 in 6 hops: Kubernetes v1.30.14 → Talos v1.12.11 → …". */
export function wayLine(cluster: string, to: PathTarget, { hops }: Path): Mrkdwn {
  const names = hops.slice(0, MOST_HOPS).map(hopName).join(' → ');
  const more = hops.length > MOST_HOPS ? ` → ${hops.length - MOST_HOPS} more` : '';
  return mrkdwn`${bold(cluster)} gets to ${destinationOf(to)} in ${bold(plural(hops.length, 'hop'))}: ${names}${more}.`;
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

interface Onward {
  readonly cluster: string;
  readonly from: string;
  readonly to: PathTarget;
}

/** The button below a private answer to `/talos path`; `from` names the answer. */
export function beginRow(onward: Onward, { hops }: Path): KnownBlock | null {
  const [first] = hops;
  return first === undefined ? null : onwardRow(onward, first, labelOf(first));
}

function onwardRow(onward: Onward, next: HopAhead, label: string): KnownBlock {
  const doing = next.kind === 'talos' ? 'Propose' : 'Go on after';
  const pressable = button({
    label,
    spoken: `${doing} ${hopName(next)} for ${onward.cluster}`,
    action: 'journey:continue',
    value: encodeOnward(onward),
    style: 'primary',
  });
  const row = actions('journey', [pressable]);
  if (row === null) throw new Error('a row with a button is never empty');
  return row;
}

/** Told to whoever pressed, while Kubernetes is not where the next hop of Talos needs it. */
export function kubernetesFirst(onward: Onward, hop: HopAhead, runs: string | null): Message {
  const { cluster, to } = onward;
  const text = mrkdwn`The next hop of ${bold(cluster)} to ${destinationOf(to)} is ${bold(hopName(hop))}, and ${runs === null ? 'nobody says which Kubernetes runs' : `Kubernetes ${runs} runs`}. Run ${code(kubernetesCommand(hop.to))}, then press Continue again.`;
  return message(spoken(text), [section(text)]);
}

export function lookingOnward({ cluster, to }: Onward): Message {
  return privateMessage(
    mrkdwn`Looking at ${bold(cluster)} for the next hop on the way to ${destinationOf(to)}. Its plan will be in the channel; nothing starts before people agree.`,
  );
}
