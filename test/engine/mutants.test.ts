// Guards taken out by injection: the assertions of this folder must notice each of them, or they prove nothing.
import { describe, expect, it } from 'vitest';
import type { ProcessPorts } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import type { Doer, StepFactory } from '../../src/engine/steps/doer.ts';
import { DOERS } from '../../src/engine/steps/kinds.ts';
import type { Entry } from '../../src/rollout/event.ts';
import type { Plan } from '../../src/rollout/plan.ts';
import type { Step } from '../../src/rollout/step.ts';
import { crashing, patient } from './crash.ts';
import { doubtedThatHappened, happenedOnce } from './doubted.ts';
import { overriding, REASON, STOPPED } from './overriding.ts';
import { APPROVER, aSmallScene, idle, REQUESTER, type Scene, willing } from './scene.ts';

/** Runs with one kind of step done differently. */
async function withDoer<T>(
  kind: keyof typeof DOERS,
  change: (doer: Doer) => Partial<Doer>,
  run: () => Promise<T>,
): Promise<T> {
  const doers: Record<string, StepFactory> = DOERS;
  const { [kind]: real } = DOERS;
  doers[kind] = (context) => {
    const doer = real(context);
    return { ...doer, ...change(doer) };
  };
  try {
    return await run();
  } finally {
    doers[kind] = real;
  }
}

/** A process that reads other steps in the stored plan than people approved. */
function misreading(change: (step: Step) => Step): (ports: ProcessPorts) => ProcessPorts {
  const changed = (plan: Plan): Plan => ({
    ...plan,
    stages: plan.stages.map((stage) => ({
      ...stage,
      lanes: stage.lanes.map((lane) => ({ ...lane, steps: lane.steps.map(change) })),
    })),
  });
  const reread = (entry: Entry): Entry =>
    entry.event.kind === 'planned'
      ? { ...entry, event: { ...entry.event, plan: changed(entry.event.plan) } }
      : entry;
  return (ports) =>
    withJournal(ports, {
      read: async (...asked) => (await ports.journal.read(...asked)).map(reread),
    });
}

function withJournal(ports: ProcessPorts, changed: Partial<Journal>): ProcessPorts {
  const journal = new Proxy(ports.journal, {
    get: (target, key) => Reflect.get(changed, key) ?? Reflect.get(target, key, target),
  });
  return { ...ports, journal };
}

/** Everything the audit of a scene finds, apart from a driver that no longer believes what the journal says. */
function broken(scene: Scene): readonly string[] {
  scene.audit.close();
  return scene.audit.broken.filter((what) => !what.includes('believes something else'));
}

describe('not looking before acting', () => {
  it.each([
    ['reboot', 'upgrade'],
    ['rollback', 'rollback'],
  ] as const)('sends %s a second time, and is noticed', async (kind, goal) => {
    const scene = await withDoer(
      kind,
      () => ({ observe: async () => null }),
      async () => {
        const doubted = await doubtedThatHappened(kind, goal);
        await doubted.says({ kind: 'retry' });
        await doubted.plays();
        return doubted;
      },
    );
    expect(() => happenedOnce(scene, kind)).toThrow();
  });
});

describe('repeating an act found begun', () => {
  it.each(['install', 'reboot'] as const)('sends %s twice for one "begun", and is noticed', async (kind) => {
    const calm = await aSmallScene().plays();
    const at = calm.audit.effects.findIndex(({ name }) => name === `${kind} w-1`) + 1;
    const scene = aSmallScene().between(
      misreading((step) => (step.repeat === 'never' ? { ...step, repeat: 'freely' } : step)),
    );
    scene.people = patient;
    scene.tap(crashing(scene, { at, when: 'after' }));
    scene.start();
    await scene.plays().catch(() => undefined);
    expect(broken(scene).join('\n')).toMatch(
      /sent 2 times for one "begun"|sent by worker-2, begun by worker-1/,
    );
  });
});

