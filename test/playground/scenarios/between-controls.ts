// What the negative controls leave out of what is asked between two nodes.
import { type Replace, withWork } from './replaced-bot.ts';

/** Every health check is said to hold: the guard that they are asked about between two nodes. */
export const unworried: Replace = withWork((work) => {
  const { estate } = work;
  if (estate === undefined) throw new Error('a cluster of which nothing is asked proves nothing');
  return { ...work, estate: { ...estate, health: async () => [] } };
});

/** Surveys for plans in this scenario: the one that is stopped, and the one that is started. */
const PLANS = 2;

/** Others at work are only seen while plans are made: the guard that they are looked for between two nodes. */
export const lookingOnce: Replace = withWork((work) => {
  const { estate } = work;
  if (estate === undefined) throw new Error('a cluster of which nothing is asked proves nothing');
  let asked = 0;
  return {
    ...work,
    estate: {
      ...estate,
      otherUpgraders: async (signal) => {
        asked += 1;
        return asked <= PLANS ? estate.otherUpgraders(signal) : [];
      },
    },
  };
});
