// What the negative controls leave out of who goes when: that nodes are judged together, and that a soak ends with a question.
import { type Replace, withWork } from './replaced-bot.ts';

/** Storage is said to hold nothing: the guard that a batch is judged again before each of its nodes is touched. */
export const blindToCopies: Replace = withWork((work) => {
  const { estate } = work;
  if (estate === undefined) throw new Error('a cluster of which nothing is asked proves nothing');
  return { ...work, estate: { ...estate, longhorn: async () => null } };
});

/** Nothing soaks: the guard that the others wait for what the canary shows. */
export const unsoaked: Replace = withWork((work) => ({
  ...work,
  policy: { ...work.policy, soak: { workersMs: 0, canaryMs: 0, stagesMs: 0 } },
}));