describe('starting what something stops', () => {
  const stands = /while etcd-snapshot of etcd stands/;

  /** A process that does not see in the stored plan what stopped it. */
  const carefree = (ports: ProcessPorts): ProcessPorts =>
    withJournal(ports, {
      read: async (...asked) =>
        (await ports.journal.read(...asked)).map((entry) =>
          entry.event.kind === 'planned' ? { ...entry, event: { ...entry.event, findings: [] } } : entry,
        ),
    });

  /** A process that writes down an override otherwise than it was decided. */
  const otherwise =
    (changed: { readonly user: string } | { readonly check: string }) =>
    (ports: ProcessPorts): ProcessPorts =>
      withJournal(ports, {
        append: (request) =>
          ports.journal.append({
            ...request,
            events: request.events.map((event) =>
              event.kind === 'overridden' ? { ...event, ...changed } : event,
            ),
          }),
      });

  it('is noticed', async () => {
    const scene = aSmallScene({ policy: STOPPED }).between(carefree);
    await scene.plays();
    expect(broken(scene).join('\n')).toMatch(stands);
  });

  it('is not done by the engine as it is, at once or by a person', async () => {
    const scene = aSmallScene({ policy: { ...STOPPED, start: 'at-once' } });
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'proposed');
    expect(await scene.says({ kind: 'start' })).toMatchObject({ code: 'findings-stand' });
    const wish = { kind: 'override', checks: ['etcd-snapshot'], reason: REASON } as const;
    expect(await scene.says(wish, REQUESTER)).toMatchObject({ code: 'own-request' });
    expect(await scene.says(wish, APPROVER, 'twice')).toMatchObject({ kind: 'taken' });
    expect(await scene.says(wish, APPROVER, 'twice')).toMatchObject({ kind: 'already' });
    await scene.house.time.advance(60_000);
    expect(scene.phase.phase).toBe('proposed');
    scene.people = willing;
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.facts('overridden')).toMatchObject([{ subjects: ['etcd'], user: APPROVER }]);
    expect(broken(scene)).toEqual([]);
  });

  it('by an override of one’s own is noticed', async () => {
    const scene = aSmallScene({ policy: STOPPED }).between(otherwise({ user: REQUESTER }));
    scene.people = overriding();
    await scene.plays();
    expect(broken(scene).join('\n')).toContain(`${REQUESTER} overrode for their own rollout`);
  });

  it('by an override of a promise is noticed', async () => {
    const scene = aSmallScene({ policy: STOPPED }).between(otherwise({ check: 'etcd-quorum' }));
    scene.people = overriding(idle);
    scene.start();
    await scene.until(() => scene.audit.broken.length > 0);
    expect(broken(scene).join('\n')).toContain('etcd-quorum, which guards a promise, was overridden');
  });
});

describe('forgetting a pause over a hold', () => {
  /** A process that writes down the choice alone. */
  const forgetful = (ports: ProcessPorts): ProcessPorts =>
    withJournal(ports, {
      append: (request) =>
        ports.journal.append({
          ...request,
          events: request.events.filter((event) => event.kind !== 'paused' || event.stays !== true),
        }),
    });

  it.each(['retry', 'skip'] as const)('at a %s is noticed', async (kind) => {
    const scene = aSmallScene().between(forgetful);
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1', times: 1 });
    scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    await scene.says({ kind: 'pause' });
    await scene.until(({ phase }) => phase.phase === 'held');
    await scene.says({ kind }, APPROVER);
    await scene.until(() => scene.audit.broken.length > 0);
    expect(broken(scene).join('\n')).toContain(`while the pause of ${REQUESTER} stands`);
  });
});

describe('proving a departure only once', () => {
  async function whileAnotherDies(between: (ports: ProcessPorts) => ProcessPorts): Promise<Scene> {
    const scene = aSmallScene().between(between);
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    const node = scene.phase.phase === 'at-gate' ? scene.phase.gate.replace('gate:', '') : '';
    const other = ['cp-1', 'cp-2', 'cp-3'].find((name) => name !== node) ?? '';
    await scene.untilStep(node, 'install', 'step-begun');
    scene.house.world.inject('node-down', { node: other });
    await scene.plays();
    return scene;
  }

  it('is not done by the engine as it is', async () => {
    const scene = await whileAnotherDies((ports) => ports);
    expect(broken(scene)).toEqual([]);
  });

  it('takes the quorum away, and is noticed', async () => {
    const scene = await whileAnotherDies(
      misreading((step) => (step.presence === 'departs' ? { ...step, presence: 'stays' } : step)),
    );
    expect(broken(scene).join('\n')).toContain('etcd loses its quorum');
  });
});

describe('acting on a lost lease', () => {
  /** From the moment it is cut off, it renews nothing in the store and believes that it did. */
  function deluded(ports: ProcessPorts, isCutOff: () => boolean): ProcessPorts {
    const { journal } = ports;
    return withJournal(ports, {
      renew: async (lease) => {
        if (!isCutOff()) return journal.renew(lease);
        const { length } = await journal.read(lease.cluster, lease.rollout);
        return { kind: 'renewed', version: length };
      },
      append: ({ lease, ...request }) =>
        journal.append(isCutOff() || lease === undefined ? request : { ...request, lease }),
    });
  }

  it('is noticed', async () => {
    const scene = aSmallScene({ world: { rebootMs: 10_000 } });
    let cutOff = false;
    scene.start((ports) => deluded(ports, () => cutOff));
    await scene.untilStep('w-1', 'pull', 'step-begun');
    cutOff = true;
    await scene.until(() => scene.audit.broken.length > 0, 120_000);
    expect(broken(scene).join('\n')).toContain('which has no lease');
  });

  it('is not done by the engine as it is, when renewing fails', async () => {
    const scene = aSmallScene({ world: { rebootMs: 10_000 } });
    let cutOff = false;
    const away = (): Promise<never> => Promise.reject(new Fault('unreachable', 'the store does not answer'));
    scene.start((ports) =>
      withJournal(ports, { renew: (lease) => (cutOff ? away() : ports.journal.renew(lease)) }),
    );
    await scene.untilStep('w-1', 'pull', 'step-begun');
    cutOff = true;
    scene.start();
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(broken(scene)).toEqual([]);
  });
});
