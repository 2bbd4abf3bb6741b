// What the negative controls take away where there is one control-plane node: its copy, and the leave not to drain.
import type { Archive } from '../../../src/engine/ports/archive.ts';
import type { Journal } from '../../../src/engine/ports/journal.ts';
import type { Lane, Plan } from '../../../src/rollout/plan.ts';
import type { Step } from '../../../src/rollout/step.ts';
import { type Replace, withWork } from './replaced-bot.ts';

/** A copy that is read and kept nowhere: the guard that the only member is copied before it goes. */
export const losingCopies: Replace = withWork((work) => {
  const { archiving } = work;
  if (archiving === undefined) throw new Error('a cluster without an archive proves nothing');
  const put: Archive['put'] = async ({ stream }) => {
    let bytes = 0;
    for await (const piece of stream) bytes += piece.length;
    return { name: 'nowhere.snapshot', bytes, digest: '0'.repeat(64) };
  };
  const { archive } = archiving;
  const losing: Archive = {
    put,
    list: (cluster) => archive.list(cluster),
    prune: async () => [],
    close: () => archive.close(),
  };
  return { ...work, archiving: { ...archiving, archive: losing } };
});

/** The plan is made to drain all the same: the guard that nothing is drained where nothing can go. */
export const drainingAnyway: Replace = (parts) => {
  const { journal } = parts;
  const append: Journal['append'] = (request) => {
    const events = request.events.map((event) =>
      event.kind === 'planned' ? { ...event, plan: withDrains(event.plan) } : event,
    );
    return journal.append({ ...request, events });
  };
  const draining = new Proxy(journal, {
    get: (target, key) => {
      const member: unknown = key === 'append' ? append : Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { ...parts, journal: draining };
};

/** The same plan, and every lane with a gate cordons and drains first. */
function withDrains(plan: Plan): Plan {
  const drained = (lane: Lane): Lane => {
    const [first] = lane.steps;
    if (lane.gate === null || first === undefined) return lane;
    const step = (kind: 'cordon' | 'drain' | 'uncordon', owes: string | null = null): Step => ({
      ...first,
      id: `${lane.id}-${kind}`,
      kind,
      params: {},
      owes,
    });
    const clearing = [step('cordon', `${lane.id}-uncordon`), step('drain')];
    return { ...lane, steps: [...clearing, ...lane.steps, step('uncordon')] };
  };
  const stages = plan.stages.map((stage) => ({ ...stage, lanes: stage.lanes.map(drained) }));
  return { ...plan, stages };
}
