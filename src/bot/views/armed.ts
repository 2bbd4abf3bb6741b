// What people read and press about nodes that were installed and not restarted when a rollout ended.
import type { Button, KnownBlock } from '@slack/types';
import type { Rollout } from '../../rollout/rollout.ts';
import { nodesArmed } from '../../rollout/rollout.ts';
import { encodeArmed } from '../button-value.ts';
import { actions, button } from './blocks.ts';
import { code, joined, type Mrkdwn, mrkdwn } from './text.ts';

/** Armed nodes with a line and buttons each, and how many names one line has for all of them. */
const MAX_EACH = 5;
const MAX_NAMED = 60;

/** By name: nobody shall learn it from the next restart. A staged upgrade that was given up leaves many: then one line has them all. */
export function armedLines(rollout: Rollout): readonly Mrkdwn[] {
  const nodes = nodesArmed(rollout);
  if (nodes.length <= MAX_EACH) {
    return nodes.map(
      (node) =>
        mrkdwn`:warning: ${code(node)} is armed: the new version is installed, and any restart boots it`,
    );
  }
  const named = nodes.slice(0, MAX_NAMED).map((node) => code(node));
  const hidden = nodes.length - named.length;
  const more = hidden > 0 ? ` and ${hidden} more` : '';
  return [
    mrkdwn`:warning: ${joined(named, ' ')}${more} are armed: the new version is installed, and any restart boots it. Settle them one by one: ${code(`/talos finish ${rollout.cluster} node <name>`)} or ${code(`/talos disarm ${rollout.cluster} node <name>`)}`,
  ];
}

/** Below a summary: one row for each armed node, with both ways out of it. */
export function armedRows(rollout: Rollout): readonly (KnownBlock | null)[] {
  return armedButtons(rollout).map(({ node, buttons }) => actions(`armed:${node}`, buttons));
}

/** By node; empty where they are too many for buttons, and the commands are named instead. */
export function armedButtons(
  rollout: Rollout,
): readonly { readonly node: string; readonly buttons: readonly Button[] }[] {
  const nodes = rollout.phase.phase === 'finished' ? nodesArmed(rollout) : [];
  return nodes.length > MAX_EACH
    ? []
    : nodes.map((node) => ({ node, buttons: waysOut(rollout.cluster, node) }));
}

function waysOut(cluster: string, node: string): readonly Button[] {
  const value = encodeArmed({ cluster, node });
  return [
    button({
      label: `Finish ${node}`,
      spoken: `Propose to restart ${node} in ${cluster} into what was installed`,
      action: 'armed:finish',
      value,
    }),
    button({
      label: `Disarm ${node}`,
      spoken: `Propose to restart ${node} in ${cluster} into what it runs now`,
      action: 'armed:disarm',
      value,
    }),
  ];
}
