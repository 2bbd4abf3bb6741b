// Shows what comes in the middle of a rollout: it keeps the next node from being touched, or people are told of it.
import type { Message } from '../../slack/contract.ts';
import { CLUSTER } from '../../stage.ts';
import { hanging } from '../hanging.ts';
import type { Troupe } from '../troupe.ts';
import type { Given, Visitor } from './exhibit.ts';
import { heal } from './pre-flight.ts';

/** A plan that was made while all was well; its Start is pressed by whoever calls. */
async function propose(troupe: Troupe, asked: string): Promise<void> {
  const newest = troupe.everything().at(-1)?.ts ?? '';
  await troupe.command('requester', `/talos upgrade ${asked}`);
  // The cards of earlier rollouts may still be losing theirs.
  await troupe.until('the card of the plan', () => (troupe.button('rollout:start')?.ts ?? '') > newest);
}

/** Asks for an upgrade, presses Start, and waits until it has come to a stop. */
export async function begin(troupe: Troupe, asked: string): Promise<void> {
  await propose(troupe, asked);
  await start(troupe);
}

/** It stops at the latest at the gate of the control plane. */
async function start(troupe: Troupe, seen: () => Promise<boolean> = async () => false): Promise<void> {
  await troupe.press('requester', 'rollout:start');
  await troupe.until('the rollout to stop', async () => {
    const phase = (await troupe.rollout())?.phase.phase ?? '';
    return ['at-gate', 'held', 'finished'].includes(phase) || (await seen());
  });
}

export async function giveUp(troupe: Troupe): Promise<void> {
  await troupe.command('requester', '/talos abort');
  await troupe.end();
}

/** The fault comes between the plan and the first node: that one is not touched while it is there. */
export async function beforeANode(
  troupe: Troupe,
  target: string,
  { row, given }: { readonly row: Visitor; readonly given: Given },
): Promise<readonly string[]> {
  const { check, fault, holds, says, companion } = row;
  await propose(troupe, target);
  const before = touchesOf(troupe, companion);
  let heard = false;
  let after = before;
  // What was touched by then: what waits for its companion goes when that one is back.
  const told = async (): Promise<boolean> => {
    if (!heard) [heard, after] = [(await whyOf(troupe)).includes(says), touchesOf(troupe, companion)];
    return heard;
  };
  if (given === 'faults') await troupe.stage.slack.fault(fault);
  const letGo =
    given === 'faults' && companion !== undefined ? await hanging(troupe, companion, 'slow-boot') : null;
  await start(troupe, told);
  const phase = (await troupe.rollout())?.phase.phase;
  const label = `${check} before a node`;
  const misses = [
    ...((await told()) ? [] : [`${label}: nobody is told "${says}"`]),
    ...(phase === (holds === 'waits' ? 'running' : 'held') ? [] : [`${label}: the rollout is ${phase}`]),
    ...(after === before ? [] : [`${label}: a node was touched`]),
  ];
  await letGo?.();
  await giveUp(troupe);
  await heal(troupe, fault.name);
  return misses;
}

/** Why the newest rollout does not go on, as cards and `/talos status` tell it: they follow when Slack takes more messages. */
async function whyOf(troupe: Troupe): Promise<string> {
  const rollout = await troupe.rollout();
  if (rollout === null) return '';
  if (rollout.phase.phase === 'held') return rollout.phase.held.why;
  const noted = await troupe.stage.journal.notes(CLUSTER, rollout.id);
  return Object.values(noted)
    .map(({ sentence }) => sentence)
    .join('; ');
}

/** What was done to nodes so far; pulled images lie beside what runs. */
function touchesOf(troupe: Troupe, companion?: string): number {
  return troupe.stage.cluster.world
    .snapshot()
    .nodes.filter(({ name }) => name !== companion)
    .reduce((sum, { counters }) => sum + counters.cordons + counters.installs + counters.reboots, 0);
}

interface Told {
  readonly after: Visitor;
  readonly end: Visitor;
  readonly given: Given;
}

/** One rollout over all nodes: news of a worker when it is back, gone by the end, and other news at the end. The summary has both. */
export async function afterAndAtTheEnd(
  troupe: Troupe,
  target: string,
  { after, end, given }: Told,
): Promise<readonly string[]> {
  const { slack } = troupe.stage;
  await propose(troupe, target);
  if (given === 'faults') await slack.fault(after.fault);
  await start(troupe);
  await slack.fault({ name: 'heal', fault: after.fault.name });
  if (given === 'faults') await slack.fault(end.fault);
  await troupe.press('approver', 'gate:approve', 'cp-1');
  const outcome = await troupe.end();
  await troupe.until('the summary', () => said(troupe, ['what became of your request']));
  const misses = [after, end].flatMap((row) => missesOf(troupe, row));
  await heal(troupe, end.fault.name);
  return outcome === 'upgraded' ? misses : [...misses, `${end.check} ${end.moment}: it ended ${outcome}`];
}

function missesOf(troupe: Troupe, { check, moment, says }: Visitor): readonly string[] {
  return said(troupe, [says]) ? [] : [`${check} ${moment}: nobody is told "${says}"`];
}

function said(troupe: Troupe, words: readonly string[]): boolean {
  return troupe.everything().some(({ blocks }: Message) => {
    const text = JSON.stringify(blocks);
    return words.every((word) => text.includes(word));
  });
}
