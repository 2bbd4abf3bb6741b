// All scenarios, in the order in which they tell the story.
import { singleCp, singleNode } from './alone.ts';
import { cel, otherUpgrader } from './between.ts';
import { blocked, denied, rollback } from './endings.ts';
import { expiredCert } from './expired-cert.ts';
import { extensions } from './extensions.ts';
import { argo, flux } from './gitops.ts';
import { journey } from './journey.ts';
import { maintenance } from './maintenance.ts';
import { matrix } from './matrix.ts';
import { override } from './override.ts';
import { preflightZoo } from './preflight-zoo.ts';
import type { Scenario, Series } from './scenario.ts';
import { staged } from './staged.ts';
import { endpointDies, halfOpen, leaderMoves, lostReply } from './troubles.ts';
import { crash, held, upgrade, upgradeLegacy } from './upgrades.ts';
import { velero } from './velero.ts';

export const SCENARIOS: readonly (Scenario | Series)[] = [
  upgrade,
  upgradeLegacy,
  denied,
  blocked,
  override,
  held,
  crash,
  rollback,
  extensions,
  staged,
  lostReply,
  halfOpen,
  endpointDies,
  leaderMoves,
  expiredCert,
  matrix,
  maintenance,
  preflightZoo,
  cel,
  otherUpgrader,
  velero,
  flux,
  argo,
  journey,
  singleCp,
  singleNode,
];
