// What the negative controls leave out of a blocked drain.
import { withAppend } from './journal-replaced.ts';
import { type Replace, withWork } from './replaced-bot.ts';

/** What one person asks for is written down as agreed to: the guard that what overrides a budget takes two. */
export const hasty: Replace = (parts) => ({
  ...parts,
  journal: withAppend(parts.journal, (event) =>
    event.kind === 'drain-proposed'
      ? { ...event, kind: 'drain-decided', pods: [], askedBy: event.user }
      : event,
  ),
});

/** Longer than any margin in which a pod may still go. */
const AGES_MS = 3_600_000;

/** Every pod that stops is said to be past its time: the guard that a slow pod is told from a stuck one. */
export const impatient: Replace = withWork((work) => ({
  ...work,
  workloads: {
    ...work.workloads,
    podsOn: async (node) =>
      (await work.workloads.podsOn(node)).map((pod) =>
        pod.deletingAt === null ? pod : { ...pod, graceMs: -AGES_MS },
      ),
  },
}));

/** Every pod counts as nobody's but its own: the guard that what comes back is told by its owner. */
export const forgettingOwners: Replace = withWork((work) => ({
  ...work,
  workloads: {
    ...work.workloads,
    podsOn: async (node) =>
      (await work.workloads.podsOn(node)).map((pod) => ({
        ...pod,
        workload: `${pod.namespace}/${pod.name}`,
      })),
  },
}));
