// All scenarios, in the order in which they tell the story.
import { abortMidway } from './abort-midway.ts';
import { singleCp, singleNode } from './alone.ts';
import { fellBack, neverReady } from './bad-returns.ts';
import { cel, otherUpgrader } from './between.ts';
import { canary } from './canary.ts';
import { pdbBlocked, podReturns, stuckTerminating } from './drains.ts';
import { blocked, denied, rollback } from './endings.ts';
import { expiredCert } from './expired-cert.ts';
import { extensions } from './extensions.ts';
import { argo, flux } from './gitops.ts';
import { journey } from './journey.ts';
import { killWorker } from './killed.ts';
import { maintenance } from './maintenance.ts';
import { matrix } from './matrix.ts';
import { override } from './override.ts';
import { parallelWorkers } from './parallel-workers.ts';
import { preflightZoo } from './preflight-zoo.ts';
import { killRedis } from './redis-dies.ts';
import { twoReplicas } from './replicas.ts';
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
  stuckTerminating,
  podReturns,
  singleCp,
  singleNode,
  killWorker,
  twoReplicas,
  killRedis,
  neverReady,
  fellBack,
  secondReboot,
  slackOutage,
];
