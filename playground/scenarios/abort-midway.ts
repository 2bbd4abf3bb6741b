// An upgrade is given up while a node is in hand: what was changed is put back, and the armed node is settled by people, one restart each.
import { fold } from '../../src/rollout/evolve.ts';
import {
  every,
  nobodyApprovedTheirOwn,
  nothingRejected,
  oneControlPlaneAway,
  outcomeIs,
} from './expectations.ts';
import { hanging } from './hanging.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
/** The node in hand when it is given up; the workers are done by then. */
const NODE = 'cp-1';

export const abortMidway: Scenario = {
  name: 'abort-midway',
  sentence:
    'Abort while a control-plane node is being installed: its step ends, its cordon is put back, no other node is touched, and it stays armed until people press Disarm.',
  world: { talosVersion: FROM, workers: 1 },
  play: async (troupe) => {
    const { world } = troupe.stage.cluster;
    const letGo = await hanging(troupe, NODE);
    await begin(troupe, TO);
    await troupe.until('the first gate', async () => (await troupe.rollout())?.phase.phase === 'at-gate');
    await troupe.press('approver', 'gate:approve', NODE);
    await troupe.until('the installation to begin', async () =>
      (await troupe.journal()).some(
        ({ event }) => event.kind === 'step-begun' && event.step.endsWith(`${NODE}-install`),
      ),
    );
    await troupe.pressInVain('bystander', 'rollout:abort');
    await troupe.press('requester', 'rollout:abort');
    await troupe.until('the abort in the journal', async () =>
      (await troupe.journal()).some(({ event }) => event.kind === 'aborted'),
    );
    await letGo();
    await troupe.end();
    if (!world.machine(NODE).armed) throw new Error(`${NODE} was not armed when the rollout had ended`);
    if (cordoned(troupe).length > 0) throw new Error(`${cordoned(troupe).join(', ')} was left cordoned`);
    await troupe.pressInVain('bystander', 'armed:disarm', NODE);
    await troupe.press('requester', 'armed:disarm', NODE);
    await troupe.until('the gate of the disarming', async () => {
      const rollout = await troupe.rollout();
      return rollout?.goal.kind === 'disarm-node' && rollout.phase.phase === 'at-gate';
    });
    await troupe.press('secondApprover', 'gate:approve', NODE);
    await troupe.until('the disarming to end', async () => {
      const rollout = await troupe.rollout();
      return rollout?.goal.kind === 'disarm-node' && rollout.phase.phase === 'finished';
    });
    const known = troupe.privately('requester').length;
    await troupe.command('requester', `/talos finish node ${NODE}`);
    await troupe.until('the answer that nothing is left to finish', () =>
      troupe
        .privately('requester')
        .slice(known)
        .some(({ text }) => text.includes('nothing to finish')),
    );
    const first = fold((await troupe.journals())[0] ?? []);
    if (first?.phase.phase !== 'finished' || first.phase.outcome !== 'aborted')
      throw new Error('the upgrade was not aborted');
  },
  expect: (measured) => {
    const node = measured.nodes.find(({ name }) => name === NODE);
    const others = measured.nodes.filter(({ role, name }) => role === 'control-plane' && name !== NODE);
    const workers = measured.nodes.filter(({ role }) => role === 'worker');
    return [
      outcomeIs(measured, 'unchanged'),
      ['every worker was upgraded', every(workers, ({ to, reboots }) => to === TO && reboots === 1)],
      [
        'no other control-plane node was installed or restarted',
        every(others, ({ installs, reboots, rollbacks }) => installs + reboots + rollbacks === 0),
      ],
      [
        `${NODE} was installed once, disarmed once, and runs what it ran before`,
        node?.installs === 1 && node.rollbacks === 1 && node.reboots === 0 && node.to === FROM,
      ],
      [
        'both restarts of a control-plane node were approved',
        measured.approvals.filter((one) => one.node === NODE).length === 2,
      ],
      nobodyApprovedTheirOwn(measured),
      ['clicks were refused', measured.refusedClicks >= 2],
      oneControlPlaneAway(measured),
      nothingRejected(measured),
    ];
  },
};

function cordoned({ stage }: Troupe): readonly string[] {
  const { world, objects } = stage.cluster;
  return world.nodes.map(({ name }) => name).filter((name) => objects.isCordoned(name));
}
