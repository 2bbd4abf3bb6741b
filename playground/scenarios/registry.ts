// All scenarios, in the order in which they tell the story.
import { blocked, denied, rollback } from './endings.ts';
import { expiredCert } from './expired-cert.ts';
import { extensions } from './extensions.ts';
import { maintenance } from './maintenance.ts';
import { matrix } from './matrix.ts';
import type { Scenario, Series } from './scenario.ts';
import { staged } from './staged.ts';
import { endpointDies, halfOpen, leaderMoves, lostReply } from './troubles.ts';
import { crash, held, upgrade, upgradeLegacy } from './upgrades.ts';

export const SCENARIOS: readonly (Scenario | Series)[] = [
  upgrade,
  upgradeLegacy,
  denied,
  blocked,
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
];
