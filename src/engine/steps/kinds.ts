// From a step's kind to the code that does it.
import type { StepKind } from '../../rollout/step.ts';
import { reboot, rollback, upgradeLegacy } from './departures.ts';
import type { StepFactory } from './doer.ts';
import { drain } from './drain.ts';
import { install } from './install.ts';
import { cordon, forfeit, pull, uncordon } from './node-steps.ts';
import { comeBack } from './return.ts';
import { snapshot } from './snapshot.ts';

export const DOERS: Readonly<Record<StepKind, StepFactory>> = {
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
