// The other endings: denied, blocked, and rolled back.
import {
  every,
  nobodyApprovedTheirOwn,
  nothingRejected,
  nothingTouched,
  oneControlPlaneAway,
  outcomeIs,
} from './expectations.ts';
import type { Scenario } from './scenario.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';

export const denied: Scenario = {
  name: 'denied',
  sentence:
    'An approver denies the first control-plane node: the workers stay upgraded, the control plane is not touched.',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    await begin(troupe, TO);
    await troupe.pressInVain('bystander', 'gate:deny');
    await troupe.press('approver', 'gate:deny');
    const user = troupe.user('approver');
    await troupe.until(
      'the dialog that asks for a reason',
      () => troupe.stage.slack.state(user).views.length > 0,
    );
    const [view] = troupe.stage.slack.state(user).views;
    await troupe.stage.slack.submit({ user, view: view?.id ?? '' });
    await troupe.end();
  },
  expect: (measured) => {
    const workers = measured.nodes.filter((node) => node.role === 'worker');
    const controlPlane = measured.nodes.filter((node) => node.role === 'control-plane');
    return [
      outcomeIs(measured, 'denied'),
      [
        'every worker was upgraded',
        every(workers, (node) => node.to === TO && node.installs === 1 && node.reboots === 1),
      ],
      [
        'no control-plane node was installed, restarted or rolled back',
        every(
          controlPlane,
          (node) => node.to === FROM && node.installs + node.reboots + node.rollbacks === 0,
        ),
      ],
      ['nothing was approved', measured.approvals.length === 0],
      ['a click was refused', measured.refusedClicks >= 1],
      nothingRejected(measured),
    ];
  },
};

export const blocked: Scenario = {
  name: 'blocked',
  sentence: 'A node is NotReady and etcd has an alarm: the plan says both, and nothing is touched.',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    await troupe.stage.slack.fault({ name: 'not-ready', node: 'w-1' });
    await troupe.stage.slack.fault({ name: 'etcd-alarm', node: 'cp-2' });
    await troupe.command('requester', `/talos upgrade ${TO}`);
    await troupe.end();
    await troupe.until('both findings in the channel', () => {
      const card = JSON.stringify(troupe.everything());
      return card.includes('w-1') && card.includes('nospace');
    });
  },
  expect: (measured) => [
    outcomeIs(measured, 'blocked'),
    nothingTouched(measured),
    ['nothing restarted', measured.rebootOrder.length === 0],
    nothingRejected(measured),
  ],
};

export const rollback: Scenario = {
  name: 'rollback',
  sentence:
    'After an upgrade, /talos rollback node cp-2 brings the previous version back, after a quorum proof and an approval.',
  world: { talosVersion: FROM, workers: 1 },
  play: async (troupe) => {
    await begin(troupe, TO);
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    await troupe.command('requester', '/talos rollback node cp-2');
    await troupe.until('the gate of the rollback', async () => {
      const rollout = await troupe.rollout();
      return rollout?.goal.kind === 'rollback-node' && rollout.phase.phase === 'at-gate';
    });
    await troupe.press('approver', 'gate:approve', 'cp-2');
    await troupe.until('the rollback to end', async () => {
      const rollout = await troupe.rollout();
      return rollout?.goal.kind === 'rollback-node' && rollout.phase.phase === 'finished';
    });
  },
  expect: (measured) => {
    const node = measured.nodes.find((other) => other.name === 'cp-2');
    const others = measured.nodes.filter((other) => other.name !== 'cp-2');
    return [
      outcomeIs(measured, 'rolled-back'),
      [
        'cp-2 was rolled back once and runs the version it came from',
        node?.rollbacks === 1 && node.to === FROM,
      ],
      [
        'every other node runs the new version',
        every(others, (other) => other.to === TO && other.rollbacks === 0),
      ],
      [
        'the rollback of cp-2 had an approval of its own',
        measured.approvals.filter((one) => one.node === 'cp-2').length === 2,
      ],
      nobodyApprovedTheirOwn(measured),
      oneControlPlaneAway(measured),
      nothingRejected(measured),
    ];
  },
};
