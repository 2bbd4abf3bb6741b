// The words for where a node stands: while a step is in hand, behind it, and where nothing is being done.
import type { StepKind } from '../../rollout/step.ts';

export type NodeState =
  | 'waiting'
  | 'needs approval'
  | 'pulling'
  | 'copying etcd'
  | 'backing up'
  | 'suspending'
  | 'resuming'
  | 'draining'
  | 'installing'
  | 'etcd copied'
  | 'backed up'
  | 'suspended'
  | 'resumed'
  | 'cordoned'
  | 'drained'
  | 'installed'
  | 'leadership handed over'
  | 'armed'
  | 'in doubt'
  | 'handing over leadership'
  | 'rebooting'
  | 'coming back'
  | 'back'
  | 'away'
  | 'soaking'
  | 'soaked'
  | 'done'
  | 'held'
  | 'skipped'
  | 'left as it was';

/** While it is in hand. */
export const WORDS: Readonly<Record<StepKind, NodeState>> = {
  pull: 'pulling',
  snapshot: 'copying etcd',
  backup: 'backing up',
  suspend: 'suspending',
  cordon: 'draining',
  drain: 'draining',
  install: 'installing',
  forfeit: 'handing over leadership',
  reboot: 'rebooting',
  'upgrade-legacy': 'rebooting',
  rollback: 'rebooting',
  return: 'coming back',
  uncordon: 'back',
  // It begins when its time is over and what must hold then holds.
  soak: 'soaked',
  resume: 'resuming',
};

/** What the last step left behind, where nothing follows it for now. */
export const LEFT: Readonly<Record<StepKind, NodeState>> = {
  pull: 'waiting',
  snapshot: 'etcd copied',
  backup: 'backed up',
  suspend: 'suspended',
  cordon: 'cordoned',
  drain: 'drained',
  install: 'installed',
  forfeit: 'leadership handed over',
  reboot: 'away',
  'upgrade-legacy': 'away',
  rollback: 'away',
  return: 'back',
  uncordon: 'back',
  soak: 'soaked',
  resume: 'resumed',
};

/** Words for a node to which nothing is being done. */
export const IDLE: readonly NodeState[] = [
  'waiting',
  'armed',
  'in doubt',
  'away',
  'needs approval',
  'done',
  'skipped',
  'left as it was',
  'held',
];
