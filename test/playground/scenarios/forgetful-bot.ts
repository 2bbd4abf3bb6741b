// A bot that forgets what was begun, and what is already so: what the control of `crash` starts after the kill.
import { startBotProcess } from '../../../playground/bot-process.ts';
import type { Launch } from './control.ts';
import { bound } from './journal-replaced.ts';
import { seenAs } from './machines-replaced.ts';
import { launchReplaced, type Replace } from './replaced-bot.ts';

/**
 * A reboot that was begun is said never to have been sent, and what runs is not looked at: the guards that a begun act is observed and that
 * nothing is done that is already so.
 */
export function forgetful(): Launch {
  let starts = 0;
  return async (settings) => {
    starts += 1;
    return starts === 1
      ? startBotProcess(settings)
      : launchReplaced((parts) => withdrawing(seenAs({ version: 'v1.13.4' })(parts)))(settings);
  };
}

const withdrawing: Replace = (parts) => ({
  ...parts,
  journal: {
    ...bound(parts.journal),
    take: async (cluster, rollout, owner) => {
      const entries = await parts.journal.read(cluster, rollout);
      const last = entries.at(-1)?.event;
      if (last?.kind === 'step-begun' && last.step.endsWith('-reboot')) {
        await parts.journal.append({
          cluster,
          rollout,
          expect: entries.length,
          events: [{ kind: 'step-withdrawn', step: last.step, why: 'forged' }],
          by: { kind: 'driver', name: 'forger' },
        });
      }
      return parts.journal.take(cluster, rollout, owner);
    },
  },
});
