// What a simulated machine tells when it is inspected, in the words of the engine.
import type { ComponentImage, Inspection, MachineConfigView, Told } from '../../src/cluster/inspection.ts';
import { since } from '../world/compatibility.ts';
import { DEFAULT_SCHEMATIC } from '../world/image.ts';
import type { Machine } from '../world/machine.ts';
import type { Upkeep } from '../world/upkeep.ts';
import type { World } from '../world/world.ts';

/** As the real adapter finds it in the resources that playground/cluster/cosi-*.ts serve. */
export function inspectionOf(machine: Machine, { settings }: World): Inspection {
  const { version, node } = machine;
  const { shownUpgradeTag, bootloader } = machine.parts.state;
  const { upkeep } = machine.parts.knobs;
  const { kubernetesVersion, clusterEndpoint, talosVersion } = settings;
  const image = (component: string): ComponentImage => ({
    component,
    image: `${component === 'kubelet' ? 'ghcr.io/siderolabs' : 'registry.k8s.io'}/${component}:${kubernetesVersion}`,
  });
  const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(image);
  const from = <T>(minor: string, value: T | null): Told<T> => {
    if (!since(version, minor)) return { kind: 'unsupported' };
    return value === null ? { kind: 'absent' } : { kind: 'said', value };
  };
  const troubles = machine.services().filter(({ state, healthy }) => state !== 'Finished' && !healthy);
  const sick = troubles.some(({ id }) => id === 'kubelet') && machine.status().stage === 'running';
  return {
    secureBoot: from('1.5', settings.secureBoot),
    fallback: from('1.4', shownUpgradeTag),
    bootedEntry: from('1.11', bootloader.kind === 'grub' ? null : bootloader.booted.label),
    nodename: { kind: 'said', value: node.name },
    systemDisk: from('1.8', upkeep.systemDisk),
    time: { kind: 'said', value: { synced: upkeep.timeSynced, syncDisabled: false } },
    room: { kind: 'said', value: { sizeBytes: upkeep.roomBytes, freeBytes: upkeep.freeBytes } },
    siderolink: from(
      '1.8',
      upkeep.siderolinkHost === null ? null : { host: upkeep.siderolinkHost, connected: true },
    ),
    diagnostics: from('1.8', sick ? [UNSIGNED_KUBELET] : []),
    services: {
      kind: 'said',
      value: troubles.map(({ id, state, message }) => ({ id, state, message })),
    },
    volumes: from('1.8', VOLUMES),
    kubelet: { kind: 'said', value: image('kubelet') },
    controlPlane: { kind: 'said', value: node.role === 'control-plane' ? components : [] },
    config: {
      kind: 'said',
      value: {
        ...installOf(talosVersion, upkeep, settings.platform),
        kernelArguments: upkeep.kernelArguments.map((argument) => argument.split('=')[0] ?? ''),
        grubUsesImage: false,
        etcdQuotaBytes: null,
        endpoint: new URL(clusterEndpoint).origin,
        images: [image('kubelet'), ...components].filter(
          ({ component }) => !upkeep.unpinned.includes(component),
        ),
      },
    },
  };
}

/** From 1.14 on a configuration selects the disk and names an image of the factory, unless it has kernel arguments of its own. */
function installOf(
  talosVersion: string,
  { installDisk, kernelArguments }: Upkeep,
  platform: string,
): Pick<MachineConfigView, 'installDisk' | 'installImage'> {
  if (!since(talosVersion, '1.14') || kernelArguments.length > 0)
    return { installDisk, installImage: `ghcr.io/siderolabs/installer:${talosVersion}` };
  const installImage = `factory.talos.dev/${platform}-installer/${DEFAULT_SCHEMATIC}:${talosVersion}`;
  return { installDisk: null, installImage };
}

/** Of a machine that answers to nothing. */
export function silentInspection(why: string): Inspection {
  const silent = { kind: 'silent', why } as const;
  return {
    secureBoot: silent,
    fallback: silent,
    bootedEntry: silent,
    systemDisk: silent,
    time: silent,
    room: silent,
    siderolink: silent,
    nodename: silent,
    diagnostics: silent,
    services: silent,
    volumes: silent,
    kubelet: silent,
    controlPlane: silent,
    config: silent,
  };
}

const UNSIGNED_KUBELET = {
  id: 'kubelet-csr',
  message: 'kubelet server certificate rotation is enabled, but CSR is not approved',
  details: [],
};
const GIB = 2 ** 30;
const VOLUMES = (
  [
    ['EPHEMERAL', 96 * GIB],
    ['STATE', GIB],
  ] as const
).map(([id, sizeBytes]) => ({ id, phase: 'ready', error: '', sizeBytes }) as const);
