// Somebody restarts another control-plane node meanwhile: the proof fails, nothing departs, and it goes on when that one is back.
import { CLUSTER } from '../stage.ts';
import { nothingInDoubt, upgradedWell } from './expectations.ts';
import { hanging } from './hanging.ts';
import { nodeOf } from './killed.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';

export const secondReboot: Scenario = {
  name: 'second-reboot',
  sentence:
    'A human restarts another control-plane node, once while a card is open and once right before a departure: the proof fails, nothing departs meanwhile, and it goes on.',
  world: { talosVersion: FROM, workers: 0 },
  play: async (troupe) => {
    await begin(troupe, TO);
    await clickedMeanwhile(troupe, await gateOf(troupe));
    await troupe.approveNext('approver');
    const second = await gateOf(troupe);
    const letGo = await hanging(troupe, second);
    await troupe.approveNext('secondApprover');
    await troupe.until(`${second} to be installed`, () => nodeOf(troupe, second).phase === 'installing');
    const left = await restarted(troupe, second);
    await letGo();
    await troupe.until(`${second} to wait`, () => waits(troupe, second));
    await staysWhile(troupe, second, left);
    await troupe.approveNext('approver');
    await troupe.end();
  },
  expect: (measured) => [...upgradedWell(measured, TO), nothingInDoubt(measured)],
};

/** The node whose card is open now, as soon as people see it. */
async function gateOf(troupe: Troupe): Promise<string> {
  let node = '';
  await troupe.until('a gate', async () => {
    const phase = (await troupe.rollout())?.phase;
    node = phase?.phase === 'at-gate' ? phase.gate.replace(/^gate:/, '') : '';
    return node !== '';
  });
  await troupe.until(`the card of ${node}`, () => troupe.button('gate:approve', node) !== null);
  return node;
}

/** Somebody restarts another one that does not lead etcd, and it hangs; resolves with its name. */
async function restarted(troupe: Troupe, node: string): Promise<string> {
  const { cluster, slack } = troupe.stage;
  const { nodes, etcd } = cluster.world.snapshot();
  const kept = [node, etcd.leader];
  const other = nodes.find(({ role, name }) => role === 'control-plane' && !kept.includes(name))?.name;
  if (other === undefined) throw new Error('this scenario needs more than one control-plane node');
  await hanging(troupe, other, 'slow-boot');
  await slack.fault({ name: 'reboot-by-human', node: other });
  return other;
}

/** The card was posted while all was well; the click comes when it is not, and another card follows when it is again. */
async function clickedMeanwhile(troupe: Troupe, node: string): Promise<void> {
  const other = await restarted(troupe, node);
  await troupe.press('approver', 'gate:approve', node);
  await troupe.until('the gate to be void', async () =>
    (await troupe.journal()).some(({ event }) => event.kind === 'gate-voided'),
  );
  await staysWhile(troupe, node, other);
}

/** Until the other one, which goes on now, is back, this one is there. */
async function staysWhile(troupe: Troupe, node: string, other: string): Promise<void> {
  if (nodeOf(troupe, other).back) throw new Error(`${other} did not wait until it was healed`);
  await troupe.stage.slack.fault({ name: 'heal', fault: 'slow-boot' });
  await troupe.until(`${other} to be back`, () => {
    const back = nodeOf(troupe, other).back;
    if (!back && !nodeOf(troupe, node).back) throw new Error(`${node} left while ${other} was away`);
    return back;
  });
}

/** What the card is told of it, which is edited less often. */
async function waits(troupe: Troupe, node: string): Promise<boolean> {
  const id = (await troupe.rollout())?.id ?? '';
  const notes = await troupe.stage.journal.notes(CLUSTER, id);
  return notes[node]?.sentence.startsWith('waiting:') ?? false;
}
