// From a step's kind to the code that does it.
import type { StepKind } from '../../rollout/step.ts';
import { backup } from './backup.ts';
import { reboot, rollback, upgradeLegacy } from './departures.ts';
import type { StepFactory, SubjectFactory } from './doer.ts';
import { drain } from './drain.ts';
import { install } from './install.ts';
import { cordon, forfeit, pull, uncordon } from './node-steps.ts';
import { comeBack } from './return.ts';
import { snapshot } from './snapshot.ts';
import { soak } from './soak.ts';
import { resume, suspend } from './suspend.ts';

/** Kinds that are about no node. */
type SubjectKind = 'backup' | 'suspend' | 'soak' | 'resume';
type NodeKind = Exclude<StepKind, SubjectKind>;

export const SUBJECT_DOERS: Readonly<Record<SubjectKind, SubjectFactory>> = {
  backup,
  suspend,
  soak,
  resume,
};

export function isAboutNode(kind: StepKind): kind is NodeKind {
  return !Object.hasOwn(SUBJECT_DOERS, kind);
}

export const DOERS: Readonly<Record<NodeKind, StepFactory>> = {
  pull,
  snapshot,
  cordon,
  drain,
  install,
  forfeit,
  reboot,
  'upgrade-legacy': upgradeLegacy,
  rollback,
  return: comeBack,
  uncordon,
};
