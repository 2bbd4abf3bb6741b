// A "begun" that no replica has: nothing may be done on the strength of it, also not what may be repeated.
import { expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { debtsOf } from '../../src/rollout/rollout.ts';
import { aScene, REQUESTER } from './scene.ts';

it.each([{ by: 'the same process' }, { by: 'another process' }])(
  'a node is not cordoned by $by before its "begun" is acknowledged',
  async ({ by }) => {
    const scene = aScene();
    const { house, id } = scene;
    let kept = -1;
    const cordons: string[] = [];
    const faulty = (ports: Parameters<Parameters<typeof scene.between>[0]>[0]) => ({
      ...ports,
      journal: new Proxy(ports.journal, {
        get: (t, k) => {
          const member: unknown = Reflect.get(t, k, t);
          if (typeof member !== 'function') return member;
          return async (...args: unknown[]) => {
            // From the first unacknowledged fact on the replica stays away: nothing more is written, and no lease is given.
            if ((k === 'append' || k === 'take') && kept >= 0)
              throw new Fault('busy', 'no replica', { code: 'NOREPLICAS' });
            const before = house.journal.linesOf(CLUSTER, id).length;
            const given = await Reflect.apply(member, t, args);
            if (k === 'append' && /step-begun.*w-1-cordon/.test(JSON.stringify(args))) {
              kept = before;
              throw new Fault('busy', 'passed on to 0 of 1', { code: 'UNACKNOWLEDGED' });
            }
            return given;
          };
        },
      }),
    });
    const first = scene.start(faulty);
    scene.tap({
      before: ({ method, owner }) => {
        if (method === 'cordon' && kept >= 0) cordons.push(owner);
      },
    });
    await scene.until(() => kept >= 0);
    scene.people = () => null;
    if (by === 'another process') {
      first.kill();
      scene.start(faulty);
    }
    await house.time.advance(8_000);
    // The master dies, and the replica that is promoted never had it. A person aborts.
    for (const one of house.living) one.kill();
    house.journal.lose(CLUSTER, id, kept);
    await house.time.advance(5_000);
    scene.start();
    await house.journal.append({
      cluster: CLUSTER,
      rollout: id,
      expect: kept,
      events: [{ kind: 'aborted', user: REQUESTER, delivery: 'stop' }],
      by: { kind: 'person', user: REQUESTER },
    });
    await house.time.advance(60_000);
    expect(cordons).toEqual([]);
    void debtsOf;
  },
);
