// Checks on the machines' configurations: what of them an upgrade would change, ignore or take for another disk.

import { said } from '../cluster/answer.ts';
import type { ImageAsked } from '../cluster/image.ts';
import {
  type ComponentImage,
  type Inspection,
  type MachineConfigView,
  told,
  untold,
} from '../cluster/inspection.ts';
import type { NodeSnapshot, Snapshot } from '../cluster/snapshot.ts';
import { methodFor, parseVersion, sameVersion } from '../cluster/version.ts';
import { type Finding, summed } from './finding.ts';
import { perInspection, type Trouble } from './inspected.ts';

const CONFIG = 'its configuration';

/** Where each component's image is pinned. kube-proxy is not among them: its DaemonSet is made once and not changed by Talos. */
const KEYS: ReadonlyMap<string, readonly [key: string, document: string]> = new Map([
  ['kubelet', ['machine.kubelet.image', 'KubeletConfig']],
  ['kube-apiserver', ['cluster.apiServer.image', 'KubeAPIServerConfig']],
  ['kube-controller-manager', ['cluster.controllerManager.image', 'KubeControllerManagerConfig']],
  ['kube-scheduler', ['cluster.scheduler.image', 'KubeSchedulerConfig']],
]);

/**
 * Expects every image of Kubernetes to be named in the configuration: one that is not is the default of the Talos that runs, so
 * that Kubernetes would change together with the operating system, node by node (kubernetes.md 5, failure 9).
 */
export function imagesArePinned(
  snapshot: Snapshot,
  { target }: Pick<ImageAsked, 'target'>,
): readonly Finding[] {
  const about = { check: 'unpinned-images', what: CONFIG } as const;
  const troubles = perInspection(snapshot, { ...about, pick: ({ config }) => config }, (config, node) =>
    isKept(node, target)
      ? []
      : [...unpinned(config, node).map((one) => loose(one, node, target)), ...unseen(config, node)],
  );
  return summed(about.check, troubles, 'Every configuration that tells names the images of Kubernetes.');
}

/** The same Talos brings the same defaults. */
function isKept({ machine }: NodeSnapshot, target: string): boolean {
  const version = said(machine)?.version ?? '';
  return parseVersion(version) !== null && parseVersion(target) !== null && sameVersion(version, target);
}

function unpinned({ images }: MachineConfigView, { inspection }: NodeSnapshot): readonly ComponentImage[] {
  return running(said(inspection)).filter(
    ({ component }) => KEYS.has(component) && !images.some((pinned) => pinned.component === component),
  );
}

/** An image that the configuration does not name and of which the machine did not tell either: it may be any. */
function unseen({ images }: MachineConfigView, { name, role, inspection }: NodeSnapshot): readonly Trouble[] {
  const answered = said(inspection);
  if (answered === null) return [];
  const wanted = [...KEYS.keys()].filter((component) => !images.some((one) => one.component === component));
  const silences = wanted.flatMap((component): Trouble[] => {
    if (component !== 'kubelet' && role === 'worker') return [];
    const why = untold(component === 'kubelet' ? answered.kubelet : answered.controlPlane);
    if (why === null) return [];
    const sentence = `The configuration of ${name} names no image for ${component}, and ${name} did not tell which it runs: ${why}`;
    const [key] = KEYS.get(component) ?? [component];
    return [{ level: 'unknown', sentence, advice: `Pin it (\`${key}\`), or ask again.` }];
  });
  return silences;
}

function running(inspection: Inspection | null): readonly ComponentImage[] {
  if (inspection === null) return [];
  const kubelet = told(inspection.kubelet);
  return [...(kubelet === null ? [] : [kubelet]), ...(told(inspection.controlPlane) ?? [])];
}

function loose({ component, image }: ComponentImage, { name }: NodeSnapshot, target: string): Trouble {
  const sentence = `The configuration of ${name} names no image for ${component}: with ${target} Talos would run its own default instead of ${image}.`;
  const [key, document] = KEYS.get(component) ?? [component, component];
  const advice = `Pin what runs first: \`${key}: ${image}\` in its configuration, or \`image\` in its document ${document}.`;
  return { level: 'blocker', sentence, advice };
}

/** Such a name is a link to whichever disk: it cannot be compared. */
const LINKS = '/dev/disk/';

/** Warns when a machine runs from another disk than its configuration names. */
export function disksAgree(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'install-disk', what: CONFIG } as const;
  const troubles = perInspection(
    snapshot,
    { ...about, pick: ({ config }) => config },
    ({ installDisk }, { name, inspection }) => {
      const answered = said(inspection);
      if (answered === null || installDisk === null || installDisk.startsWith(LINKS)) return [];
      const why = untold(answered.systemDisk);
      if (why !== null) return [untoldTrouble(`${name} did not tell which disk it runs from: ${why}`)];
      const disk = told(answered.systemDisk);
      if (disk === null || installDisk === disk) return [];
      const sentence = `${name} runs from ${disk}, and its configuration would install it on ${installDisk}.`;
      const advice = 'An upgrade goes to the disk it runs from; correct `machine.install.disk` all the same.';
      return [{ level: 'warning', sentence, advice }];
    },
  );
  return summed(about.check, troubles, 'Every machine that tells runs from the disk in its configuration.');
}

/** Warns about kernel arguments in a configuration that the upgrade will not apply (kubernetes.md 5, failure 31). */
export function argumentsApply(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'kernel-arguments', what: CONFIG } as const;
  const troubles = perInspection(snapshot, { ...about, pick: ({ config }) => config }, (config, node) => {
    if (config.kernelArguments.length === 0) return [];
    const silence = bootUntold(node);
    if (silence !== null && !config.grubUsesImage)
      return [untoldTrouble(`${node.name} did not tell how it boots: ${silence}`)];
    const why = ignored(config, node);
    if (why === null) return [];
    const names = config.kernelArguments.join(', ');
    const sentence = `The kernel arguments in the configuration of ${node.name} (${names}) are not applied: ${why}.`;
    const advice = 'Put them into a schematic (`customization.extraKernelArgs`) and upgrade with that.';
    return [{ level: 'warning', sentence, advice }];
  });
  return summed(about.check, troubles, 'No configuration names kernel arguments that an upgrade leaves out.');
}

function bootUntold({ inspection }: NodeSnapshot): string | null {
  const answered = said(inspection);
  return answered === null ? null : untold(answered.bootedEntry);
}

function untoldTrouble(sentence: string): Trouble {
  return { level: 'unknown', sentence, advice: 'Ask again; if it stays silent, look at the machine.' };
}

/** Why an upgrade leaves them out; null when it does not. */
function ignored({ grubUsesImage }: MachineConfigView, node: NodeSnapshot): string | null {
  const answered = said(node.inspection);
  if (answered !== null && told(answered.bootedEntry) !== null)
    return 'it boots a unified image, which has its own';
  if (grubUsesImage) return 'its GRUB takes those of the image (`grubUseUKICmdline`)';
  const version = said(node.machine)?.version ?? '';
  if (parseVersion(version) === null || methodFor(version) === 'legacy') return null;
  return 'from 1.13 on the installer does not get them';
}
