// The card before a departure: what will happen, the arithmetic that proves the cluster survives it, and who must agree.
import type { Button } from '@slack/types';
import { mayApprove } from '../../rollout/approval.ts';
import type { Proof, ProofKind } from '../../rollout/gate.ts';
import { occasionOf } from '../../rollout/occasion.ts';
import { laneOfGate, plannedNode } from '../../rollout/plan.ts';
import type { Policy } from '../../rollout/policy.ts';
import { type Approval, nodesArmed, type Rollout } from '../../rollout/rollout.ts';
import { encodeButton } from '../button-value.ts';
import { actions, button, context, fields, type Message, message, packed, section } from './blocks.ts';
import { hop, softwareChange } from './software.ts';
import {
  code,
  lines,
  type Mrkdwn,
  mrkdwn,
  people,
  person,
  plainWords,
  plural,
  quote,
  spoken,
  time,
  unended,
} from './text.ts';
import { nodeOfGate, nounOf, stepWords } from './words.ts';

/** One opening of a gate as the journal tells it; a gate that was voided opens again, with a card of its own. */
export interface GateCard {
  readonly gate: string;
  readonly fingerprint: string;
  readonly proof: Proof;
  readonly needs: number;
  readonly expiresAt: number;
  readonly approvals: readonly Approval[];
  /** What a drain would meet, as it was when the card was posted. */
  readonly remarks: readonly string[];
  readonly ending: GateEnding;
}

export type GateEnding =
  | { readonly kind: 'open' }
  /** Enough people agreed; the proof is being repeated. */
  | { readonly kind: 'proving' }
  | { readonly kind: 'passed'; readonly at: number }
  | { readonly kind: 'voided'; readonly at: number; readonly why: string }
  | { readonly kind: 'denied'; readonly at: number; readonly user: string; readonly reason: string }
  | { readonly kind: 'expired'; readonly at: number }
  /** Paused, aborted or held while it was open. */
  | { readonly kind: 'closed'; readonly at: number };

interface Grounds {
  /** Stands before the proof's sentence. */
  readonly title: string;
  /** What is looked at once more after the click; completes "proving once more …". */
  readonly again: string;
  /** Has happened then. */
  readonly done: string;
}

/** No card promises what its proof does not say. */
const SURVIVES: Grounds = {
  title: 'Why the cluster survives it',
  again: 'that the cluster survives it',
  done: 'proved again',
};
const GROUNDS: Readonly<Record<ProofKind, Grounds>> = {
  healthy: SURVIVES,
  repair: SURVIVES,
  outage: {
    title: 'An announced outage',
    again: 'that etcd is well before it goes',
    done: 'looked at again',
  },
  dead: { title: 'A last resort', again: 'that nothing serves which could be lost', done: 'looked at again' },
};

export function gateCard(rollout: Rollout, card: GateCard, policy: Policy): Message {
  const node = nodeOfGate(card.gate);
  const open = card.ending.kind === 'open';
  return message(sentenceOf(rollout, card), [
    section(titleLine(rollout, card, node)),
    fields(figures(rollout, card, node)),
    section(mrkdwn`*${GROUNDS[card.proof.kind].title}*: ${plainWords(card.proof.sentence, 400)}`),
    ...packed(card.ending.kind === 'open' ? remarkLines(card) : []),
    section(verdict(rollout, card, policy)),
    context(
      mrkdwn`What follows: ${act(rollout, card)}. Fingerprint ${code(card.fingerprint.slice(0, 8))}: an approval counts for exactly these steps, this node, version and set of members`,
    ),
    actions('gate', open ? gateButtons(rollout, card, 'plain') : []),
  ]);
}

/** What people should know before they agree: their yes does not make a budget let go. */
function remarkLines({ remarks }: GateCard): readonly Mrkdwn[] {
  return remarks.map((remark) => mrkdwn`:warning: ${plainWords(remark, 600)}`);
}

function sentenceOf(rollout: Rollout, card: GateCard): Mrkdwn {
  const node = nodeOfGate(card.gate);
  const asked = mrkdwn`${nounOf(rollout.cluster, rollout.goal)}, asked by ${person(rollout.user)}`;
  switch (card.ending.kind) {
    case 'open':
      return mrkdwn`${node} in ${rollout.cluster} waits for ${missingOf(card)} before it is taken down: ${asked}.`;
    default:
      return mrkdwn`${node} in ${rollout.cluster}: ${spoken(ended(card))} (${asked}).`;
  }
}

/** "2 approvals", and "1 approval more" once somebody agreed. */
function missingOf({ needs, approvals }: GateCard): string {
  return `${plural(Math.max(0, needs - approvals.length), 'approval')}${approvals.length === 0 ? '' : ' more'}`;
}

function titleLine(rollout: Rollout, card: GateCard, node: string): Mrkdwn {
  const where = mrkdwn`${code(node)} in *${rollout.cluster}*`;
  return card.ending.kind === 'open'
    ? mrkdwn`:raised_hand: *May this node go down?* ${where}`
    : mrkdwn`*Gate* ${where}`;
}

/** What will be done to the node, from the steps that were approved in full. */
function act(rollout: Rollout, card: GateCard): string {
  const lane = rollout.plan === null ? null : laneOfGate(rollout.plan, card.gate);
  return lane?.steps.map(stepWords).join(' → ') ?? '';
}

