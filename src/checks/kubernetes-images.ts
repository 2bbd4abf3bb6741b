// The check on the Kubernetes that the machines run and are configured for: the Talos asked for must take it.
import { COMPATIBILITY, rowOf, runsKubernetes, type TalosRow } from '../cluster/compatibility.ts';
import type { ImageAsked } from '../cluster/image.ts';
import type { ComponentImage, Inspection, Told } from '../cluster/inspection.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { minorOf, parseVersion } from '../cluster/version.ts';
import { type Finding, summed } from './finding.ts';
import { perInspection, type Trouble } from './inspected.ts';

const CHECK = 'kubernetes-images';

/**
 * Expects every image of Kubernetes that a machine runs or names in its configuration to be one that the target takes: from 1.11 on
 * its installer refuses others, and Talos refuses the configuration at every boot (talos-api.md 7). Of a minor that the table
 * does not know, the check on versions says so.
 */
export function kubernetesFits(
  snapshot: Snapshot,
  { target, compatibility = COMPATIBILITY }: Pick<ImageAsked, 'target' | 'compatibility'>,
): readonly Finding[] {
  const row = parseVersion(target) === null ? null : rowOf(compatibility, minorOf(target));
  if (row === null) {
    const sentence = `Nobody can say which Kubernetes Talos ${target} takes.`;
    return [{ check: CHECK, level: 'skipped', subject: 'cluster', sentence, advice: null }];
  }
  const judge = (images: readonly ComponentImage[], { name }: { readonly name: string }) =>
    images.flatMap((image) => misfits(image, name, { row, target }));
  const about = (what: string, pick: (inspection: Inspection) => Told<readonly ComponentImage[]>) =>
    perInspection(snapshot, { check: CHECK, what, pick }, judge);
  const troubles = [
    ...about('which kubelet it runs', ({ kubelet }) =>
      kubelet.kind === 'said' ? { kind: 'said', value: [kubelet.value] } : kubelet,
    ),
    ...about('which control plane it runs', ({ controlPlane }) => controlPlane),
    ...about('its configuration', ({ config }) =>
      config.kind === 'said' ? { kind: 'said', value: config.value.images } : config,
    ),
  ];
  const distinct = [...new Map(troubles.map((one) => [`${one.subject} ${one.sentence}`, one])).values()];
  const { from, to } = row.kubernetes;
  return summed(CHECK, distinct, `Talos ${target} takes the Kubernetes that runs (${from} to ${to}).`);
}

function misfits(
  { component, image }: ComponentImage,
  node: string,
  { row, target }: { readonly row: TalosRow; readonly target: string },
): readonly Trouble[] {
  const version = versionIn(image);
  if (version === null) {
    const sentence = `${node} runs ${component} from ${image}, whose tag is no version.`;
    const advice = `Name it by a tag with its version, Kubernetes ${row.kubernetes.from} to ${row.kubernetes.to}; a digest may stand behind the tag.`;
    return [{ level: 'unknown', sentence, advice }];
  }
  if (runsKubernetes(row, minorOf(version))) return [];
  const { from, to } = row.kubernetes;
  const sentence = `${node} is made for ${component} ${version}, and Talos ${target} takes Kubernetes ${from} to ${to}.`;
  return [{ level: 'blocker', sentence, advice: 'Upgrade Kubernetes to a version that both take first.' }];
}

/** After the last `:v`, cut at `@` (talos-api.md 6.2); null for an image named by its digest only, or by another tag. */
function versionIn(image: string): string | null {
  const [, tag = ''] = /:(v[^:@/]+)(?:@|$)/.exec(image) ?? [];
  return parseVersion(tag);
}
