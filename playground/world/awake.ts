/** The first moment of a boot: a new boot id, the default entry, and nothing left of what was in memory. */
import { bootedDefault } from './bootloader.ts';
import type { UnmetCondition } from './event.ts';
import type { MachineParts } from './machine-parts.ts';
import { uuid } from './random.ts';
import { linuxVersion } from './remembered-boot.ts';
import type { DrawnNode } from './settings.ts';

/** What a machine that has just booted still waits for, in Talos's words (its `MachineStatusController`). */
export function bootingUnmet(node: string): readonly UnmetCondition[] {
  return [
    { name: 'services', reason: 'kubelet not healthy' },
    { name: 'nodeReady', reason: `node "${node}" is not ready` },
  ];
}

/** What one that runs waits for last: only the control plane has static pods of its own. */
export function runningUnmet({ name, role }: DrawnNode): readonly UnmetCondition[] {
  return role === 'control-plane'
    ? [{ name: 'staticPods', reason: `kube-system/kube-apiserver-${name} not ready` }]
    : [{ name: 'nodeReady', reason: `node "${name}" is not ready` }];
}

export function awake(parts: MachineParts): void {
  const { state, events, log, clock, random, images } = parts;
  state.bootloader = bootedDefault(state.bootloader);
  state.bootId = uuid(random);
  state.bootedAtMs = clock.now();
  state.shownUpgradeTag = state.upgradeTag;
  state.unmet = bootingUnmet(parts.node.name);
  events.clear();
  log.clear();
  images.forgetInMemory();
  log.dmesg(linuxVersion(parts));
}
