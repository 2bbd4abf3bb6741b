// The exhibits that earlier rollouts leave: each is brought about by one that is given up half way.
import type { Troupe } from '../troupe.ts';
import { type Answer, found, missesOf, plan } from './answer.ts';
import { begin, giveUp } from './between-nodes.ts';
import type { Fault, Given, Remains } from './exhibit.ts';
import { allBack, heal } from './pre-flight.ts';

const ARMED: Remains = {
  check: 'machine-armed',
  ...{ level: 'blocker', subject: 'w-1', says: 'is armed: an earlier rollout installed v1.13.5' },
};
const IN_DOUBT: Remains & { readonly fault: Fault } = {
  check: 'machine-in-doubt',
  fault: { name: 'lost-call', node: 'w-1', method: 'Reboot' },
  ...{ level: 'blocker', subject: 'w-1', says: 'A call that restarts w-1 was sent by an earlier rollout' },
};
const AWAY: Remains & { readonly fault: Fault } = {
  check: 'node-away',
  fault: { name: 'never-ready', node: 'w-1' },
  ...{ level: 'blocker', subject: 'w-1', says: 'w-1 was made to leave by an earlier rollout' },
};
const UNKNOWN: Remains & { readonly fault: Fault } = {
  check: 'rollback-target',
  fault: { name: 'upgrade-by-human', node: 'w-1', version: 'v1.13.8' },
  ...{ level: 'warning', subject: 'w-1', says: 'There is no record of what w-1 ran before v1.13.8' },
};

export const REMAINS: readonly Remains[] = [ARMED, IN_DOUBT, AWAY, UNKNOWN];

/** The limits of this cluster: a restart that does not happen, and a node that does not come back, hold it soon. */
export const SOON = { reboot: '2s', return: '2s' } as const;

/** One after another, each with the next version: what one of them left is mended before the next. */
export async function showRemains(troupe: Troupe, given: Given): Promise<readonly string[]> {
  return [
    ...(await armed(troupe, 'v1.13.5', given)),
    ...(await half(troupe, 'v1.13.6', { row: IN_DOUBT, given })),
    ...(await half(troupe, 'v1.13.7', { row: AWAY, given })),
    ...(await unknown(troupe, given)),
  ];
}

/** Installed everywhere and given up before any node restarts. */
async function armed(troupe: Troupe, target: string, given: Given): Promise<readonly string[]> {
  if (given === 'faults') {
    await begin(troupe, `${target} --stage`);
    await giveUp(troupe);
  }
  const misses = missesOf(await plan(troupe, target), ARMED);
  for (const { name, armed: left } of troupe.stage.cluster.world.snapshot().nodes) {
    if (left) await troupe.stage.slack.fault({ name: 'reboot-by-human', node: name });
    await allBack(troupe);
  }
  return [...misses, ...stillIn(await plan(troupe, target), ARMED)];
}

/** Something happens to one node, which holds the rollout; people give it up, and ask again. */
async function half(
  troupe: Troupe,
  target: string,
  { row, given }: { readonly row: Remains & { readonly fault: Fault }; readonly given: Given },
): Promise<readonly string[]> {
  const { slack } = troupe.stage;
  if (given === 'faults') await slack.fault(row.fault);
  await begin(troupe, target);
  await giveUp(troupe);
  const misses = missesOf(await plan(troupe, target), row);
  if (row === IN_DOUBT && given === 'faults')
    await slack.fault({ name: 'reboot-by-human', node: row.subject });
  await heal(troupe, row.fault.name);
  return [...misses, ...stillIn(await plan(troupe, target), row)];
}

function stillIn(answer: Answer, { check, says }: Remains): readonly string[] {
  return found(answer, { says }) === null ? [] : [`${check}: is still found after it was mended`];
}

/** Somebody else upgraded a node since the last rollout, so nobody knows what lies in its other boot entry. */
async function unknown(troupe: Troupe, given: Given): Promise<readonly string[]> {
  if (given === 'faults') await troupe.stage.slack.fault(UNKNOWN.fault);
  await allBack(troupe);
  await troupe.command('requester', `/talos rollback node ${UNKNOWN.subject}`);
  await troupe.until('the plan of the rollback', async () => {
    const rollout = await troupe.rollout();
    return rollout?.goal.kind === 'rollback-node' && rollout.plan !== null;
  });
  // As the thread will say it: Slack takes a message a second, and some are before it.
  const { findings = [] } = (await troupe.rollout()) ?? {};
  const lines = findings.map(({ level, sentence }) => ({ level, text: sentence }));
  const misses = missesOf({ lines }, UNKNOWN);
  await giveUp(troupe);
  return misses;
}
