// All scenarios, in the order in which they tell the story.
import { blocked, denied, rollback } from './endings.ts';
import { extensions } from './extensions.ts';
import type { Scenario } from './scenario.ts';
import { endpointDies, halfOpen, leaderMoves, lostReply } from './troubles.ts';
import { crash, held, upgrade, upgradeLegacy } from './upgrades.ts';

export const SCENARIOS: readonly Scenario[] = [
  upgrade,
  upgradeLegacy,
  denied,
  blocked,
  held,
  crash,
  rollback,
  extensions,
  lostReply,
  halfOpen,
  endpointDies,
  leaderMoves,
];
