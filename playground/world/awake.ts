/** The first moment of a boot: a new boot id, the default entry, and nothing left of what was in memory. */
import { bootedDefault } from './bootloader.ts';
import type { UnmetCondition } from './event.ts';
import type { MachineParts } from './machine-parts.ts';
import { uuid } from './random.ts';
import { linuxVersion } from './remembered-boot.ts';

/** What a machine that has just booted still waits for. */
export const BOOTING_UNMET: readonly UnmetCondition[] = [
  { name: 'services', reason: 'kubelet not healthy' },
  { name: 'nodeReady', reason: 'node is not ready' },
];

export function awake(parts: MachineParts): void {
  const { state, events, log, clock, random, images } = parts;
  state.bootloader = bootedDefault(state.bootloader);
  state.bootId = uuid(random);
  state.bootedAtMs = clock.now();
  state.shownUpgradeTag = state.upgradeTag;
  state.unmet = BOOTING_UNMET;
  events.clear();
  log.clear();
  images.forgetInMemory();
  log.dmesg(linuxVersion(parts));
}
