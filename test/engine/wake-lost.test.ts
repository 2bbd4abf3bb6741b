// What people say while a driver falls asleep is looked at, though no bell reaches it.
import { expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { Life } from '../../playground/doubles/mortal.ts';
import type { UpgradeMutex } from '../../src/engine/ports/upgrade-mutex.ts';
import { approvalFingerprint } from '../../src/rollout/gate.ts';
import { laneOfGate } from '../../src/rollout/plan.ts';
import { APPROVER, aScene, idle, willing } from './scene.ts';

it('an approval that comes while the mutex is being given back is acted on', async () => {
  const scene = aScene({
    guarded: true,
    // etcd takes five seconds to confirm that the mutex was given back.
    mutexOf: (house): UpgradeMutex => {
      const inner = house.mutex.of(new Life('slow'));
      return {
        close: () => inner.close(),
        tryTake: async (seats) => {
          const reply = await inner.tryTake(seats);
          if (reply.kind !== 'taken') return reply;
          const { hold } = reply;
          return {
            kind: 'taken',
            hold: {
              holder: hold.holder,
              lost: hold.lost,
              holds: () => hold.holds(),
              confirm: () => hold.confirm(),
              letExpire: () => hold.letExpire(),
              release: async () => {
                await house.time.engineClock().sleep(5_000);
                return hold.release();
              },
            },
          };
        },
      };
    },
  });
  scene.start();
  // People approve the first control-plane node; the second one's card they leave to us.
  scene.people = (rollout) =>
    rollout.phase.phase === 'at-gate' && scene.facts('gate-passed').length > 0 ? null : willing(rollout);
  await scene.until(({ phase }) => phase.phase === 'at-gate' && scene.facts('gate-passed').length === 1);
  scene.people = idle;
  const { rollout, house } = scene;
  const gate = rollout.phase.phase === 'at-gate' ? rollout.phase.gate : '';
  const planned = rollout.plan === null ? null : laneOfGate(rollout.plan, gate)?.gate;
  if (planned === null || planned === undefined) throw new Error('no gate');
  // Approved through another replica; its bell went to a worker that found the lease held.
  await house.journal.append({
    cluster: CLUSTER,
    rollout: scene.id,
    expect: rollout.version,
    events: [
      {
        kind: 'approved',
        gate,
        fingerprint: approvalFingerprint(planned, house.policy),
        user: APPROVER,
        delivery: 'click',
      },
    ],
    by: { kind: 'person', user: APPROVER },
  });
  await house.time.advance(60_000);
  expect(scene.facts('gate-passed').length).toBeGreaterThan(1);
});
