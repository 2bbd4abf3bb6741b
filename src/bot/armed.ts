// "Finish" and "Disarm" below a summary: ask for the restart of an armed node as the typed commands do.
import { refuse } from '../rollout/intent.ts';
import { decodeArmed } from './button-value.ts';
import type { Press } from './buttons.ts';
import type { CommandParts } from './command-parts.ts';
import { askedFor, wishOf } from './commands.ts';
import type { Onward } from './journey.ts';
import type { Ear } from './private.ts';
import type { Message } from './views/blocks.ts';
import { refusalMessage } from './views/refusal.ts';

/** Whether it still is armed is looked at afresh, however old the button. Who may not ask hears so at once. */
export function settleArmed(parts: CommandParts, pressed: Press, ear: Ear): Onward | Message {
  const value = decodeArmed(pressed.value);
  const kind = commandOf(pressed.action);
  if (value === null || kind === null) {
    const sentence =
      'This button is from another version of me. Ask with `/talos finish` or `/talos disarm`.';
    return refusalMessage(refuse('bad-input', sentence));
  }
  if (!parts.clusters.some(({ name }) => name === value.cluster)) {
    const sentence = `No cluster is called ${value.cluster} any more.`;
    return refusalMessage(refuse('unknown-cluster', sentence));
  }
  const around = { clusters: parts.clusters, channel: pressed.channel ?? '' };
  return askedFor(parts, wishOf({ kind, ...value }), { ear, around, delivery: pressed.delivery });
}

/** The command that a button stands for. The App Home puts the cluster and the node behind, so that every button has an action of its own. */
function commandOf(action: string): 'finish' | 'disarm' | null {
  const [, name] = action.split(':');
  return name === 'finish' || name === 'disarm' ? name : null;
}