function figures(rollout: Rollout, card: GateCard, node: string): readonly Mrkdwn[] {
  const planned = rollout.plan === null ? null : plannedNode(rollout.plan, node);
  const { proof } = card;
  const software = softwareChange(planned);
  return [
    mrkdwn`*Version*\n${hop(planned?.from ?? '?', planned?.to ?? 'the one before')}`,
    ...(software === null ? [] : [mrkdwn`*Image*\n${software}`]),
    mrkdwn`*Role*\n${planned?.role === 'worker' ? 'worker' : 'control plane'}`,
    ...(nodesArmed(rollout).includes(node)
      ? [mrkdwn`*Armed*\nthe new version is installed: any restart boots it, approved or not`]
      : []),
    ...(planned?.role === 'worker' ? [] : etcdFigures(proof, node)),
  ];
}

function etcdFigures(proof: Proof, node: string): readonly Mrkdwn[] {
  if (proof.kind === 'dead') return [mrkdwn`*etcd*\nserves nothing`];
  if (proof.kind === 'outage') return [mrkdwn`*etcd*\nits only member, lag ${proof.maxLag}`];
  return [
    mrkdwn`*etcd without it*\n${proof.votersLeft} of ${plural(proof.voters, 'voter')}, quorum ${proof.quorum}`,
    mrkdwn`*etcd leader*\n${proof.leader === null ? mrkdwn`none` : code(proof.leader)}${proof.leader === node ? ' (this node; hands over first)' : ''}, lag ${proof.maxLag}`,
  ];
}

function verdict(rollout: Rollout, card: GateCard, policy: Policy): Mrkdwn {
  const votes =
    card.approvals.length === 0
      ? null
      : mrkdwn`Approved by ${people(card.approvals.map((approval) => approval.user))}`;
  if (card.ending.kind !== 'open') return lines(ended(card), card.ending.kind === 'passed' ? null : votes);
  const who = mayApprove(policy, rollout.user).filter(
    (user) => !card.approvals.some((one) => one.user === user),
  );
  const from =
    who.length === 0
      ? mrkdwn`nobody ${votes === null ? '' : 'else '}is configured who may approve it`
      : people(who, 'or');
  return lines(
    votes,
    mrkdwn`Needs ${missingOf(card)}${policy.selfApproval === 'allowed' ? '' : ', not the requester’s'}: ${from}`,
    mrkdwn`Expires ${time(card.expiresAt)}`,
  );
}

function ended(card: GateCard): Mrkdwn {
  const { ending } = card;
  const who = people(card.approvals.map((approval) => approval.user));
  switch (ending.kind) {
    case 'open':
      return mrkdwn`Waiting for approval`;
    case 'proving':
      return mrkdwn`:white_check_mark: *Approved* by ${who}; proving once more ${GROUNDS[card.proof.kind].again}`;
    case 'passed':
      return mrkdwn`:white_check_mark: *Approved* by ${who}, ${GROUNDS[card.proof.kind].done} ${time(ending.at)}`;
    case 'voided':
      return mrkdwn`*Withdrawn* ${time(ending.at)}: ${unended(plainWords(ending.why, 400))}. Approvals do not carry over; a new card follows when the proof holds`;
    case 'denied':
      return mrkdwn`:no_entry: *Denied* by ${person(ending.user)} ${time(ending.at)}${reason(ending.reason)}`;
    case 'expired':
      return mrkdwn`*Expired* ${time(ending.at)}: nobody decided in time`;
    case 'closed':
      return mrkdwn`*Closed* ${time(ending.at)} before a decision`;
  }
}

function reason(text: string): Mrkdwn {
  return text.trim() === '' ? mrkdwn`` : mrkdwn`: ${quote(text)}`;
}

type Asked = Pick<GateCard, 'gate' | 'proof'>;

function confirmation(rollout: Rollout, card: Asked, node: string): string {
  const lane = rollout.plan === null ? null : laneOfGate(rollout.plan, card.gate);
  const drained = lane?.steps.some((step) => step.kind === 'drain') === true ? 'drained and ' : '';
  const { kind } = card.proof;
  const away =
    kind === 'outage' || kind === 'dead'
      ? ' The Kubernetes API is away until it is back: that is expected.'
      : '';
  return `${node} in ${rollout.cluster} will be ${drained}restarted, once enough people agreed and the proof held again.${away}`;
}

/** `named`: their labels say which node they are about, where no card above them does. */
export function gateButtons(rollout: Rollout, card: Asked, named: 'named' | 'plain'): readonly Button[] {
  const { cluster, id } = rollout;
  const node = nodeOfGate(card.gate);
  const whom = named === 'named' ? ` ${node}` : '';
  const occasion = occasionOf(rollout, card.gate);
  const value = encodeButton({ cluster, rollout: id, gate: card.gate, occasion });
  return [
    button({
      label: `Approve${whom}`,
      spoken: `Approve that ${node} in ${rollout.cluster} goes down`,
      action: 'gate:approve',
      value,
      style: 'primary',
      confirm: {
        title: `Take ${node} down?`,
        text: confirmation(rollout, card, node),
        yes: 'Approve',
      },
    }),
    button({
      label: `Deny${whom}…`,
      spoken: `Deny that ${node} in ${rollout.cluster} goes down`,
      action: 'gate:deny',
      value,
      style: 'danger',
    }),
  ];
}
