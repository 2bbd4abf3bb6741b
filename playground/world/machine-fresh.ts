/** The state of a machine that has been running well for a while. */
import { freshBootloader } from './bootloader.ts';
import type { MachineState, Surroundings } from './machine-parts.ts';
import { type Random, uuid } from './random.ts';
import type { DrawnNode } from './settings.ts';

const UPTIME_MS = 9 * 86_400_000;

export function freshState(node: DrawnNode, { settings, clock }: Surroundings, random: Random): MachineState {
  const software = {
    version: settings.talosVersion,
    schematic: settings.schematic,
    platform: null,
    signed: settings.secureBoot,
  };
  return {
    bootloader: freshBootloader(node.bootloader, software),
    bootId: uuid(random),
    bootedAtMs: clock.now() - UPTIME_MS,
    stage: 'running',
    unmet: [],
    listening: true,
    apiServing: node.role === 'control-plane',
    upgradeTag: null,
    shownUpgradeTag: null,
    installing: false,
    staged: null,
    sequence: null,
    activity: null,
    cordonedByTalos: false,
  };
}
