// What people read and press about nodes that were installed, or may be, and whose next restart is still to come.
import type { Button, KnownBlock } from '@slack/types';
import type { Rollout } from '../../rollout/rollout.ts';
import { type Unsettled, unsettledOf } from '../../rollout/unsettled.ts';
import { encodeArmed } from '../button-value.ts';
import { actions, button } from './blocks.ts';
import { code, joined, type Mrkdwn, mrkdwn } from './text.ts';

/** Nodes with a line and buttons each, and how many names one line has for all of them. */
const MAX_EACH = 5;
const MAX_NAMED = 60;

/** By name: nobody shall learn it from the next restart. A staged upgrade that was given up leaves many: then one line has them all. */
export function armedLines(rollout: Rollout): readonly Mrkdwn[] {
  const left = unsettledOf(rollout);
  return left.length <= MAX_EACH
    ? left.map(lineOf)
    : [...manyArmed(rollout, left), ...manyInDoubt(rollout, left)];
}

function lineOf(left: Unsettled): Mrkdwn {
  const node = code(left.node);
  switch (left.kind) {
    case 'armed':
      return mrkdwn`:warning: ${node} is armed: the new version is installed, and any restart boots it`;
    case 'install-in-doubt':
      return mrkdwn`:warning: ${node} has an installation in doubt: it may be armed, and then any restart boots ${left.version}`;
    case 'restart-in-doubt':
      return mrkdwn`:warning: a restart of ${node} was sent and not seen to end: look at it before anything else is asked of it. If it never came, ${left.version} still waits for one`;
  }
}

function manyArmed(rollout: Rollout, left: readonly Unsettled[]): readonly Mrkdwn[] {
  const names = left.filter(({ kind }) => kind === 'armed').map(({ node }) => node);
  if (names.length === 0) return [];
  return [
    mrkdwn`:warning: ${listed(names)} are armed: the new version is installed, and any restart boots it. Settle them one by one: ${command(rollout, 'finish')} or ${command(rollout, 'disarm')}`,
  ];
}

function manyInDoubt(rollout: Rollout, left: readonly Unsettled[]): readonly Mrkdwn[] {
  const names = left.filter(({ kind }) => kind !== 'armed').map(({ node }) => node);
  if (names.length === 0) return [];
  return [
    mrkdwn`:warning: ${listed(names)} in doubt: an installation or a restart was not seen to end, and any restart may boot the new version. Settle them one by one: ${command(rollout, 'finish')}`,
  ];
}

function listed(nodes: readonly string[]): Mrkdwn {
  const named = nodes.slice(0, MAX_NAMED).map((node) => code(node));
  const hidden = nodes.length - named.length;
  return mrkdwn`${joined(named, ' ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}

function command({ cluster }: Rollout, way: 'finish' | 'disarm', node = '<name>'): Mrkdwn {
  return code(`/talos ${way} ${cluster} node ${node}`);
}

/** While the rollout still has the cluster: what is in doubt, and how it is settled when nobody retries it. Armed nodes are its own to restart. */
export function doubtLines(rollout: Rollout): readonly Mrkdwn[] {
  return unsettledOf(rollout)
    .filter(({ kind }) => kind !== 'armed')
    .slice(0, MAX_EACH)
    .map(
      (left) =>
        mrkdwn`${lineOf(left)}. After an abort ${command(rollout, 'finish', left.node)} looks at it, and restarts it if it still waits`,
    );
}

/** Below a summary: one row for each such node, with the ways out of it. */
export function armedRows(rollout: Rollout): readonly (KnownBlock | null)[] {
  return armedButtons(rollout).map(({ node, buttons }) => actions(`armed:${node}`, buttons));
}

/** By node; empty where they are too many for buttons, and the commands are named instead. */
export function armedButtons(
  rollout: Rollout,
): readonly { readonly node: string; readonly buttons: readonly Button[] }[] {
  const left = rollout.phase.phase === 'finished' ? unsettledOf(rollout) : [];
  return left.length > MAX_EACH
    ? []
    : left.map((one) => ({ node: one.node, buttons: waysOut(rollout.cluster, one) }));
}

/** What is not known to wait there is not taken back: its other boot entry may be half written. */
function waysOut(cluster: string, { node, kind, disarms }: Unsettled): readonly Button[] {
  const value = encodeArmed({ cluster, node });
  const into = kind === 'armed' ? 'what was installed' : 'whatever it boots now';
  const finish = button({
    label: `Finish ${node}`,
    spoken: `Propose to restart ${node} in ${cluster} into ${into}`,
    action: 'armed:finish',
    value,
  });
  const disarm = button({
    label: `Disarm ${node}`,
    spoken: `Propose to restart ${node} in ${cluster} into what it runs now`,
    action: 'armed:disarm',
    value,
  });
  return disarms ? [finish, disarm] : [finish];
}
