// The bot without what makes Slack only a window: what could not be posted counts as posted.
import { withThreads } from '../../builders/changed-threads.ts';
import type { Replace } from './replaced-bot.ts';

/** "About to be posted" is written down as "posted": the guard that an answer is waited for, and posted again without one. */
export const resigned: Replace = (parts) => {
  const { threads } = parts;
  return {
    ...parts,
    threads: withThreads(threads, {
      setSlot: async (cluster, rollout, slot, state) => {
        // What was not sent is forgotten then, and forgetting is left out as well.
        if (state === null) return;
        const posted = { kind: 'posted', ts: '1.000000', hash: '' } as const;
        await threads.setSlot(
          cluster,
          rollout,
          slot,
          state.kind === 'posting' && slot !== 'card' ? posted : state,
        );
      },
    }),
  };
};
