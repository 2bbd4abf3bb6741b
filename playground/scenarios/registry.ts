// All scenarios, in the order in which they tell the story.
import { abortMidway } from './abort-midway.ts';
import { singleCp, singleNode } from './alone.ts';
import { askedAgain, controlPlaneFellBack, fellBack, neverReady } from './bad-returns.ts';
import { cel, otherUpgrader } from './between.ts';
import { canary } from './canary.ts';
import { pdbBlocked, pdbMended, podReturns, stuckTerminating } from './drains.ts';
import { blocked, denied, rollback } from './endings.ts';
import { expiredCert } from './expired-cert.ts';
import { extensions } from './extensions.ts';
import { argo, flux } from './gitops.ts';
import { journey } from './journey.ts';
import { killings } from './killed.ts';
import { maintenance } from './maintenance.ts';
import { matrix } from './matrix.ts';
import { override } from './override.ts';
import { parallelWorkers } from './parallel-workers.ts';
import { preflightZoo } from './preflight-zoo.ts';
import { frozenRedis, killRedis } from './redis-dies.ts';
import { replicasDie, replicasReplaced, twoReplicas } from './replicas.ts';
import type { Scenario, Series } from './scenario.ts';
import { secondReboot } from './second-reboot.ts';
import { slackOutage } from './slack-outage.ts';
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
  abortMidway,
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
  parallelWorkers,
  canary,
  pdbBlocked,
  pdbMended,
  stuckTerminating,
  podReturns,
  singleCp,
  singleNode,
  ...killings,
  twoReplicas,
  replicasDie,
  replicasReplaced,
  killRedis,
  frozenRedis,
  neverReady,
  fellBack,
  controlPlaneFellBack,
  askedAgain,
  secondReboot,
  slackOutage,
];
